// SPDX-License-Identifier: Apache-2.0
// Named limits of the linearizability checkers.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::sim::check {

// A file of a history, and what its texts may add up to: offsets fit 32 bits.
inline constexpr size_t kHistoryBytesMax = size_t{1} << 30;
// Larger times could not be doubled into places.
inline constexpr uint64_t kTimeMax = uint64_t{1} << 62;

// What a search for an order of one key may look at before it says that it does not know.
inline constexpr uint64_t kSearchStepsDefault = 20'000'000;
inline constexpr uint64_t kSearchStepsMax = 1'000'000'000;
// Bytes of what a search remembers, and of the states that appends make.
inline constexpr size_t kSearchBytesMax = size_t{1} << 30;

// Narrowing a window: steps of one look, and operations looked at in all before the smallest window
// so far is shown as one that was not proven to be the shortest.
inline constexpr uint64_t kWindowSearchSteps = 20'000;
inline constexpr uint64_t kWindowWorkMax = 20'000'000;

// A key with more operations is first cut down in halves, and its window is not proven the
// shortest.
inline constexpr size_t kWindowWholeMax = 20'000;

// Rows and bytes of a value that a report shows.
inline constexpr size_t kWindowRowsMax = 40;
inline constexpr size_t kShownValueMax = 40;

}  // namespace quorate::sim::check
