// SPDX-License-Identifier: Apache-2.0
// How long the tools take, and when their time is up. Nothing else in the program asks a clock:
// what does is stopped (program/traps.cc).
#pragma once

namespace quorate::sim {

// Of the monotonic clock, from an arbitrary beginning.
[[nodiscard]] double SteadySeconds();

// In seconds: longer than a tool runs.
inline constexpr double kForEver = 30.0 * 24 * 3600;

}  // namespace quorate::sim
