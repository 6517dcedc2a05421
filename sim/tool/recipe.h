// SPDX-License-Identifier: Apache-2.0
// Between a configuration and the recipe that a trace keeps of it.
#pragma once

#include "engine/base/status.h"
#include "sim/trace/trace.h"
#include "sim/world/world.h"

namespace quorate::sim {

// All that makes this run again, but the operations, which the scenario draws.
[[nodiscard]] RunRecipe RecipeOf(const WorldConfig& config, const Schedule& schedule);

// InvalidArgument for a recipe that names what this build does not have.
absl::StatusOr<WorldConfig> ConfigOf(const RunRecipe& recipe);

}  // namespace quorate::sim
