// SPDX-License-Identifier: Apache-2.0
// The bounds of the simulator's core.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::sim {

// Values of a slab that are allocated together.
inline constexpr uint32_t kSlabChunk = 256;
// More events under way than any sane world has: a loop that feeds itself.
inline constexpr size_t kPendingEventsMax = size_t{1} << 26;
// How often what is to come of a run may be drawn anew.
inline constexpr size_t kEpochsMax = 64;
// The running hash is sampled into the ladder every 2^k events.
inline constexpr int kLadderShift = 10;

// What the hashes of a key index are made with.
inline constexpr uint64_t kKeyIndexSeed = 0x6b6579696e646578;

}  // namespace quorate::sim
