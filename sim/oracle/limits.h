// SPDX-License-Identifier: Apache-2.0
// Named limits of the oracles.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::sim {

// The exact set of sums that ambiguous increments can make is kept up to this size; above it the
// interval between the smallest and the largest sum is used.
inline constexpr size_t kReachableSumsMax = 4096;

// Most registers have about so many accesses.
inline constexpr size_t kAccessesUsual = 4;

// How many of the writes that a client sent behind one are judged to have replaced it.
inline constexpr size_t kPipelineWritesJudged = 8;

// How many combinations of values of its sources are tried for what a BITOP may have made.
inline constexpr size_t kCombinationsMax = 4096;

// What is told a lone client of a time that counts from now may differ so much from what one copy
// says whose clock stands still: a run, and what faults do to the clocks of its nodes, are shorter.
inline constexpr int64_t kLoneClockSlackMs = 24 * 3'600'000;

// Bytes of a key or value that a message shows.
inline constexpr size_t kShownBytesMax = 64;

// A look at the queues costs as much as there are nodes, so all are looked at once in this many
// events for each node.
inline constexpr uint64_t kQueueSampleEventsPerNode = 256;

}  // namespace quorate::sim
