// SPDX-License-Identifier: Apache-2.0
// Named limits of the oracles.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::sim {

// The exact set of sums that ambiguous increments can make is kept up to this size; above it the
// interval between the smallest and the largest sum is used.
inline constexpr size_t kReachableSumsMax = 4096;

// Bytes of a key or value that a message shows.
inline constexpr size_t kShownBytesMax = 64;

// Queues are looked at once in this many events.
inline constexpr uint64_t kQueueSampleEvents = 4096;

}  // namespace quorate::sim
