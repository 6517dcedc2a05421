// SPDX-License-Identifier: Apache-2.0
// Verifies that a client's pipeline means what it says: of two operations of one client on a
// register, the one that was sent first takes effect first, though both were under way at once.
// So a read shows neither what the client wrote behind it, nor what an acknowledged write of the
// same client has replaced: one sent before the read, or one that somebody else's read came after.
// When: for every acknowledged read, the sweep's included. Only what the other oracles cannot know
// is judged, pairs ordered by the pipeline; of each writer the next few writes of its client.
//
// Not: registers that hold increments, whose order shows in no value.
#pragma once

#include <optional>

#include "sim/oracle/history.h"
#include "sim/oracle/promises.h"
#include "sim/world/failure.h"

namespace quorate::sim {

[[nodiscard]] std::optional<Failure> CheckPipelineOrder(const Register& entry,
                                                        const Promises& promises);

}  // namespace quorate::sim
