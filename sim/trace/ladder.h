// SPDX-License-Identifier: Apache-2.0
// The running hash of a run, sampled every 2^k events. Once two runs differ they differ at every
// later rung, so the first difference is found by bisection, in logarithmic time and without the
// events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/run_hash.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

struct Ladder {
  int shift = kLadderShift;
  std::vector<uint64_t> rungs;  // after event 1 * 2^shift, 2 * 2^shift, ...
  uint64_t events = 0;
  uint64_t end = 0;  // after the last event
  friend bool operator==(const Ladder&, const Ladder&) = default;
};

// Adds all of an event to the hash.
void AddEvent(RunHash& hash, const WorldEvent& event);
// At most kRungsMax rungs: every second one goes until they fit.
[[nodiscard]] Ladder LadderOf(const RunHash& hash);
// Every 2^shift events only. Requires: shift >= ladder.shift.
[[nodiscard]] Ladder Coarser(Ladder ladder, int shift);

struct LadderComparison {
  bool equal = true;
  uint64_t equal_until = 0;  // events up to this one are equal
  uint64_t differ_by = 0;    // an event up to this one differs, where not equal
  friend bool operator==(const LadderComparison&, const LadderComparison&) = default;
};
[[nodiscard]] LadderComparison CompareLadders(const Ladder& a, const Ladder& b);
[[nodiscard]] std::string Describe(const LadderComparison& comparison);

}  // namespace quorate::sim
