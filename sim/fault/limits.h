// SPDX-License-Identifier: Apache-2.0
// The bounds of fault schedules, whoever wrote them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace quorate::sim {

inline constexpr uint32_t kScheduleVersion = 1;
inline constexpr size_t kFaultsMax = 100'000;
inline constexpr uint32_t kWorldNodesMax = 16'384;
inline constexpr Duration kScheduleLengthMax = std::chrono::hours(24 * 30);
inline constexpr Duration kFaultAmountMax = std::chrono::hours(24);
// Of faults in words: what is read at once, and the targets of all of them.
inline constexpr size_t kFaultWordsBytesMax = size_t{64} << 20;
inline constexpr size_t kFaultTargetsMax = 16'000'000;
// Clocks that run faster than this are broken in a way no engine can be asked to bear.
inline constexpr int32_t kDriftPpmMax = 200'000;
// A slow processor takes at most so many times as long.
inline constexpr int64_t kSlowFactorMax = 1000;

// Episodes that a generator tries in vain to place before it gives up.
inline constexpr int kPlacementAttemptsMax = 64;

}  // namespace quorate::sim
