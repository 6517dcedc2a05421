// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/history.h"

#include <algorithm>

#include "engine/base/status.h"
#include "sim/oracle/limits.h"

namespace quorate::sim {
namespace {

std::string_view VerbOf(Act act) {
  switch (act) {
    case Act::kRead:
      return "read of";
    case Act::kWrite:
      return "write of";
    case Act::kDelete:
      return "deletion";
    case Act::kAdd:
      return "increment by";
  }
  return "";
}

std::string_view NameOf(Fate fate) {
  switch (fate) {
    case Fate::kAcknowledged:
      return "acknowledged";
    case Fate::kUnknown:
      return "outcome unknown";
    case Fate::kRefused:
      return "refused";
  }
  return "";
}

bool Changes(const Access& access) { return access.act != Act::kRead; }

// What was done to the whole key, as a field of it sees that.
Access AsDeletion(Access access) {
  access.act = Act::kDelete;
  access.value.reset();
  return access;
}

// Of a key that may be evicted: a deletion by nobody that is never over.
Access Forgetting() {
  Access access;
  access.client = UINT32_MAX;
  access.act = Act::kDelete;
  access.fate = Fate::kUnknown;
  access.completed = kNever;
  access.decided = kNever;
  return access;
}

std::vector<Access> InOrder(std::vector<Access> accesses) {
  std::stable_sort(accesses.begin(), accesses.end(),
                   [](const Access& a, const Access& b) { return a.operation < b.operation; });
  return accesses;
}

}  // namespace

History::Key& History::KeyOf(const Bytes& name) {
  const uint32_t number = names_.Add(name);
  if (number == keys_.size()) keys_.emplace_back();
  return keys_[number];
}

void History::Sweep(Key& key) {
  if (!key.swept) ++swept_keys_;
  key.swept = true;
}

void History::Add(const Access& times, Interpretation interpretation) {
  everything_unknown_ |= interpretation.everything_unknown;
  unknown_.insert(interpretation.unknown_keys.begin(), interpretation.unknown_keys.end());
  for (Effect& effect : interpretation.effects) {
    Access access = times;
    access.act = effect.act;
    access.fate = effect.fate;
    access.value = std::move(effect.value);
    access.delta = effect.delta;
    access.decided = access.completed;
    if (effect.fate == Fate::kUnknown) {
      access.completed = kNever;
      if (!effect.deadline) access.decided = kNever;
    }
    Key& key = KeyOf(effect.key);
    if (access.phase == Phase::kSweep && access.act == Act::kRead) Sweep(key);
    std::vector<Access>& list = effect.field.has_value() ? key.fields[*effect.field] : key.whole;
    if (list.empty()) list.reserve(kAccessesUsual);
    list.push_back(std::move(access));
  }
  if (interpretation.lone.has_value()) {
    const std::optional<resp::Reply>& reply = interpretation.lone->reply;
    Key& key = KeyOf(interpretation.lone->key);
    key.lone = true;
    if (times.phase == Phase::kSweep && reply && !reply->IsError()) Sweep(key);
    lone_.push_back({times, *std::move(interpretation.lone)});
  }
  if (interpretation.joined.has_value()) {
    for (const Bytes& key : interpretation.joined->keys) KeyOf(key);  // maybe never written
    joined_.push_back({times, *std::move(interpretation.joined)});
  }
  if (interpretation.combination.has_value()) {
    CombinedAccess made{times, *std::move(interpretation.combination)};
    made.access.fate = made.combination.fate;
    if (made.access.fate == Fate::kUnknown) made.access.completed = kNever;
    made.access.decided = made.access.completed;
    for (const Bytes& source : made.combination.from) KeyOf(source);  // maybe never written
    KeyOf(made.combination.to).combined = true;
    combined_.push_back(std::move(made));
  }
  if (!interpretation.transfer.has_value()) return;
  TransferAccess made{times, *std::move(interpretation.transfer)};
  made.access.fate = made.transfer.fate;
  if (made.transfer.fate == Fate::kUnknown) made.access.completed = kNever;
  made.access.decided = made.access.completed;
  KeyOf(made.transfer.from).moved = true;
  KeyOf(made.transfer.to).moved = true;
  transfers_.push_back(std::move(made));
}

void History::Decide(const std::vector<DecidedDeletion>& deletions) {
  std::map<Bytes, std::map<uint64_t, const DecidedDeletion*>> by_key;
  for (const DecidedDeletion& deletion : deletions) {
    by_key[deletion.key][deletion.operation] = &deletion;
  }
  for (const auto& [name, by_operation] : by_key) {
    for (Access& access : KeyOf(name).whole) {
      const auto decided = by_operation.find(access.operation);
      if (decided == by_operation.end()) continue;
      access.fate = decided->second->fate;
      access.completed = decided->second->completed;
      access.decided = access.completed;
    }
  }
}

MovedKeys History::Moved(const CrashesOf& crashes) const {
  MovedKeys moved;
  for (const uint32_t number : names_.InOrder()) {
    const Key& content = keys_[number];
    const Bytes& key = names_.key(number);
    if (!content.moved) continue;
    moved.known &= content.usable(key, *this) && content.fields.empty() && !content.combined;
    if (moved.known)
      moved.registers.push_back(content.Registers(key, crashes(key), may_forget_).front());
  }
  moved.transfers = transfers_;
  std::stable_sort(moved.transfers.begin(), moved.transfers.end(),
                   [](const TransferAccess& a, const TransferAccess& b) {
                     return a.access.operation < b.access.operation;
                   });
  return moved;
}

std::vector<Register> History::CombinedKeys(const CrashesOf& crashes) const {
  std::vector<Register> registers;
  for (const uint32_t number : names_.InOrder()) {
    const Key& content = keys_[number];
    const Bytes& key = names_.key(number);
    if (!content.combined || content.moved) continue;
    if (!content.usable(key, *this) || !content.fields.empty()) continue;
    registers.push_back(content.Registers(key, crashes(key), may_forget_).front());
  }
  return registers;
}

bool History::Key::mixed() const {
  const auto is_string = [](const Access& access) {
    return access.fate != Fate::kRefused && (access.act == Act::kWrite || access.act == Act::kAdd);
  };
  return !fields.empty() && std::any_of(whole.begin(), whole.end(), is_string);
}

bool History::Key::usable(const Bytes& key, const History& history) const {
  return !history.everything_unknown_ && !history.unknown_.contains(key) && !mixed();
}

std::vector<Register> History::Key::Registers(const Bytes& key,
                                              const std::vector<ReplicaCrash>& crashes,
                                              bool may_be_forgotten) const {
  std::vector<Access> deletions;
  if (may_be_forgotten) deletions.push_back(Forgetting());
  std::vector<Register> registers;
  const auto add = [&](std::optional<Bytes> field, std::vector<Access> accesses) {
    accesses.insert(accesses.end(), deletions.begin(), deletions.end());
    registers.push_back({key, std::move(field), InOrder(std::move(accesses)), crashes});
  };
  if (fields.empty()) {
    add(std::nullopt, whole);
    return registers;
  }
  for (const Access& access : whole) {
    if (Changes(access) && access.fate != Fate::kRefused) deletions.push_back(AsDeletion(access));
  }
  for (const auto& [field, accesses] : fields) add(field, accesses);
  return registers;
}

HistoryCoverage History::coverage() const {
  HistoryCoverage coverage;
  coverage.transfers = transfers_.size();
  coverage.joined = joined_.size();
  coverage.combinations = combined_.size();
  coverage.lone = lone_.size();
  for (uint32_t number = 0; number < keys_.size(); ++number) {
    const Bytes& key = names_.key(number);
    const Key& content = keys_[number];
    if (everything_unknown_ || unknown_.contains(key)) {
      ++coverage.unknown_keys;
    } else if (content.mixed()) {
      ++coverage.mixed_keys;
    } else if (content.moved) {
      ++coverage.moved_keys;
    } else if (content.combined) {
      ++coverage.combined_keys;
    } else if (!content.lone) {
      coverage.registers += std::max<size_t>(1, content.fields.size());
      coverage.accesses += content.whole.size();
      for (const auto& [field, accesses] : content.fields) coverage.accesses += accesses.size();
    }
  }
  return coverage;
}

std::string Shown(const std::optional<Bytes>& value) {
  if (!value.has_value()) return "nil";
  std::string text = "\"";
  for (const char c : std::string_view(*value).substr(0, kShownBytesMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f || c == '"' || c == '\\') {
      text += Format("\\x%02x", byte);
    } else {
      text += c;
    }
  }
  text += '"';
  if (value->size() > kShownBytesMax) text += Format(" (%u bytes)", value->size());
  return text;
}

bool HoldsIncrements(const Register& entry) {
  return std::any_of(entry.accesses.begin(), entry.accesses.end(), [](const Access& access) {
    return access.act == Act::kAdd && access.fate != Fate::kRefused;
  });
}

std::string NameOf(const Register& entry) {
  std::string name = Format("key %s", Shown(entry.key));
  if (entry.field.has_value()) name += Format(", field %s", Shown(entry.field));
  return name;
}

std::string Describe(const Access& access) {
  std::string text(VerbOf(access.act));
  if (access.act == Act::kAdd) text += Format(" %d", access.delta);
  if (access.act == Act::kRead || access.act == Act::kWrite) text += " " + Shown(access.value);
  const topology::Consistency level = access.act == Act::kRead ? access.read : access.write;
  const std::string end =
      access.completed == kNever ? "no end" : Format("%u", access.completed.value);
  return Format("%s by operation %u (events %u to %s, %s, %s)", text, access.operation,
                access.invoked.value, end, std::string(topology::NameOf(level)),
                std::string(NameOf(access.fate)));
}

}  // namespace quorate::sim
