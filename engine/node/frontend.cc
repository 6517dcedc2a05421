// SPDX-License-Identifier: Apache-2.0
#include "engine/node/frontend.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/commands/consistency_commands.h"
#include "engine/commands/key_positions.h"
#include "engine/commands/plan.h"
#include "engine/node/limits.h"

namespace quorate::node {
namespace {

using commands::Class;
using commands::Command;
using commands::ErrorTape;
using commands::ReplyTape;
using commands::Split;
using topology::Consistency;

// Where the key is in the arguments of one part of a split command.
constexpr size_t kPartKey = 1;
constexpr size_t kFirstBitOpSource = 3;

bool TakesSteps(const Command& command) {
  return command.split == Split::kSteps || command.split == Split::kUnlessHeld;
}

bool OneReplica(Consistency level) {
  return level == Consistency::kAny || level == Consistency::kOne ||
         level == Consistency::kLocalOne || level == Consistency::kDcOne;
}

}  // namespace

Frontend::Frontend(ShardState& shard, const PoolOptions& options, const topology::PoolSpec& spec,
                   Replica& replica, Host host)
    : shard_(shard),
      options_(options),
      spec_(spec),
      replica_(replica),
      walks_(shard, options, spec, replica, *this),
      parts_(shard, options, spec, replica,
             [this](const PartId& part, Bytes tape) { PartDone(part, std::move(tape)); }),
      host_(std::move(host)) {}

// --- clients

void Frontend::Attach(commands::Client& client) {
  QUORATE_CHECK(clients_.emplace(client.id, &client).second);
  client.active_at = shard_.now();
}

void Frontend::Detach(commands::Client& client) {
  clients_.erase(client.id);
  if (std::exchange(client.has_completed, false)) std::erase(touched_, &client);
  for (Request& request : requests_) {
    if (request.client == &client) request.client = nullptr;
  }
}

commands::Client* Frontend::FindClient(ClientId id) {
  const auto at = clients_.find(id);
  return at == clients_.end() ? nullptr : at->second;
}

void Frontend::ForEachClient(const std::function<void(commands::Client&)>& visit) {
  for (const auto& [id, client] : clients_) visit(*client);
}

size_t Frontend::bulk_bytes_max() const { return shard_.config.bulk_bytes_max(); }

bool Frontend::RequiresAuth(const commands::Client& client) const {
  return RequiresPassword() && !client.state.authenticated;
}

bool Frontend::CheckPassword(std::string_view user, std::string_view password) const {
  if (user != "default" || password.size() != options_.password.size()) return false;
  unsigned difference = 0;  // in constant time
  for (size_t i = 0; i < password.size(); ++i) {
    difference |= static_cast<unsigned>(static_cast<unsigned char>(password[i]) ^
                                        static_cast<unsigned char>(options_.password[i]));
  }
  return difference == 0 && RequiresPassword();
}

absl::Status Frontend::ConfigSet(std::span<const commands::ConfigChange> changes) {
  return host_.set_config(changes);
}

std::vector<std::string> Frontend::InfoSection(std::string_view section) const {
  if (section == "commandstats") return statistics_.CommandLines();
  if (section == "errorstats") return statistics_.ErrorLines();
  return host_.info(section);
}

void Frontend::ResetStatistics() {
  statistics_.Reset();
  commands_ = 0;
}

std::span<commands::Client* const> Frontend::TakeTouched() {
  taken_.clear();
  taken_.swap(touched_);
  for (commands::Client* client : taken_) client->has_completed = false;
  return taken_;
}

void Frontend::Complete(commands::Client& client, commands::RequestSlot slot,
                        const Command* executed) {
  if (!client.reply_error.empty()) {
    statistics_.CountError(client.reply_error, executed);
    client.reply_error.clear();
  }
  client.Complete(slot);
  if (!std::exchange(client.has_completed, true)) touched_.push_back(&client);
}

void Frontend::AnswerClient(ClientId client, commands::RequestSlot slot, const Command* executed,
                            const std::function<void(commands::ReplySink&)>& write) {
  commands::Client* attached = FindClient(client);
  if (attached == nullptr) return;
  write(attached->Reply(slot));
  Complete(*attached, slot, executed);
}

// --- requests

commands::RequestSlot Frontend::EndRequest(commands::Client& client) {
  Request request;
  request.client = &client;
  request.slot = commands::RequestSlot{client.requests++};
  request.first_argument = static_cast<uint32_t>(first_argument_);
  request.arguments = static_cast<uint32_t>(arguments_.size() - first_argument_);
  QUORATE_CHECK(request.arguments > 0);
  const commands::Arguments args = ArgumentsOf(request);
  const Command* command = commands::FindCommand(args[0]);
  if (command != nullptr && command->subcommands == nullptr &&
      commands::ArityFits(*command, args.size())) {
    request.command = command;
    if (command->first_key > 0) {
      request.key_index = static_cast<uint32_t>(command->first_key);
      request.place = replica_.keyspace().PlaceOf(args[request.key_index]);
      if (replica_.OwnsPartition(request.place)) replica_.keyspace().PrefetchSlot(request.place);
    }
  }
  requests_.push_back(request);
  first_argument_ = arguments_.size();
  return request.slot;
}

// What the key of a request leads to is fetched step by step: its slot when the request comes, then
// for a group of requests all buckets, all objects, and then they are executed.
void Frontend::ExecuteRequests() {
  const keyspace::Keyspace& keyspace = replica_.keyspace();
  const std::span<Request> all(requests_);
  for (size_t begin = 0; begin < all.size(); begin += kPrefetchGroup) {
    const auto group = all.subspan(begin, std::min(kPrefetchGroup, all.size() - begin));
    const auto is_here = [this](const Request& request) {
      return request.key_index != 0 && replica_.OwnsPartition(request.place);
    };
    for (const Request& request : group) {
      if (is_here(request)) keyspace.PrefetchBucket(request.place);
    }
    for (const Request& request : group) {
      if (is_here(request)) keyspace.PrefetchObject(request.place);
    }
    for (Request& request : group) {
      if (request.client != nullptr) Execute(request);
    }
  }
  requests_.clear();
  arguments_.clear();
  first_argument_ = 0;
}

void Frontend::AnswerError(const Request& request, std::string_view text) {
  if (request.command != nullptr) statistics_.CountRefusal(*request.command);
  AnswerClient(request.client->id, request.slot, nullptr,
               [text](commands::ReplySink& reply) { reply.Error(text); });
}

// Takes "CONSISTENCY level THEN" off the front of a command. False where it was answered.
bool Frontend::Unwrap(Request& request, topology::ConsistencyOverride& levels) {
  const auto prefix = commands::ParseConsistencyPrefix(ArgumentsOf(request));
  if (!prefix.ok()) {
    AnswerError(request, MessageOf(prefix.status()));
    return false;
  }
  if (prefix->command == 0) return true;  // the plain command
  levels = prefix->levels;
  request.first_argument += static_cast<uint32_t>(prefix->command);
  request.arguments -= static_cast<uint32_t>(prefix->command);
  request.command = nullptr;
  return true;
}

std::string_view Frontend::RefuseEarly(const commands::Client& client,
                                       const Command& command) const {
  if (RequiresAuth(client) && (command.flags & commands::kNoAuth) == 0) {
    return "NOAUTH Authentication required.";
  }
  if (shard_.stopping) return "SHUTDOWN this node is stopping; ask another";
  if (shard_.loading && (command.flags & commands::kLoading) == 0) {
    return "LOADING Redis is loading the dataset in memory";
  }
  return {};
}

void Frontend::Execute(Request& request) {
  ++commands_;
  topology::ConsistencyOverride levels = request.client->state.consistency;
  if (request.command != nullptr && request.command->name == "consistency" &&
      !Unwrap(request, levels)) {
    return;
  }
  if (request.command == nullptr) {
    Bytes error;
    request.command = commands::ResolveCommand(ArgumentsOf(request), error);
    if (request.command == nullptr) {
      request.command = commands::NamedCommand(ArgumentsOf(request));
      return AnswerError(request, error);
    }
    const auto keys = commands::KeysOf(*request.command, request.arguments);
    request.key_index = static_cast<uint32_t>(keys.empty() ? 0 : keys.first);
    if (!keys.empty()) {
      request.place = replica_.keyspace().PlaceOf(ArgumentsOf(request)[keys.first]);
    }
  }
  const Command& command = *request.command;
  request.client->active_at = shard_.now();
  request.client->last_command = &command;
  if (const auto refusal = RefuseEarly(*request.client, command); !refusal.empty()) {
    return AnswerError(request, refusal);
  }
  if (command.kind == Class::kKeyspace) {
    const commands::Arguments args = ArgumentsOf(request);
    statistics_.CountCall(command);
    return walks_.Start(request.client->id, request.slot, command, args);
  }
  if (request.key_index == 0) return ExecuteConnection(request);
  const auto held = held_.find(request.client->id);
  if (held == held_.end() && ExecuteHere(request, levels)) return;
  const commands::Arguments args = ArgumentsOf(request);
  if (pending_.size() + held_requests_ >= shard_.options.limits.operations) {
    return AnswerError(request, "BUSY too many requests are in flight; try again");
  }
  statistics_.CountCall(command);
  Pending pending;
  pending.client = request.client->id;
  pending.slot = request.slot;
  pending.command = &command;
  pending.args.assign(args.begin(), args.end());
  pending.levels = levels;
  if (held == held_.end()) return StartPending(std::move(pending));
  shard_.marks.Reach(Mark::kHeldBehindSteps);
  held->second.push_back(std::move(pending));
  ++held_requests_;
}

void Frontend::ExecuteConnection(const Request& request) {
  const Command& command = *request.command;
  statistics_.CountCall(command);
  AnswerClient(request.client->id, request.slot, &command, [&](commands::ReplySink& reply) {
    commands::ConnectionContext context{ArgumentsOf(request), *request.client, *this, reply};
    command.handle(context);
  });
}

// --- the data path: what this shard can execute at once

bool Frontend::LocalCopySuffices(const Request& request,
                                 const topology::ConsistencyOverride& levels) {
  if (replica_.sole()) return true;
  if ((request.command->flags & commands::kWrite) != 0 || !OneReplica(ReadLevel(levels))) {
    return false;
  }
  const std::string_view key = ArgumentsOf(request)[request.key_index];
  return !replica_.Unstored(key) && !replica_.coordinator().Busy(request.place, key) &&
         !shard_.Fires(FaultPoint::kLongWay, commands_);
}

// True where an earlier request of the client on the key (of a split command: on any) is executed
// elsewhere.
bool Frontend::WaitsForEarlier(const Request& request) const {
  const ClientId client = request.client->id;
  if (request.command->split == Split::kNone) return parts_.UnderWay(client, request.place);
  return parts_.UnderWay(client);
}

bool Frontend::ExecuteHere(const Request& request, const topology::ConsistencyOverride& levels) {
  const Command& command = *request.command;
  if (WaitsForEarlier(request)) return false;
  if (command.split != Split::kNone) return replica_.sole() && ExecuteSplitHere(request);
  if (!replica_.Holds(request.place) || !LocalCopySuffices(request, levels)) return false;
  const std::string_view key = ArgumentsOf(request)[request.key_index];
  if (const auto refusal = replica_.Refusal(command, key); !refusal.empty()) {
    AnswerError(request, refusal);
    return true;
  }
  statistics_.CountCall(command);
  commands::Client& client = *request.client;
  replica_.ExecuteNow(command, ArgumentsOf(request), request.key_index, request.place,
                      client.Reply(request.slot), nullptr);
  Complete(client, request.slot, &command);
  return true;
}

bool Frontend::ExecuteSplitHere(const Request& request) {
  const Command& command = *request.command;
  if (command.split == Split::kUnlessHeld) return false;
  const commands::Arguments args = ArgumentsOf(request);
  const commands::KeyPositions keys = commands::KeysOf(command, args.size());
  for (size_t i = 0; i < keys.count(); ++i) {
    if (!replica_.Holds(replica_.keyspace().PlaceOf(args[keys[i]]))) return false;
  }
  for (size_t i = 0; i < keys.count(); ++i) {
    const std::string_view refusal = replica_.Refusal(command, args[keys[i]]);
    if (refusal.empty()) continue;
    AnswerError(request, refusal);
    return true;
  }
  if (command.split == Split::kSteps) return RunStepsHere(request);
  statistics_.CountCall(command);
  Pending pending;
  pending.command = &command;
  if (command.split == Split::kJoin) pending.args.assign(args.begin(), args.end());
  const Command& executes = commands::PartCommandOf(command);
  std::vector<std::string_view> part;
  for (size_t i = 0; i < keys.count(); ++i) {
    commands::PartOf(command, args, keys, i, part);
    ReplyTape tape;
    replica_.ExecuteNow(executes, part, kPartKey, replica_.keyspace().PlaceOf(part[kPartKey]), tape,
                        nullptr);
    pending.tapes.push_back(tape.Take());
  }
  AnswerClient(request.client->id, request.slot, &command,
               [&](commands::ReplySink& reply) { Combine(pending, reply); });
  return true;
}

// --- requests that wait

void Frontend::StartPending(Pending pending) {
  const uint64_t id = ++shard_.next_id;
  Pending& stored = pending_.emplace(id, std::move(pending)).first->second;
  const std::vector<std::string_view> args(stored.args.begin(), stored.args.end());
  const commands::Plan plan = commands::PlanOf(*stored.command, args);
  if (plan.needs_one_order && !replica_.sole() && !options_.unsafe_commands) {
    stored.tapes.push_back(ErrorTape(
        Format("NOORDER '%s' needs one order of all writers, which a dynamo pool of several "
               "replicas does not have: use a raft pool, or set unsafe_commands: allow",
               std::string(stored.command->name))));
    return CompletePending(id);
  }
  stored.keys = commands::KeysOf(*stored.command, args.size());
  if (stored.walk == 0 && TakesSteps(*stored.command)) held_.try_emplace(stored.client);
  if (stored.command->split == Split::kSteps) return NextStep(id);
  stored.probing = stored.command->split == Split::kUnlessHeld;
  StartParts(id, stored);
}

void Frontend::StartParts(uint64_t id, Pending& pending) {
  const Command& command = pending.probing ? *commands::FindCommand("exists")
                                           : commands::PartCommandOf(*pending.command);
  const std::vector<std::string_view> args(pending.args.begin(), pending.args.end());
  const bool split = pending.command->split != Split::kNone;
  const size_t parts = split ? pending.keys.count() : 1;
  pending.tapes.assign(parts, {});
  pending.open = parts;
  std::vector<std::string_view> part_args;
  for (size_t i = 0; i < parts; ++i) {
    if (pending.probing) {
      part_args.assign({"exists", args[pending.keys[i]]});
    } else if (split) {
      const bool first = pending.command->split == Split::kJoin &&
                         QUORATE_PLANTED(shard_.options.planted, kJoinFirstKey);
      commands::PartOf(*pending.command, args, pending.keys, first ? 0 : i, part_args);
    } else {
      part_args = args;
    }
    const Split how = pending.command->split;
    const bool only_asks =
        i > 0 && !pending.probing &&
        ((how == Split::kSum && i + 1 == parts &&
          QUORATE_PLANTED(shard_.options.planted, kKeepLastKey)) ||
         (how == Split::kUnlessHeld && QUORATE_PLANTED(shard_.options.planted, kSetFirstKey)));
    if (only_asks) part_args.assign({"exists", part_args[kPartKey]});
    AddPart(id, pending, i, only_asks ? *commands::FindCommand("exists") : command,
            {part_args.begin(), part_args.end()}, split ? kPartKey : pending.keys.first);
    if (!pending_.contains(id)) return;  // answered meanwhile
  }
}

void Frontend::AddPart(uint64_t id, const Pending& pending, size_t index, const Command& command,
                       std::vector<Bytes> args, size_t key_index) {
  const std::vector<std::string_view> words(args.begin(), args.end());
  const commands::Plan plan = commands::PlanOf(command, words);
  KeyCommand key_command;
  key_command.command = &command;
  key_command.args = std::move(args);
  key_command.key_index = key_index;
  key_command.place = replica_.keyspace().PlaceOf(key_command.args[key_index]);
  key_command.read = ReadLevel(pending.levels);
  key_command.write = WriteLevel(pending.levels);
  key_command.needs_read = plan.reads != commands::Reads::kNothing;
  key_command.restampable = !key_command.needs_read;
  key_command.idempotent = plan.idempotent;
  parts_.Start({id, index}, pending.client, std::move(key_command), plan.needs_one_order);
}

// --- requests of several steps

bool Frontend::RunStepsHere(const Request& request) {
  const Command& command = *request.command;
  statistics_.CountCall(command);
  AnswerClient(request.client->id, request.slot, &command, [&](commands::ReplySink& reply) {
    std::vector<Bytes> tapes;
    Bytes memory;
    for (size_t step = 0;; ++step) {
      std::vector<std::vector<Bytes>> next;
      commands::StepContext context{ArgumentsOf(request), step, tapes, memory, next, reply};
      command.step(context);
      if (next.empty()) return;
      tapes.clear();
      for (const std::vector<Bytes>& words : next) {
        const std::vector<std::string_view> args(words.begin(), words.end());
        ReplyTape tape;
        replica_.ExecuteNow(*commands::FindCommand(args.front()), args, kPartKey,
                            replica_.keyspace().PlaceOf(args[kPartKey]), tape, nullptr);
        tapes.push_back(tape.Take());
      }
    }
  });
  return true;
}

void Frontend::NextStep(uint64_t id) {
  Pending& pending = pending_.at(id);
  const std::vector<std::string_view> args(pending.args.begin(), pending.args.end());
  std::vector<std::vector<Bytes>> next;
  ReplyTape reply;
  commands::StepContext context{args, pending.step++, pending.tapes, pending.memory, next, reply};
  pending.command->step(context);
  pending.stepping = !next.empty();
  if (!pending.stepping) {
    pending.tapes.assign(1, reply.Take());
    return CompletePending(id);
  }
  pending.tapes.assign(next.size(), {});
  pending.open = next.size();
  const size_t step = pending.step;
  for (size_t i = 0; i < next.size(); ++i) {
    if (QUORATE_PLANTED(shard_.options.planted, kCombineFirstKey) && next[i].front() == "get") {
      next[i][kPartKey] = args[kFirstBitOpSource];
    }
    const bool drops =
        (QUORATE_PLANTED(shard_.options.planted, kRenameDrops) && next[i].front() == "restore") ||
        (QUORATE_PLANTED(shard_.options.planted, kCombineDrops) && next[i].front() == "set");
    if (drops && !replica_.Holds(replica_.keyspace().PlaceOf(next[i][kPartKey]))) {
      next[i].resize(kPartKey + 1);
      next[i].front() = "exists";
    }
    const Command& command = *commands::FindCommand(next[i].front());
    AddPart(id, pending, i, command, std::move(next[i]), kPartKey);
    const auto at = pending_.find(id);
    if (at == pending_.end() || at->second.step != step) return;  // it has gone on meanwhile
  }
}

void Frontend::ReleaseHeld(ClientId client) {
  auto entry = held_.extract(client);
  if (entry.empty()) return;
  std::deque<Pending> waiting = std::move(entry.mapped());
  while (!waiting.empty()) {
    Pending pending = std::move(waiting.front());
    waiting.pop_front();
    --held_requests_;
    StartPending(std::move(pending));
    const auto again = held_.find(client);
    if (again == held_.end()) continue;
    again->second = std::move(waiting);
    return;
  }
}

void Frontend::PartDone(const PartId& part, Bytes tape) {
  const auto pending = pending_.find(part.pending);
  if (pending == pending_.end()) return;
  pending->second.tapes[part.index] = std::move(tape);
  if (--pending->second.open == 0) CompletePending(part.pending);
}

void Frontend::CompletePending(uint64_t id) {
  Pending& pending = pending_.at(id);
  if (pending.stepping) return NextStep(id);
  if (pending.probing) {
    pending.probing = false;
    const bool held =
        std::any_of(pending.tapes.begin(), pending.tapes.end(),
                    [](const Bytes& tape) { return commands::IntegerOfTape(tape) != 0; });
    const auto failed =
        std::find_if(pending.tapes.begin(), pending.tapes.end(), commands::IsErrorTape);
    if ((!held || QUORATE_PLANTED(shard_.options.planted, kSetHeld)) &&
        failed == pending.tapes.end()) {
      return StartParts(id, pending);
    }
    // Of a key that nobody could tell of, 0 would say that it is there.
    ReplyTape none;
    none.Integer(0);
    pending.tapes.assign(1, held ? none.Take() : *failed);
  } else if (pending.command->split == Split::kUnlessHeld && pending.open == 0 &&
             pending.tapes.size() == pending.keys.count()) {
    const auto failed =
        std::find_if(pending.tapes.begin(), pending.tapes.end(), commands::IsErrorTape);
    ReplyTape all;
    all.Integer(1);
    pending.tapes.assign(1, failed == pending.tapes.end() ? all.Take() : *failed);
  }
  const Pending done = std::move(pending);
  pending_.erase(id);
  if (done.walk != 0) return walks_.Deleted(done.walk, done.tapes);
  AnswerClient(done.client, done.slot, done.command,
               [&done](commands::ReplySink& reply) { Combine(done, reply); });
  if (TakesSteps(*done.command)) ReleaseHeld(done.client);
}

void Frontend::Combine(const Pending& pending, commands::ReplySink& reply) {
  const auto& tapes = pending.tapes;
  const auto failed = std::find_if(tapes.begin(), tapes.end(), commands::IsErrorTape);
  const bool whole =
      tapes.size() == 1 && (failed != tapes.end() || pending.command->split == Split::kNone ||
                            TakesSteps(*pending.command));
  if (whole) {
    if (!commands::PlayReply(tapes.front(), reply))
      reply.Error("ERR a replica's reply is malformed");
    return;
  }
  if (failed != tapes.end() && pending.command->split != Split::kJoin) {
    commands::PlayReply(*failed, reply);
    return;
  }
  switch (pending.command->split) {
    case Split::kArray:
      reply.Array(tapes.size());
      for (const Bytes& tape : tapes) {
        if (!commands::PlayReply(tape, reply)) reply.Null();
      }
      return;
    case Split::kSum: {
      int64_t sum = 0;
      for (const Bytes& tape : tapes) sum += commands::IntegerOfTape(tape);
      return reply.Integer(sum);
    }
    case Split::kAllOk:
      return reply.Simple("OK");
    case Split::kJoin: {
      const std::vector<std::string_view> args(pending.args.begin(), pending.args.end());
      return pending.command->join(args, tapes, reply);
    }
    case Split::kNone:
    case Split::kUnlessHeld:
    case Split::kSteps:
      break;
  }
  QUORATE_CHECK(false);
}

void Frontend::DeleteKeys(uint64_t walk, std::vector<Bytes> keys) {
  Pending pending;
  pending.command = commands::FindCommand("del");
  pending.args = std::move(keys);
  pending.args.insert(pending.args.begin(), "del");
  pending.walk = walk;
  StartPending(std::move(pending));
}

// --- time

Instant Frontend::NextDeadline() const {
  return std::min(parts_.NextDeadline(), walks_.NextDeadline());
}

void Frontend::FireTimers() {
  parts_.FireTimers();
  walks_.FireTimers();
}

}  // namespace quorate::node
