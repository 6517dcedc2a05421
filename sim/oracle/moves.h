// SPDX-License-Identifier: Apache-2.0
// Verifies, for keys among which RENAME, RENAMENX and COPY take values: what a key shows was
// written to it, or was taken there from a key that may have shown it then, and so on back to a SET
// (no value comes from nowhere). A read that must meet an acknowledged move shows at the second key
// what was moved or something newer, and at the first nothing or something newer (no acknowledged
// value is lost, none is left behind). One whose outcome is not known has written the second key
// for sure once the first is found empty and nothing else can have emptied it. Who moves a value
// finds one, and who is told that there is none finds none. What a client sent first takes effect
// first.
//
// A move is a read of the first key, a write of the second and a deletion of the first, in this
// order, between its beginning and its end; what it wrote nobody says. So it is judged as a write
// of a value of its own, and a read of that key as one of this value wherever the move can have
// brought what was read.
//
// When: when the world is at rest, for all moved keys together.
//
// Not: that a move is one step, which is promised on one shard of a pool of one replica alone: two
// that overlap may both take a value, and a SET of the first key that overlaps may be taken away.
// Moved keys that other commands have changed, or that hold increments or fields. Deadlines.
#pragma once

#include <optional>

#include "sim/oracle/history.h"
#include "sim/oracle/promises.h"
#include "sim/world/failure.h"

namespace quorate::sim {

[[nodiscard]] std::optional<Failure> CheckMoves(const MovedKeys& moved, const Promises& promises);

}  // namespace quorate::sim
