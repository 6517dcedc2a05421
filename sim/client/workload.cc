// SPDX-License-Identifier: Apache-2.0
#include "sim/client/workload.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "engine/base/check.h"
#include "sim/client/limits.h"
#include "sim/client/lone_commands.h"
#include "sim/core/draw.h"

namespace quorate::sim {
namespace {

// Hash fields below this share are counters, the others registers.
constexpr uint32_t kCounterFieldShare = 3;

class Maker {
 public:
  Maker(const WorkloadConfig& config, uint64_t draws, uint32_t client, uint64_t number)
      : config_(config), prng_(draws), client_(client), number_(number) {}

  Operation Make(OperationKind kind);
  // Writes the key, so that it stays.
  Operation Fill(KeyRef key);

 private:
  KeyRef Key(KeyClass key_class) {
    const uint32_t hot = std::min(config_.hot_keys, config_.keys);
    if (key_class == KeyClass::kJoint) {
      return {key_class, static_cast<uint32_t>(prng_.Below(kJointKeys))};
    }
    const bool is_hot = hot > 0 && prng_.Chance(config_.hot_ppm, 1'000'000);
    return {key_class, static_cast<uint32_t>(prng_.Below(is_hot ? hot : config_.keys))};
  }
  // Unique in the run: client and number, and `part` where one command writes several. Nothing else
  // may be drawn in the same expression: compilers order operands and arguments as they like.
  Bytes Value(uint32_t part = 0) {
    Bytes value =
        "v" + std::to_string(client_) + "." + std::to_string(number_) + "." + std::to_string(part);
    const size_t size = static_cast<size_t>(prng_.Below(config_.value_bytes_max + 1));
    while (value.size() < size) value.push_back(static_cast<char>('a' + prng_.Below(26)));
    return value;
  }
  Bytes Amount() { return std::to_string(1 + prng_.Below(100)); }
  Bytes Milliseconds() { return std::to_string(1 + prng_.Below(config_.deadline_ms_max)); }
  Bytes Seconds() { return std::to_string(1 + prng_.Below(config_.deadline_ms_max) / 1000); }
  [[nodiscard]] uint32_t counter_fields() const {
    return std::max(1u, config_.hash_fields / kCounterFieldShare);
  }
  Bytes RegisterField() {
    return "field:" + std::to_string(prng_.Below(std::max(1u, config_.hash_fields)));
  }
  Bytes CounterField() { return "count:" + std::to_string(prng_.Below(counter_fields())); }
  Bytes AnyField() {
    return prng_.Chance(1, kCounterFieldShare) ? CounterField() : RegisterField();
  }

  Operation Read(std::string_view name, KeyClass key_class) {
    return {{Bytes(name), NameOf(Key(key_class))}, {}};
  }
  Operation Write(std::string_view name, KeyRef key, std::vector<Bytes> rest = {}) {
    Operation operation{{Bytes(name), NameOf(key)}, {key}};
    for (Bytes& argument : rest) operation.command.push_back(std::move(argument));
    return operation;
  }
  Operation MultiGet();
  Operation MultiSet(std::string_view name, KeyClass key_class);
  Operation MakeString(OperationKind kind);
  Operation MakeCounter(OperationKind kind);
  Operation MakeHash(OperationKind kind);
  Operation MakeExpiring(OperationKind kind);
  Operation MakeMove();
  Operation MakeJoin();
  Operation MakeMultiDelete(KeyClass key_class);
  Operation MakeJoint();
  Operation MakeBits();
  Operation MakeLone();

  const WorkloadConfig& config_;
  Prng prng_;
  const uint32_t client_;
  const uint64_t number_;
};

Operation Maker::MultiGet() {
  Operation operation{{"MGET"}, {}};
  const uint64_t keys = 1 + prng_.Below(kKeysPerCommandMax);
  for (uint64_t i = 0; i < keys; ++i) operation.command.push_back(NameOf(Key(KeyClass::kString)));
  return operation;
}

Operation Maker::MultiSet(std::string_view name, KeyClass key_class) {
  Operation operation{{Bytes(name)}, {}};
  const uint32_t keys = 1 + static_cast<uint32_t>(prng_.Below(kKeysPerCommandMax));
  for (uint32_t i = 0; i < keys; ++i) {
    const KeyRef key = Key(key_class);
    if (std::find(operation.writes.begin(), operation.writes.end(), key) !=
        operation.writes.end()) {
      continue;
    }
    operation.command.push_back(NameOf(key));
    operation.command.push_back(Value(i));
    operation.writes.push_back(key);
  }
  return operation;
}

Operation Maker::MakeString(OperationKind kind) {
  if (kind == OperationKind::kGet) return Read("GET", KeyClass::kString);
  if (kind == OperationKind::kMultiGet) return MultiGet();
  if (kind == OperationKind::kMultiSet) return MultiSet("MSET", KeyClass::kString);
  const KeyRef key = Key(KeyClass::kString);
  if (kind == OperationKind::kDelete) return Write("DEL", key);
  if (kind == OperationKind::kGetDelete) return Write("GETDEL", key);
  if (kind == OperationKind::kSetIfAbsent) return Write("SETNX", key, {Value()});
  return Write("SET", key, {Value()});
}

Operation Maker::MakeCounter(OperationKind kind) {
  if (kind == OperationKind::kCounterGet) return Read("GET", KeyClass::kCounter);
  const KeyRef key = Key(KeyClass::kCounter);
  if (kind == OperationKind::kIncrementBy) return Write("INCRBY", key, {Amount()});
  if (kind == OperationKind::kDecrement) return Write("DECR", key);
  if (kind == OperationKind::kCounterDelete) return Write("DEL", key);
  return Write("INCR", key);
}

Operation Maker::MakeHash(OperationKind kind) {
  const KeyRef key = Key(KeyClass::kHash);
  switch (kind) {
    case OperationKind::kHashGet:
      return {{"HGET", NameOf(key), AnyField()}, {}};
    case OperationKind::kHashMultiGet: {
      Bytes first = AnyField();
      return {{"HMGET", NameOf(key), std::move(first), AnyField()}, {}};
    }
    case OperationKind::kHashGetAll:
      return {{"HGETALL", NameOf(key)}, {}};
    case OperationKind::kHashDelete:
      return Write("HDEL", key, {RegisterField()});
    case OperationKind::kHashIncrement: {
      Bytes field = CounterField();
      return Write("HINCRBY", key, {std::move(field), Amount()});
    }
    default: {
      Bytes field = RegisterField();
      return Write("HSET", key, {std::move(field), Value()});
    }
  }
}

Operation Maker::MakeExpiring(OperationKind kind) {
  if (kind == OperationKind::kExpiringGet) return Read("GET", KeyClass::kExpiring);
  const KeyRef key = Key(KeyClass::kExpiring);
  if (kind == OperationKind::kPersist) return Write("PERSIST", key);
  const uint64_t form = prng_.Below(4);
  if (kind == OperationKind::kExpire) {
    if (form == 0) return Write("EXPIRE", key, {Seconds()});
    if (form == 1) return Write("GETEX", key, {"PX", Milliseconds()});
    return Write("PEXPIRE", key, {Milliseconds()});
  }
  Bytes value = Value();
  if (kind == OperationKind::kExpiringSet) return Write("SET", key, {std::move(value)});
  if (form == 0) return Write("SETEX", key, {Seconds(), std::move(value)});
  if (form == 1) return Write("PSETEX", key, {Milliseconds(), std::move(value)});
  return Write("SET", key, {std::move(value), "PX", Milliseconds()});
}

// The oracles of registers know no meaning of a move, so nothing else may touch what is moved.
Operation Maker::MakeMove() {
  const auto moved = [this] {
    return KeyRef{KeyClass::kMoved, static_cast<uint32_t>(prng_.Below(kMovedKeys))};
  };
  const KeyRef from = moved();
  if (prng_.Chance(1, 3)) return Write("SET", from, {Value()});
  if (prng_.Chance(1, 3)) return {{"GET", NameOf(from)}, {}};
  const KeyRef to = moved();
  Operation operation{{"RENAME", NameOf(from), NameOf(to)}, {from, to}};
  const uint64_t how = prng_.Below(6);
  if (how == 0) operation.command.front() = "RENAMENX";
  if (how == 1) operation.command.front() = "COPY";
  if (how == 1) operation.command.emplace_back("REPLACE");
  return operation;
}

Operation Maker::MakeJoin() {
  Operation operation{{"EXISTS"}, {}};
  const bool lcs = prng_.Chance(3, 4);
  const uint64_t keys = lcs ? 2 : 2 + prng_.Below(kKeysPerCommandMax - 1);
  for (uint64_t i = 0; i < keys; ++i) operation.command.push_back(NameOf(Key(KeyClass::kString)));
  if (!lcs) return operation;
  operation.command.front() = "LCS";
  const uint64_t form = prng_.Below(4);
  if (form == 0) operation.command.emplace_back("LEN");
  if (form == 1) operation.command.insert(operation.command.end(), {"IDX", "WITHMATCHLEN"});
  return operation;
}

// One key may be named twice.
Operation Maker::MakeMultiDelete(KeyClass key_class) {
  Operation operation{{prng_.Chance(1, 4) ? "UNLINK" : "DEL"}, {}};
  const uint64_t keys = 2 + prng_.Below(kKeysPerCommandMax - 1);
  for (uint64_t i = 0; i < keys; ++i) {
    const KeyRef key = Key(key_class);
    operation.command.push_back(NameOf(key));
    operation.writes.push_back(key);
  }
  return operation;
}

// Deletions leave room for the next MSETNX, which is refused where one of its keys is there.
Operation Maker::MakeJoint() {
  switch (prng_.Below(6)) {
    case 0:
      return Read("GET", KeyClass::kJoint);
    case 1: {
      Bytes value = Value();
      return Write("SET", Key(KeyClass::kJoint), {std::move(value)});
    }
    case 2:
    case 3:
      return MakeMultiDelete(KeyClass::kJoint);
    default:
      return MultiSet("MSETNX", KeyClass::kJoint);
  }
}

// Sources hold what was written to them, and targets mostly what was made of sources: of values
// that are known.
Operation Maker::MakeBits() {
  const auto source = [this] {
    return KeyRef{KeyClass::kBits, static_cast<uint32_t>(prng_.Below(kBitSources))};
  };
  const KeyRef target = {KeyClass::kBits,
                         kBitSources + static_cast<uint32_t>(prng_.Below(kBitKeys - kBitSources))};
  const uint64_t what = prng_.Below(16);
  if (what < 4) {
    Bytes value = Value();
    return Write("SET", source(), {std::move(value)});
  }
  if (what < 8) return {{"GET", NameOf(target)}, {}};
  if (what == 8) return Write("SET", target, {Value()});
  if (what == 9) return Write("DEL", prng_.Chance(1, 2) ? source() : target);
  constexpr std::array<std::string_view, 4> kOperations = {"AND", "OR", "XOR", "NOT"};
  const uint64_t operation = prng_.Below(kOperations.size());
  const bool is_not = kOperations[operation] == "NOT";
  Operation made{{"BITOP", Bytes(kOperations[operation]), NameOf(target)}, {target}};
  const uint64_t sources = is_not ? 1 : 1 + prng_.Below(3);
  for (uint64_t i = 0; i < sources; ++i) made.command.push_back(NameOf(source()));
  return made;
}

// From key to key, so that one whose state is not known for sure is not the last.
Operation Maker::MakeLone() {
  const uint64_t turn = number_ / kLoneKeyOperations % kLoneKeysEach;
  const KeyRef key = {KeyClass::kLone,
                      client_ % kLoneClients * kLoneKeysEach + static_cast<uint32_t>(turn)};
  const LoneType usual = turn % 2 == 0 ? LoneType::kString : LoneType::kHash;
  return {LoneCommand(prng_, usual, NameOf(key), Value()), {key}};
}

Operation Maker::Make(OperationKind kind) {
  if (kind == OperationKind::kLone) return MakeLone();
  if (kind == OperationKind::kMove) return MakeMove();
  if (kind == OperationKind::kJoin) return MakeJoin();
  if (kind == OperationKind::kMultiDelete) {
    return MakeMultiDelete(prng_.Chance(1, 4) ? KeyClass::kExpiring : KeyClass::kString);
  }
  if (kind == OperationKind::kMultiSetIfAbsent) return MakeJoint();
  if (kind == OperationKind::kBitOperation) return MakeBits();
  if (kind <= OperationKind::kSetIfAbsent) return MakeString(kind);
  if (kind <= OperationKind::kCounterDelete) return MakeCounter(kind);
  if (kind <= OperationKind::kHashIncrement) return MakeHash(kind);
  return MakeExpiring(kind);
}

Operation Maker::Fill(KeyRef key) {
  switch (key.key_class) {
    case KeyClass::kCounter:
      return Write("INCRBY", key, {Amount()});
    case KeyClass::kHash: {
      Bytes field = RegisterField();
      return Write("HSET", key, {std::move(field), Value()});
    }
    case KeyClass::kString:
    case KeyClass::kExpiring:
    case KeyClass::kMoved:
    case KeyClass::kJoint:
    case KeyClass::kBits:
    case KeyClass::kLone:
      break;
  }
  return Write("SET", key, {Value()});
}

}  // namespace

Workload::Workload(DrawSeed seed, const WorkloadConfig& config, uint32_t clients)
    : seed_(seed),
      config_(config),
      clients_(clients),
      total_weight_(std::accumulate(config.weights.begin(), config.weights.end(), uint64_t{0})) {
  QUORATE_CHECK(total_weight_ > 0);
  QUORATE_CHECK(config_.keys > 0);
}

Operation Workload::Next(uint32_t client, uint64_t number) const {
  const uint64_t draw = Draw(seed_, Purpose::kWorkload, client, number);
  if (number < config_.fill_per_client) {
    const uint64_t key = number * clients_ + client;
    return Maker(config_, Mix(draw, 1), client, number)
        .Fill({static_cast<KeyClass>(key % kFilledClasses),
               static_cast<uint32_t>(key / kFilledClasses % config_.keys)});
  }
  uint64_t place = Scale(draw, total_weight_);
  size_t kind = 0;
  while (place >= config_.weights[kind]) place -= config_.weights[kind++];
  return Maker(config_, Mix(draw, 1), client, number).Make(static_cast<OperationKind>(kind));
}

}  // namespace quorate::sim
