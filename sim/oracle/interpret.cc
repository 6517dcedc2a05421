// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/interpret.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <string_view>

#include "engine/commands/command.h"
#include "sim/client/key_space.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;

struct Call {
  std::span<const Bytes> args;
  const Reply* reply;  // null: none
  Interpretation& out;

  [[nodiscard]] bool answered() const { return reply != nullptr && !reply->IsError(); }

  // Of a write. An error of a command over several keys may concern some of them only, but for the
  // one that is told before anything else.
  [[nodiscard]] Fate fate(bool several = false) const {
    if (answered()) return Fate::kAcknowledged;
    const bool refused = reply != nullptr && PromisesNoChange(reply->text) &&
                         (!several || reply->text.starts_with("NOORDER "));
    return refused ? Fate::kRefused : Fate::kUnknown;
  }

  void Add(Effect effect) const { out.effects.push_back(std::move(effect)); }
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The value of a reply that is one, or nil.
bool IsValue(const Reply& reply) {
  return reply.kind == ReplyKind::kBulk || reply.kind == ReplyKind::kNull;
}
std::optional<Bytes> ValueOf(const Reply& reply) {
  if (reply.kind != ReplyKind::kBulk) return std::nullopt;
  return reply.text;
}

void AddRead(const Call& call, const Bytes& key, std::optional<Bytes> field, const Reply& reply) {
  if (!IsValue(reply)) return;
  call.Add({key, std::move(field), Act::kRead, Fate::kAcknowledged, ValueOf(reply), 0});
}

void Get(const Call& call) {
  if (call.answered()) AddRead(call, call.args[1], std::nullopt, *call.reply);
}
void HashGet(const Call& call) {
  if (call.answered()) AddRead(call, call.args[1], call.args[2], *call.reply);
}
void MultiGet(const Call& call) {
  if (!call.answered() || call.reply->elements.size() + 1 != call.args.size()) return;
  for (size_t i = 1; i < call.args.size(); ++i) {
    AddRead(call, call.args[i], std::nullopt, call.reply->elements[i - 1]);
  }
}
void HashMultiGet(const Call& call) {
  if (!call.answered() || call.reply->elements.size() + 2 != call.args.size()) return;
  for (size_t i = 2; i < call.args.size(); ++i) {
    AddRead(call, call.args[1], call.args[i], call.reply->elements[i - 2]);
  }
}
// Fields that are there; which are not is left to HGET.
void HashGetAll(const Call& call) {
  if (!call.answered() || call.reply->elements.size() % 2 != 0) return;
  for (size_t i = 0; i < call.reply->elements.size(); i += 2) {
    AddRead(call, call.args[1], call.reply->elements[i].text, call.reply->elements[i + 1]);
  }
}

// A deadline may delete the key at any later time: a deletion that is never over.
void AddDeadline(const Call& call, const Bytes& key) {
  if (call.fate() == Fate::kRefused) return;
  const bool decided = call.fate() == Fate::kAcknowledged;
  call.Add({key, std::nullopt, Act::kDelete, Fate::kUnknown, std::nullopt, 0, decided});
}

void Write(const Call& call, const Bytes& key, const Bytes& value, Fate fate) {
  call.Add({key, std::nullopt, Act::kWrite, fate, value, 0});
}

void Set(const Call& call) {
  bool conditional = false;
  bool gets = false;
  bool deadline = false;
  for (size_t i = 3; i < call.args.size(); ++i) {
    const std::string option = Lower(call.args[i]);
    conditional |= option == "nx" || option == "xx";
    gets |= option == "get";
    if (option == "ex" || option == "px" || option == "exat" || option == "pxat") {
      deadline = true;
      ++i;
    }
  }
  Fate fate = call.fate();
  if (conditional && call.answered()) {
    // Nil says that the condition failed, unless GET replaced the answer by the old value.
    if (gets)
      fate = Fate::kUnknown;
    else if (call.reply->kind == ReplyKind::kNull)
      fate = Fate::kRefused;
  }
  if (gets) Get(call);
  Write(call, call.args[1], call.args[2], fate);
  if (deadline && fate != Fate::kRefused) AddDeadline(call, call.args[1]);
}
void SetIfAbsent(const Call& call) {
  const bool lost = call.answered() && call.reply->integer == 0;
  Write(call, call.args[1], call.args[2], lost ? Fate::kRefused : call.fate());
}
void SetWithDeadline(const Call& call) {
  Write(call, call.args[1], call.args[3], call.fate());
  AddDeadline(call, call.args[1]);
}
void GetSet(const Call& call) {
  Get(call);
  Write(call, call.args[1], call.args[2], call.fate());
}
void MultiSet(const Call& call) {
  for (size_t i = 1; i + 1 < call.args.size(); i += 2) {
    Write(call, call.args[i], call.args[i + 1], call.fate(call.args.size() > 3));
  }
}

void Join(const Call& call, Says says, std::vector<Bytes> keys) {
  if (!call.answered()) return;
  call.out.joined =
      Joined{says, {call.args.begin(), call.args.end()}, std::move(keys), *call.reply};
}

// All or none. It may have asked only, if it was not answered.
void MultiSetIfAbsent(const Call& call) {
  const bool held = call.answered() && call.reply->integer == 0;
  const Fate fate = held ? Fate::kRefused : call.fate(call.args.size() > 3);
  std::vector<Bytes> keys;
  for (size_t i = 1; i + 1 < call.args.size(); i += 2) {
    Write(call, call.args[i], call.args[i + 1], fate);
    keys.push_back(call.args[i]);
  }
  Join(call, Says::kAbsent, std::move(keys));
}

// What is not there for the level in force is not deleted: the answer counts what was, and where it
// counts some of those named it does not say which.
Fate DeletionFate(const Call& call, size_t named, bool several_keys) {
  const Fate fate = call.fate(several_keys);
  if (!call.answered() || call.reply->kind != ReplyKind::kInteger) return fate;
  if (call.reply->integer == 0) return Fate::kRefused;
  return call.reply->integer < static_cast<int64_t>(named) ? Fate::kUnknown : fate;
}

void Delete(const Call& call) {
  const Fate fate = DeletionFate(call, call.args.size() - 1, call.args.size() > 2);
  for (size_t i = 1; i < call.args.size(); ++i) {
    call.Add({call.args[i], std::nullopt, Act::kDelete, fate, std::nullopt, 0});
  }
  Join(call, Says::kDeleted, {call.args.begin() + 1, call.args.end()});
}
void GetDelete(const Call& call) {
  Get(call);
  const bool nothing = call.answered() && call.reply->kind == ReplyKind::kNull;
  call.Add({call.args[1], std::nullopt, Act::kDelete, nothing ? Fate::kRefused : call.fate(),
            std::nullopt, 0});
}

void HashSet(const Call& call) {
  for (size_t i = 2; i + 1 < call.args.size(); i += 2) {
    call.Add({call.args[1], call.args[i], Act::kWrite, call.fate(), call.args[i + 1], 0});
  }
}
void HashSetIfAbsent(const Call& call) {
  const bool lost = call.answered() && call.reply->integer == 0;
  call.Add({call.args[1], call.args[2], Act::kWrite, lost ? Fate::kRefused : call.fate(),
            call.args[3], 0});
}
void HashDelete(const Call& call) {
  const Fate fate = DeletionFate(call, call.args.size() - 2, false);
  for (size_t i = 2; i < call.args.size(); ++i) {
    call.Add({call.args[1], call.args[i], Act::kDelete, fate, std::nullopt, 0});
  }
}

void Add(const Call& call, std::optional<Bytes> field, std::optional<int64_t> delta) {
  if (!delta.has_value()) return;  // the command can only have been refused
  std::optional<Bytes> sum;
  if (call.answered() && call.reply->kind == ReplyKind::kInteger) {
    sum = std::to_string(call.reply->integer);
  }
  call.Add({call.args[1], std::move(field), Act::kAdd, call.fate(), std::move(sum), *delta});
}
void Increment(const Call& call) { Add(call, std::nullopt, 1); }
void Decrement(const Call& call) { Add(call, std::nullopt, -1); }
void IncrementBy(const Call& call) { Add(call, std::nullopt, ParseInteger(call.args[2])); }
void DecrementBy(const Call& call) {
  const std::optional<int64_t> delta = ParseInteger(call.args[2]);
  if (delta.has_value() && *delta != std::numeric_limits<int64_t>::min()) {
    Add(call, std::nullopt, -*delta);
  }
}
void HashIncrementBy(const Call& call) { Add(call, call.args[2], ParseInteger(call.args[3])); }

void Expire(const Call& call) { AddDeadline(call, call.args[1]); }
// Takes a deadline away: one deletion fewer that may come, which is not relied upon.
void Persist(const Call& /*call*/) {}
void GetExpire(const Call& call) {
  Get(call);
  if (call.args.size() > 2) AddDeadline(call, call.args[1]);
}

enum class Moves : uint8_t { kRemoves, kLeaves };

// What fails half way may have written the second key.
void Move(const Call& call, Moves moves, bool moved, bool found_nothing = false) {
  Transfer transfer;
  transfer.from = call.args[1];
  transfer.to = call.args[2];
  transfer.removes = moves == Moves::kRemoves;
  if (call.reply != nullptr && call.reply->IsError()) transfer.error = call.reply->text;
  transfer.found_nothing = found_nothing || transfer.error == "ERR no such key";
  const bool refused = transfer.error.starts_with("NOORDER ") || transfer.error.starts_with("ERR ");
  if (transfer.found_nothing || refused) {
    transfer.fate = Fate::kRefused;
  } else if (call.answered()) {
    transfer.fate = moved ? Fate::kAcknowledged : Fate::kRefused;
  }
  call.out.transfer = std::move(transfer);
}
void Rename(const Call& call) { Move(call, Moves::kRemoves, true); }
void RenameIfAbsent(const Call& call) {
  Move(call, Moves::kRemoves, call.answered() && call.reply->integer == 1);
}
// Without REPLACE 0 may say either that there is nothing to copy or that there is something
// already.
void Copy(const Call& call) {
  const bool copied = call.answered() && call.reply->integer == 1;
  const bool replaces = call.args.size() == 4 && Lower(call.args[3]) == "replace";
  Move(call, Moves::kLeaves, copied, call.answered() && !copied && replaces);
}

void LongestCommon(const Call& call) { Join(call, Says::kCommon, {call.args[1], call.args[2]}); }
void Exists(const Call& call) {
  Join(call, Says::kCount, {call.args.begin() + 1, call.args.end()});
}

// What blames the request comes before anything else.
void Combine(const Call& call) {
  Combination made;
  made.operation = call.args[1];
  made.to = call.args[2];
  made.from.assign(call.args.begin() + 3, call.args.end());
  if (call.answered()) {
    made.fate = Fate::kAcknowledged;
    made.length = call.reply->integer;
  } else if (call.reply != nullptr && call.reply->text.starts_with("ERR ")) {
    made.fate = Fate::kRefused;
  }
  call.out.combination = std::move(made);
}

struct Meaning {
  std::string_view command;
  size_t arguments_min;  // with the name
  void (*interpret)(const Call&);
};

constexpr std::array kMeanings = {
    Meaning{"get", 2, Get},
    Meaning{"mget", 2, MultiGet},
    Meaning{"hget", 3, HashGet},
    Meaning{"hmget", 3, HashMultiGet},
    Meaning{"hgetall", 2, HashGetAll},
    Meaning{"set", 3, Set},
    Meaning{"setnx", 3, SetIfAbsent},
    Meaning{"setex", 4, SetWithDeadline},
    Meaning{"psetex", 4, SetWithDeadline},
    Meaning{"getset", 3, GetSet},
    Meaning{"mset", 3, MultiSet},
    Meaning{"msetnx", 3, MultiSetIfAbsent},
    Meaning{"del", 2, Delete},
    Meaning{"unlink", 2, Delete},
    Meaning{"getdel", 2, GetDelete},
    Meaning{"hset", 4, HashSet},
    Meaning{"hmset", 4, HashSet},
    Meaning{"hsetnx", 4, HashSetIfAbsent},
    Meaning{"hdel", 3, HashDelete},
    Meaning{"incr", 2, Increment},
    Meaning{"decr", 2, Decrement},
    Meaning{"incrby", 3, IncrementBy},
    Meaning{"decrby", 3, DecrementBy},
    Meaning{"hincrby", 4, HashIncrementBy},
    Meaning{"expire", 3, Expire},
    Meaning{"pexpire", 3, Expire},
    Meaning{"expireat", 3, Expire},
    Meaning{"pexpireat", 3, Expire},
    Meaning{"getex", 2, GetExpire},
    Meaning{"persist", 2, Persist},
    Meaning{"rename", 3, Rename},
    Meaning{"renamenx", 3, RenameIfAbsent},
    Meaning{"copy", 3, Copy},
    Meaning{"lcs", 3, LongestCommon},
    Meaning{"exists", 2, Exists},
    Meaning{"bitop", 4, Combine},
};

const Meaning* MeaningOf(std::string_view command) {
  const auto found = std::find_if(kMeanings.begin(), kMeanings.end(), [&](const Meaning& meaning) {
    return meaning.command == command;
  });
  return found == kMeanings.end() ? nullptr : &*found;
}

// Of a command that has no meaning above: what it may have written.
void GiveUpKeys(std::span<const Bytes> args, Interpretation& out) {
  const commands::Command* command = commands::FindCommand(args[0]);
  if (command == nullptr) return;  // refused by every node
  const bool writes = (command->flags & commands::kWrite) != 0;
  if (!writes) return;
  if (command->first_key == 0) {
    out.everything_unknown = true;
    return;
  }
  const int count = static_cast<int>(args.size());
  const int last = command->last_key < 0 ? count + command->last_key : command->last_key;
  const int step = std::max(1, command->key_step);
  for (int i = command->first_key; i <= last && i < count; i += step) {
    out.unknown_keys.push_back(args[static_cast<size_t>(i)]);
  }
}

// Where the command is on one lone key: that.
const Bytes* LoneKeyOf(std::string_view name, std::span<const Bytes> args) {
  const size_t place = name == "object" ? 2 : 1;
  if (args.size() <= place) return nullptr;
  const std::optional<KeyRef> key = ParseKey(args[place]);
  return key && key->key_class == KeyClass::kLone ? &args[place] : nullptr;
}

}  // namespace

std::span<const Bytes> WithoutLevels(std::span<const Bytes> command) {
  if (command.empty() || Lower(command[0]) != "consistency") return command;
  const auto then = std::find_if(command.begin(), command.end(),
                                 [](const Bytes& word) { return Lower(word) == "then"; });
  if (then == command.end()) return command;
  return command.subspan(static_cast<size_t>(then - command.begin()) + 1);
}

bool PromisesNoChange(const Bytes& error) {
  static constexpr std::array<std::string_view, 10> kRefusals = {
      "LOADING ", "BUSY ",    "SHUTDOWN ", "DISKFULL ", "CLOCKSKEW ",
      "OOM ",     "NOORDER ", "NOAUTH ",   "ERR ",      "WRONGTYPE "};
  if (error.find("outcome is unknown") != Bytes::npos) return false;
  if (error.find("nothing was changed") != Bytes::npos) return true;
  return std::any_of(kRefusals.begin(), kRefusals.end(),
                     [&](std::string_view word) { return error.starts_with(word); });
}

Interpretation Interpret(const std::vector<Bytes>& command, const Reply* reply) {
  Interpretation out;
  const std::span<const Bytes> args = WithoutLevels(command);
  if (args.empty()) return out;
  const std::string name = Lower(args[0]);
  if (const Bytes* key = LoneKeyOf(name, args)) {
    out.lone = Lone{*key,
                    {args.begin(), args.end()},
                    reply == nullptr ? std::nullopt : std::optional<Reply>(*reply)};
    return out;
  }
  const Meaning* meaning = MeaningOf(name);
  if (meaning == nullptr) {
    GiveUpKeys(args, out);
  } else if (args.size() >= meaning->arguments_min) {
    meaning->interpret(Call{args, reply, out});
  }
  return out;
}

}  // namespace quorate::sim
