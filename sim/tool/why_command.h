// SPDX-License-Identifier: Apache-2.0
// Walks back from an event, or from the failure of a run, to what caused it.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/status.h"
#include "sim/core/sim_time.h"
#include "sim/tool/arguments.h"
#include "sim/world/failure.h"
#include "sim/world/world_config.h"

namespace quorate::sim {

// `why [EVENT] SCENARIO --seed N | FILE`. Returns the exit code: 0 where there was something to
// walk back from.
int WhyCommand(const Arguments& arguments, bool planted);

// "#12" or "12"; NotFound for anything else.
absl::StatusOr<EventId> ParseEvent(std::string_view text);
// What an oracle or the world has found.
void PrintFailure(const Failure& failure);
// Prints the causes of an event, or without one of the failure, from a run of its own; the exit
// code.
int WalkBack(const WorldConfig& config, std::optional<EventId> wanted, uint32_t depth);

}  // namespace quorate::sim
