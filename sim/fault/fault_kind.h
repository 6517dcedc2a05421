// SPDX-License-Identifier: Apache-2.0
// The kinds of faults, apart from the schedule that uses them, so that whoever only names or counts
// them needs nothing else. The numbers are stored in schedules and traces.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace quorate::sim {

enum class FaultKind : uint8_t {
  kCrash = 0,         // the node dies and is started again at the end
  kPause = 1,         // the node does nothing, and then goes on
  kPartition = 2,     // messages between groups of nodes are lost
  kOneWayCut = 3,     // messages from the targets to all others are lost
  kLoss = 4,          // some messages from and to the targets are lost
  kDuplication = 5,   // some are delivered twice
  kDelay = 6,         // some are late, and so overtaken
  kDiskStall = 7,     // commits take long
  kDiskFull = 8,      // commits are refused for lack of room
  kCommitError = 9,   // a commit fails; the node is started again at the end
  kClockOffset = 10,  // the wall clock is off by an amount, then right again
  kClockDrift = 11,   // both clocks run too fast or too slow
  kClockJump = 12,    // the wall clock jumps and stays there
  kStop = 13,         // the node is stopped orderly and started again at the end

  kCorruption = 14,  // bits of some messages change on their way
  kClog = 15,  // messages from and to the targets wait until the end, and then come all at once
  kLate = 16,  // some come very late, up to hours
  kBandwidth = 17,  // links are narrow: messages queue, and those that find the queue full are lost
  kHalfOpen = 18,   // what clients and the node say to each other vanishes, unnoticed by both
  kSlowCpu = 19,    // every tick takes a multiple of its time
  kWallFreeze = 20,       // the wall clock stands still, then is right again
  kMonotonicFreeze = 21,  // the monotonic clock stands still, then goes on from there
  kMonotonicJump = 22,    // the monotonic clock leaps ahead
  kSyncError = 23,        // one sync fails, and those after it succeed
  kReadError = 24,        // parts of the disk cannot be read, the same ones each time
  kBitRot = 25,           // parts of the disk are read with a bit changed, the same ones each time
  kMisdirection = 26,     // parts of the disk hold what belongs elsewhere
  kLostSync = 27,         // syncs are no syncs: a power loss takes back all since the beginning
  kDiskSwap = 28,         // nodes find each other's disks; at the end their own again
  kRollback = 29,         // at the end the node comes back with the disk of the beginning
  kWipe = 30,             // the disk is empty, for good
  kDroppedWrite = 31,     // parts of the disk were never written, though it was said
  kOtherRelease = 32,     // what the targets send is written as another release writes it
};
inline constexpr size_t kFaultKinds = 33;
// Those that the scenarios had from the first release on: what draws from them draws as it did.
inline constexpr size_t kFirstFaultKinds = 14;

[[nodiscard]] std::string_view NameOf(FaultKind kind);
[[nodiscard]] std::optional<FaultKind> ParseFaultKind(std::string_view name);

// Whether the processes of its targets end when it begins, and start again when it is over.
[[nodiscard]] constexpr bool EndsProcess(FaultKind kind) {
  return kind == FaultKind::kCrash || kind == FaultKind::kStop;
}

// How often a fault of each kind changed what would have happened without it.
using FaultEffects = std::array<uint64_t, kFaultKinds>;

}  // namespace quorate::sim
