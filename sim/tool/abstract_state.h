// SPDX-License-Identifier: Apache-2.0
// A cluster seen from far away: what the protocol may have to cope with now, in a few small
// numbers. Two runs in the same abstract state are in much the same situation; one that nobody has
// been in may be one that nobody has thought of.
//
// Looked at every few hundred events, and when a fault begins or ends, a node starts or goes, a
// phase begins. What a look says depends on the run alone, not on who else has looked.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/mark.h"
#include "engine/node/shard.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

enum class StatePart : uint8_t {
  kPhase,
  // Nodes.
  kDown,
  kFrozen,   // a fault that stays has them
  kLoading,  // some shard of theirs has not all rows yet
  kAiling,   // or its disk is full, or has failed
  // Faults in force.
  kCuts,           // partitions, one-way cuts, clogs, connections half open
  kUnreliable,     // losses, duplications, delays, corruption, narrow links, other releases
  kStorageFaults,  // of every kind
  kClockFaults,    // these too
  kSlowness,       // pauses and slow processors
  // What is under way, as amounts: the most of any shard where it is of shards.
  kOperations,
  kSuspects,  // peers that owe it an answer
  kMessages,  // of all nodes, as the next two
  kCommits,
  kRequests,  // of clients
  // Since the look before: whether there were any.
  kMerged,      // copies differed: concurrent versions, or one that had missed something
  kRestamped,   // a replica held a higher version than the write's
  kNoQuorum,    // operations failed for want of one
  kHandedOn,    // requests went to another replica, or found nobody
  kAskedAgain,  // steps, or copies of requests
  kOtherLives,  // requests met a life of a node that they were not meant for
  kDeleted,     // deadlines passed, keys were reaped or evicted
  kRefused,     // requests, for want of room, of storage, or as too many
};
inline constexpr size_t kStateParts = 23;

// 0, 1, 2, 3-4, 5-8, 9-16 and so on, as 0, 1, 2, 3, 4, 5.
[[nodiscard]] uint8_t BucketOf(uint64_t count);
// None, 1-4, 5-32, more, as 0, 1, 2, 3. Finer ones would make every look one at something new.
[[nodiscard]] uint8_t AmountOf(uint64_t count);

struct AbstractState {
  std::array<uint8_t, kStateParts> parts{};
  [[nodiscard]] uint8_t& operator[](StatePart part) { return parts[static_cast<size_t>(part)]; }
  [[nodiscard]] uint8_t operator[](StatePart part) const {
    return parts[static_cast<size_t>(part)];
  }
  [[nodiscard]] uint64_t Hash() const;
  friend bool operator==(const AbstractState&, const AbstractState&) = default;
};

class StateWatch final : public WorldObserver {
 public:
  void RunBegan(const WorldView& world) override;
  void Happened(const WorldEvent& event) override;
  void Began(const FaultBegan& began) override;
  void Ended(const FaultEnded& ended) override;
  void PhaseBegan(Phase /*phase*/, SimTime /*time*/) override { due_ = true; }

  // Between two steps of the world: whether it is time to look.
  [[nodiscard]] bool due() const { return due_; }
  // The state now.
  AbstractState Look();
  // Marks of the engine that the run has come to for the first time since the look before.
  [[nodiscard]] const std::vector<Mark>& first_marks() const { return first_marks_; }
  [[nodiscard]] uint64_t events() const { return events_; }

 private:
  enum class FaultClass : uint8_t { kCut, kUnreliable, kStorage, kClock, kSlow, kOther };
  static constexpr size_t kFaultClasses = 6;
  [[nodiscard]] static FaultClass ClassOf(FaultKind kind);
  // Counts since the look before, of shards that come and go.
  using Happenings = std::array<uint64_t, kStateParts>;
  void LookAt(const node::Shard& shard, AbstractState& state, Happenings& happened, Marks& marks);

  const WorldView* world_ = nullptr;
  uint64_t events_ = 0;
  uint64_t look_at_ = 0;  // this event
  uint64_t look_events_ = 0;
  bool due_ = false;
  std::array<uint32_t, kFaultClasses> in_force_{};
  Happenings before_{};
  uint64_t met_ = 0;  // marks, a bit each
  std::vector<Mark> first_marks_;
};

}  // namespace quorate::sim
