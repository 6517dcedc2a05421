// SPDX-License-Identifier: Apache-2.0
// Everything clients did and were told, sorted by register: what the oracles judge. Recorded from
// the world's events as they happen; judged when the world is at rest.
//
// Order is that of event numbers, which is finer than time: an access precedes another if it was
// answered in an earlier event than the other was invoked.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/codec.h"
#include "engine/topology/consistency.h"
#include "sim/core/key_index.h"
#include "sim/core/sim_time.h"
#include "sim/oracle/interpret.h"
#include "sim/oracle/promises.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

inline constexpr EventId kNever{UINT64_MAX};

// One command's part in one register.
struct Access {
  uint64_t operation = 0;
  uint32_t client = 0;
  Act act = Act::kRead;
  Fate fate = Fate::kAcknowledged;
  EventId invoked;
  EventId completed;  // kNever where the fate is unknown: it may still be executed
  EventId decided;    // the same, but of a deadline when its command was over
  SimTime invoked_at;
  SimTime completed_at;
  topology::Consistency read = topology::Consistency::kLocalQuorum;
  topology::Consistency write = topology::Consistency::kLocalQuorum;
  uint16_t local = 0;  // the data centre of the node that the client spoke to
  Phase phase = Phase::kFaults;
  std::optional<Bytes> value;
  int64_t delta = 0;
};

// When `earlier` was over as far as a later write or deletion is concerned: a write takes away the
// deadlines that it meets, whether they have passed or not.
[[nodiscard]] inline EventId EndOf(const Access& earlier, const Access& later) {
  return later.act == Act::kWrite ? earlier.decided : earlier.completed;
}

struct Register {
  Bytes key;
  std::optional<Bytes> field;
  // By invocation. A field's list holds what was done to the whole key, too, as deletions.
  std::vector<Access> accesses;
  // Of the replicas of the key.
  std::vector<ReplicaCrash> crashes;
};

// A transfer, and when it was made; `access` says nothing of a value.
struct TransferAccess {
  Access access;
  Transfer transfer;
};

// The keys among which values were moved, each with what else was done to it, and all transfers.
struct MovedKeys {
  std::vector<Register> registers;
  std::vector<TransferAccess> transfers;
  bool known = true;  // false where something else was done to one of them, too
};

struct JoinedAccess {
  Access access;
  Joined joined;
};

// The same of a combination.
struct CombinedAccess {
  Access access;
  Combination combination;
};

// The same of what is done to a lone key.
struct LoneAccess {
  Access access;
  Lone lone;
};

// What became of one key of a deletion that has counted some of those it names.
struct DecidedDeletion {
  uint64_t operation = 0;
  Bytes key;
  Fate fate = Fate::kUnknown;
  EventId completed;
};

struct HistoryCoverage {
  uint64_t registers = 0;
  uint64_t accesses = 0;
  uint64_t unknown_keys = 0;  // left out: a command whose meaning is not known wrote them
  uint64_t mixed_keys = 0;    // left out: used as a string and as a hash
  uint64_t moved_keys = 0;    // no register: values were moved among them
  uint64_t transfers = 0;
  uint64_t joined = 0;
  uint64_t combined_keys = 0;  // no register: what was made of others was written to them
  uint64_t combinations = 0;
  uint64_t lone = 0;  // commands on lone keys, which are no registers either
};

class History {
 public:
  // Which replicas of a key crashed, and when.
  using CrashesOf = std::function<std::vector<ReplicaCrash>(const Bytes& key)>;

  // Any key may be forgotten at any time, and what is forgotten stays so.
  void MayForget() { may_forget_ = true; }
  [[nodiscard]] bool may_forget() const { return may_forget_; }
  // Asks for the memory that Add will look at first.
  void FetchAhead(std::string_view key) const { names_.FetchAhead(key); }
  // In any order.
  void Add(const Access& times, Interpretation interpretation);
  // Of deletions that were added.
  void Decide(const std::vector<DecidedDeletion>& deletions);

  // Whether the sweep has read it, and how many it has.
  [[nodiscard]] bool Swept(std::string_view key) const {
    const std::optional<uint32_t> number = names_.Find(key);
    return number && keys_[*number].swept;
  }
  [[nodiscard]] size_t swept_keys() const { return swept_keys_; }

  // Calls visit(Register) for every register, by key and field. A key that was both a string and a
  // hash is left out, and one that is moved, combined or lone.
  template <typename Visit>
  void ForEachRegister(const CrashesOf& crashes, Visit&& visit) const {
    ForEachRegisterOf([](const Bytes& /*key*/) { return true; }, crashes, visit);
  }
  // Of those keys alone that are wanted.
  template <typename Wanted, typename Visit>
  void ForEachRegisterOf(Wanted&& wanted, const CrashesOf& crashes, Visit&& visit) const {
    for (const uint32_t number : names_.InOrder()) {
      const Bytes& key = names_.key(number);
      const Key& content = keys_[number];
      if (content.moved || content.combined || content.lone || !wanted(key)) continue;
      if (!content.usable(key, *this)) continue;
      for (Register& entry : content.Registers(key, crashes(key), may_forget_)) {
        visit(std::as_const(entry));
      }
    }
  }

  [[nodiscard]] MovedKeys Moved(const CrashesOf& crashes) const;
  [[nodiscard]] std::span<const JoinedAccess> joined() const { return joined_; }
  [[nodiscard]] std::span<const CombinedAccess> combined() const { return combined_; }
  [[nodiscard]] std::span<const LoneAccess> lone() const { return lone_; }
  // The keys that combinations are written to, each with what else was done to it. Left out is what
  // would be as a register, and what was moved, too.
  [[nodiscard]] std::vector<Register> CombinedKeys(const CrashesOf& crashes) const;
  [[nodiscard]] HistoryCoverage coverage() const;

 private:
  struct Key {
    std::vector<Access> whole;
    std::map<Bytes, std::vector<Access>> fields;

    bool moved = false;
    bool combined = false;
    bool lone = false;
    bool swept = false;

    [[nodiscard]] bool mixed() const;
    [[nodiscard]] bool usable(const Bytes& key, const History& history) const;
    [[nodiscard]] std::vector<Register> Registers(const Bytes& key,
                                                  const std::vector<ReplicaCrash>& crashes,
                                                  bool may_be_forgotten) const;
  };

  Key& KeyOf(const Bytes& name);
  void Sweep(Key& key);

  KeyIndex names_;
  std::vector<Key> keys_;  // by number
  size_t swept_keys_ = 0;
  std::vector<TransferAccess> transfers_;
  std::vector<JoinedAccess> joined_;
  std::vector<CombinedAccess> combined_;
  std::vector<LoneAccess> lone_;
  std::set<Bytes> unknown_;
  bool everything_unknown_ = false;
  bool may_forget_ = false;
};

// For messages: "key", or "key, field 'f'", shortened where long.
[[nodiscard]] std::string NameOf(const Register& entry);
// Something may have been added to what it held.
[[nodiscard]] bool HoldsIncrements(const Register& entry);
[[nodiscard]] std::string Shown(const std::optional<Bytes>& value);
// "SET \"v\" of client operation 7 (events 10 to 12, QUORUM, acknowledged)".
[[nodiscard]] std::string Describe(const Access& access);

}  // namespace quorate::sim
