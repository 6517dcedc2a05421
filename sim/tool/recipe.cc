// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/recipe.h"

#include "sim/fault/schedule.h"
#include "sim/scenario/bug_name.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/settings.h"

namespace quorate::sim {

RunRecipe RecipeOf(const WorldConfig& config, const Schedule& schedule) {
  RunRecipe recipe;
  recipe.scenario = config.scenario;
  recipe.seed = config.seed;
  recipe.nodes = config.nodes;
  recipe.duration = SimTime{} + config.duration;
  if (config.planted != PlantedBug::kNone) recipe.planted = NameOf(config.planted);
  recipe.settings = SettingsOf(config);
  recipe.schedule = EncodeSchedule(schedule);
  recipe.epochs = config.epochs;
  return recipe;
}

absl::StatusOr<WorldConfig> ConfigOf(const RunRecipe& recipe) {
  const Scenario* scenario = FindScenario(recipe.scenario);
  if (scenario == nullptr) return InvalidArgument(Format("no scenario '%s'", recipe.scenario));
  const std::optional<PlantedBug> planted =
      recipe.planted.empty() ? PlantedBug::kNone : ParsePlantedBug(recipe.planted);
  if (!planted) return InvalidArgument(Format("no planted bug '%s'", recipe.planted));
  WorldConfig config = MakeConfig(*scenario, recipe.seed, {recipe.nodes, {}, *planted});
  config.duration = recipe.duration - SimTime{};
  QUORATE_RETURN_IF_ERROR(ApplySettings(recipe.settings, config));
  if (!recipe.schedule.empty()) {
    QUORATE_ASSIGN_OR_RETURN(config.schedule, DecodeSchedule(recipe.schedule));
  }
  config.epochs = recipe.epochs;
  for (const RecordedOperation& operation : recipe.operations) {
    Prescription prescription{operation.node.value, operation.time, {}, operation.pool};
    if (operation.pool.value >= config.pools.size()) {
      return InvalidArgument("a recorded operation of a pool that is not there");
    }
    // The pool's levels need not be asked for: that would be a command more than was recorded.
    const PoolConfig& pool = config.pools[operation.pool.value];
    if (operation.read != pool.read) prescription.levels.read = operation.read;
    if (operation.write != pool.write) prescription.levels.write = operation.write;
    config.script.push_back({operation.client, prescription, operation.command});
  }
  return config;
}

}  // namespace quorate::sim
