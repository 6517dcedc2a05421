// SPDX-License-Identifier: Apache-2.0
// A run that a tool looks at from outside: what came of it, in this process or in one of its own.
#pragma once

#include <string_view>

#include "engine/base/status.h"
#include "sim/trace/trace.h"
#include "sim/world/failure.h"

namespace quorate::sim {

// How a run ended.
struct Observed {
  Trace trace;   // a regression: recipe with schedule and operations, verdict, effects
  SimTime time;  // of the event that failed; else the end
};
// Runs the recipe here. InvalidArgument where it makes no world.
absl::StatusOr<Observed> Observe(const RunRecipe& recipe);
// The same in a process of its own: if that dies, the failure is kAborted, and nothing is known
// but the recipe.
absl::StatusOr<Observed> ObserveApart(const RunRecipe& recipe);

// The failing run as a regression that is to be kept. What its faults must do: of a planted bug, in
// the run without it, which is what a kept regression is asked for.
absl::StatusOr<Trace> RegressionOf(RunRecipe recipe, const Failure& failure);

// An answer to another process: what was observed, or why nothing could be.
Bytes EncodeObserved(const absl::StatusOr<Observed>& observed);
// Errors: what the other one said, or that its answer was cut off.
absl::StatusOr<Observed> DecodeObserved(std::string_view bytes);

}  // namespace quorate::sim
