// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/input.h"

#include <cstdio>
#include <utility>

#include "sim/scenario/bug_name.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/epoch_list.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/kept_trace.h"
#include "sim/tool/recipe.h"
#include "sim/tool/written_faults.h"
#include "sim/world/world.h"

namespace quorate::sim {
namespace {

absl::Status Usage(const std::string& text) { return absl::NotFoundError(text); }

absl::StatusOr<RunRecipe> FromSeed(const Scenario& scenario, uint64_t seed,
                                   const Arguments& arguments) {
  const std::optional<PlantedBug> bug = ParsePlantedBug(arguments.bug);
  if (!bug) return Usage("no planted bug is called '" + arguments.bug + "'");
  WorldConfig config = MakeConfig(scenario, seed, {arguments.nodes, arguments.duration, *bug});
  QUORATE_RETURN_IF_ERROR(UseFaults(arguments, config));
  config.epochs = arguments.epochs;
  const absl::StatusOr<std::unique_ptr<World>> world = World::Create(config, {});
  if (!world.ok()) return Usage(MessageOf(world.status()));
  return RecipeOf(config, (*world)->schedule());
}

absl::StatusOr<RunRecipe> FromFile(const std::string& path, const Arguments& arguments,
                                   bool planted) {
  absl::StatusOr<Trace> trace = LoadTrace(path, planted, arguments.bug);
  if (!trace.ok()) {
    return absl::Status(trace.status().code(), path + ": " + MessageOf(trace.status()));
  }
  // Made once more: what the file leaves to the scenario becomes data.
  absl::StatusOr<WorldConfig> config = ConfigOf(trace->recipe);
  if (!config.ok()) return InvalidArgument(path + ": " + MessageOf(config.status()));
  QUORATE_RETURN_IF_ERROR(UseFaults(arguments, *config));
  const absl::StatusOr<std::unique_ptr<World>> world = World::Create(*config, {});
  if (!world.ok()) return InvalidArgument(path + ": " + MessageOf(world.status()));
  RunRecipe recipe = RecipeOf(*config, (*world)->schedule());
  recipe.operations = std::move(trace->recipe.operations);
  return recipe;
}

}  // namespace

absl::StatusOr<RunRecipe> RecipeFrom(const std::string& operand, const Arguments& arguments,
                                     bool planted) {
  if (arguments.bug != kNoBug && !planted) {
    return Usage("this build has no planted bugs; use quorate-sim-planted");
  }
  if (!ParsePlantedBug(arguments.bug)) {
    return Usage("no planted bug is called '" + arguments.bug + "'");
  }
  const size_t colon = operand.find(':');
  const Scenario* const scenario = FindScenario(std::string_view(operand).substr(0, colon));
  if (scenario == nullptr) {
    if (!arguments.epochs.empty()) return Usage("a file has its own epochs; --epochs is of a seed");
    return FromFile(operand, arguments, planted);
  }
  if (colon == std::string::npos) return FromSeed(*scenario, arguments.seeds.first, arguments);
  const absl::StatusOr<SeedRange> seed = ParseSeeds(std::string_view(operand).substr(colon + 1));
  if (!seed.ok()) return Usage(MessageOf(seed.status()));
  return FromSeed(*scenario, seed->first, arguments);
}

absl::StatusOr<RunRecipe> RecipeFrom(const Arguments& arguments, bool planted) {
  if (arguments.operands.size() != 1) return Usage("takes one scenario or one trace file");
  return RecipeFrom(arguments.operands.front(), arguments, planted);
}

std::string RunFlags(const Arguments& arguments) {
  std::string words;
  if (arguments.nodes) words += Format(" --nodes %u", *arguments.nodes);
  if (arguments.duration) words += Format(" --for %dms", *arguments.duration / 1ms);
  words += FaultFlags(arguments);
  if (arguments.bug != kNoBug) words += Format(" --bug %s", arguments.bug);
  if (!arguments.epochs.empty()) words += " --epochs " + Describe(arguments.epochs);
  return words;
}

std::string WordsOf(const Arguments& arguments) {
  const std::string& operand = arguments.operands.back();
  if (FindScenario(operand) == nullptr) return ShellWord(operand) + RunFlags(arguments);
  return operand + Format(" --seed %u", arguments.seeds.first) + RunFlags(arguments);
}

int RefuseUsage(std::string_view tool, std::string_view what) {
  return RefuseInput(tool, Usage(std::string(what)));
}

int RefuseScenario(std::string_view tool, std::string_view name) {
  return RefuseUsage(tool, Format("no scenario '%s'; see 'list'", name));
}

int RefuseInput(std::string_view tool, const absl::Status& status) {
  std::fprintf(stderr, "quorate-sim: %.*s: %s\n", static_cast<int>(tool.size()), tool.data(),
               MessageOf(status).c_str());
  if (status.code() == absl::StatusCode::kNotFound) return kExitUsage;
  return status.code() == absl::StatusCode::kUnavailable ? kExitSystem : kExitInput;
}

}  // namespace quorate::sim
