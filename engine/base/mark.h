// SPDX-License-Identifier: Apache-2.0
// Points in the engine that some run of the simulator should reach, and quantities whose highest
// value says how far runs push them. A seed that holds says little about code it never came to: an
// ensemble of seeds in which a mark never fires is too tame, and says so.
//
// Counted in the object that reaches the point, by value; to count costs an addition.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/codec.h"

namespace quorate {

enum class Mark : uint8_t {
  // The coordinator.
  kReadShared,        // operations on a key took their turn with one read
  kReadRepaired,      // copies differed and were merged
  kDoubtfulCopy,      // a copy that may have lost writes was merged and not counted
  kLateOperation,     // its turn came after its deadline: not executed
  kStateMoved,        // another write came between read and execution
  kRestamped,         // a replica held a higher version than the write's
  kPredecessorFirst,  // a reply waited for the write that it shows
  kReapYielded,       // a reader took the turn of one in the background
  kResent,            // a step was asked for again
  kStalledReplica,    // one that gave its digest never gave its state
  kQuorumFailed,
  // The replica.
  kOtherLife,          // it was asked for what only an earlier life may execute
  kCopyIgnored,        // a second copy of a request came
  kExpiredRequest,     // a request came after its client had given up
  kReapStarted,        // a deadline has passed for all replicas, perhaps
  kBuiltOnUnstored,    // an operation saw what a full disk has not taken
  kUnstoredRefused,    // a key was refused because a full disk holds it back
  kStorageFailedHere,  // a request came to a node whose storage had failed
  kOutOfMemory,        // a write was refused because it needs room
  kEvicted,            // or a key was forgotten for it
  // The frontend.
  kOtherCandidate,    // another replica was asked
  kEveryoneAsked,     // nobody could execute: a pause
  kIntroduced,        // a peer was asked for no more than its life, and then again
  kRestartedReplica,  // the replica that was asked has restarted
  kPartTimedOut,      // no replica answered at all
  kQueuedInOrder,     // a request waited for one on the same key before it
  kHeldBehindSteps,   // a request waited for one of several steps
  kEndedByStop,       // nobody could execute, and this node stops
  // The shard.
  kCeilingReserved,
  kDiskFull,
  kRoomAgain,
  kStorageFailed,
  kClientClosedOnFullDisk,
  kOrderlyEndSeen,  // this life knows that the one before ended orderly
  kUncleanStart,    // or that it did not
  kTakenForgotten,  // of the requests of peers the oldest were forgotten before their time
  // That a fault point has fired (fault_point.h).
  kReadAllAtOnce,
  kResendAtOnce,
  kRestampUnasked,
  kRefuseRequest,
  kRefuseStep,
  kAskAnother,
  kForgetLife,
  kLongWay,
  kReserveEarly,
  kSmallPiece,
};
inline constexpr size_t kMarks = 46;
[[nodiscard]] std::string_view NameOf(Mark mark);

enum class Watermark : uint8_t {
  kTurnWaiters,      // operations that wait for one key
  kOperations,       // coordinated at one time
  kWaitingCommits,   // of a shard
  kRequestsInOrder,  // parts of a client on one key
};
inline constexpr size_t kWatermarks = 4;
[[nodiscard]] std::string_view NameOf(Watermark watermark);

class Marks {
 public:
  void Reach(Mark mark, uint64_t times = 1) { times_[static_cast<size_t>(mark)] += times; }
  void Raise(Watermark watermark, uint64_t value) {
    uint64_t& highest = highest_[static_cast<size_t>(watermark)];
    highest = std::max(highest, value);
  }
  // As if all that `other` counts had been counted here.
  void Add(const Marks& other);

  friend bool operator==(const Marks&, const Marks&) = default;
  [[nodiscard]] uint64_t times(Mark mark) const { return times_[static_cast<size_t>(mark)]; }
  [[nodiscard]] uint64_t highest(Watermark watermark) const {
    return highest_[static_cast<size_t>(watermark)];
  }

 private:
  std::array<uint64_t, kMarks> times_{};
  std::array<uint64_t, kWatermarks> highest_{};
};

// For saved state.
void PutMarks(Bytes& out, const Marks& marks);
[[nodiscard]] Marks ReadMarks(ByteReader& reader);

}  // namespace quorate
