// SPDX-License-Identifier: Apache-2.0
// The constants of the simulated network.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace quorate::sim {

// From shard to shard of one node: a queue and a wake-up.
inline constexpr Duration kSiblingDelay = 2us;
// One message of this many is encoded, decoded and compared, where not all are.
inline constexpr uint64_t kCodecSample = 64;
// A second copy follows the first within this time.
inline constexpr Duration kDuplicateDelayMax = 2s;
// A lossy link is bad for a while and good for a while: the slots in which it stays one of both.
inline constexpr uint64_t kLossSlotUs = 50'000;
// What waits on a narrow link for longer than this does not fit its queue, and is lost.
inline constexpr Duration kLinkQueueMax = 1s;
// When a clogged link is freed, what has waited comes within this time, in any order.
inline constexpr Duration kUnclogSpread = 5ms;
// Bits that change in a corrupted frame, at most.
inline constexpr uint64_t kCorruptBitsMax = 4;
// Bytes in a field that the next release has added, at most.
inline constexpr uint64_t kAddedBytesMax = 40;

}  // namespace quorate::sim
