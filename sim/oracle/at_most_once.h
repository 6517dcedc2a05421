// SPDX-License-Identifier: Apache-2.0
// Verifies: an increment that was sent once counts at most once, whether it was acknowledged or
// nobody knows what became of it. No reader, and no increment's own answer, ever shows more than
// everything that was asked for before the answer came.
//
// When: for every answer with a number, and for what the sweep found, when the world is at rest.
//
// Not: keys left out of the history. Numbers that were also set or deleted are judged by their end
// alone. Where a register is both raised and lowered, a decrement that was lost looks the same as
// an increment that counted twice, and is reported as that.
#pragma once

#include <optional>

#include "sim/oracle/history.h"
#include "sim/oracle/promises.h"
#include "sim/world/failure.h"

namespace quorate::sim {

[[nodiscard]] std::optional<Failure> CheckAtMostOnce(const Register& entry,
                                                     const Promises& promises);

}  // namespace quorate::sim
