// SPDX-License-Identifier: Apache-2.0
// The one true time of a simulated world, and the numbers of its events. No node sees it: each has
// clocks of its own that are derived from it (sim/world/node_clock.h).
#pragma once

#include <compare>
#include <cstdint>

#include "engine/base/time.h"

namespace quorate::sim {

// Microseconds since the beginning of the run.
struct SimTime {
  uint64_t us = 0;
  friend auto operator<=>(const SimTime&, const SimTime&) = default;
};

// Requires: duration >= 0.
[[nodiscard]] constexpr SimTime operator+(SimTime time, Duration duration) {
  return {time.us + static_cast<uint64_t>(duration.count())};
}
[[nodiscard]] constexpr Duration operator-(SimTime to, SimTime from) {
  return Duration(static_cast<int64_t>(to.us) - static_cast<int64_t>(from.us));
}

// Events are numbered from 1 in the order in which they happen; 0 is the cause of what nothing in
// the world caused.
struct EventId {
  uint64_t value = 0;
  friend auto operator<=>(const EventId&, const EventId&) = default;
};

}  // namespace quorate::sim
