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
};
inline constexpr size_t kFaultKinds = 14;

[[nodiscard]] std::string_view NameOf(FaultKind kind);
[[nodiscard]] std::optional<FaultKind> ParseFaultKind(std::string_view name);

// How often a fault of each kind changed what would have happened without it.
using FaultEffects = std::array<uint64_t, kFaultKinds>;

}  // namespace quorate::sim
