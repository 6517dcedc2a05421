// SPDX-License-Identifier: Apache-2.0
// Verifies: no acknowledged write is lost, and no deleted value comes back. After healing, what a
// read at level ALL finds in a register must be what a correct run can leave there: the value of a
// write that no later acknowledged write had to supersede, and on it every acknowledged increment.
// The promises of the levels and durabilities in force (sim/oracle/promises.h) say which writes
// had to survive and which had to supersede.
//
// When: once, for every register that the sweep read, when the world is at rest.
//
// Not: keys that were written by commands without a known meaning, that were both string and hash,
// or whose sweep read failed. Values that were visible in between (quorum_reads). Increments that
// count too often (at_most_once).
#pragma once

#include <optional>

#include "sim/oracle/history.h"
#include "sim/oracle/promises.h"
#include "sim/world/failure.h"

namespace quorate::sim {

[[nodiscard]] std::optional<Failure> CheckAcknowledgedWrites(const Register& entry,
                                                             const Promises& promises);

}  // namespace quorate::sim
