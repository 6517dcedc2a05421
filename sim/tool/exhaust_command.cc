// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/exhaust_command.h"

#include <cstdio>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/fault/words.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/first_of.h"
#include "sim/tool/input.h"
#include "sim/tool/keep_failure.h"
#include "sim/tool/recipe.h"
#include "sim/tool/run_command.h"
#include "sim/tool/single_faults.h"
#include "sim/tool/steady_seconds.h"

namespace quorate::sim {
namespace {

// Above this a run is too long for all of them.
constexpr size_t kExhaustFaultsMax = 200'000;

// What a child says of its run: whether it held, and what the fault did.
constexpr char kIdle = 'i';
constexpr char kHeld = 'h';
constexpr char kFailed = 'f';

RunRecipe With(RunRecipe recipe, std::vector<Fault> faults) {
  recipe.schedule = EncodeSchedule({recipe.nodes, std::move(faults)});
  return recipe;
}

Bytes RunOne(const RunRecipe& recipe, FaultKind kind) {
  const absl::StatusOr<WorldConfig> config = ConfigOf(recipe);
  if (!config.ok()) return Bytes(1, kFailed);
  const absl::StatusOr<Outcome> outcome = RunConfig(*config, {});
  if (!outcome.ok() || outcome->failure) return Bytes(1, kFailed);
  return Bytes(1, outcome->result.effects[static_cast<size_t>(kind)] > 0 ? kHeld : kIdle);
}

struct Tally {
  size_t held = 0;
  size_t idle = 0;
};

int RunAll(const RunRecipe& recipe, const std::vector<Fault>& faults, const Arguments& arguments) {
  std::map<FaultKind, Tally> tallies;
  const double began = SteadySeconds();
  const auto work = [&](size_t i) { return RunOne(With(recipe, {faults[i]}), faults[i].kind); };
  const auto fails = [&](const Children::Ended& ended) {
    Tally& tally = tallies[faults[ended.tag].kind];
    if (!ended.finished || ended.answer.empty() || ended.answer.front() == kFailed) return true;
    ++(ended.answer.front() == kHeld ? tally.held : tally.idle);
    return false;
  };
  const double limit = arguments.time_limit
                           ? static_cast<double>(arguments.time_limit->count()) / 1e6
                           : std::numeric_limits<double>::max();
  const absl::StatusOr<Search> search = FirstOf(faults.size(), arguments.jobs, limit, work, fails);
  if (!search.ok()) return RefuseInput("exhaust", search.status());
  size_t held = 0;
  for (const auto& [kind, tally] : tallies) {
    std::printf("%-11s%zu held", (std::string(NameOf(kind)) + ":").c_str(), tally.held);
    if (tally.idle > 0) std::printf(", %zu met nothing", tally.idle);
    std::printf("\n");
    held += tally.held;
  }
  if (!search->found && search->started < faults.size()) {
    std::printf("stopped:   the time is up, %zu were not run\n",
                faults.size() - static_cast<size_t>(search->started));
  }
  int code = kExitOk;
  if (search->found) {
    const Fault& fault = faults[search->found->tag];
    code = KeepFailure("exhaust", With(recipe, {fault}),
                       "fault:     " + Words(fault, recipe.nodes) + "\n", arguments);
  }
  std::printf("%s scenario=%s seed=%llu faults=%zu runs=%llu held=%zu wall=%.1f\n",
              search->found ? "FAILED" : "ok", recipe.scenario.c_str(),
              static_cast<unsigned long long>(recipe.seed), faults.size(),
              static_cast<unsigned long long>(search->started), held, SteadySeconds() - began);
  return code;
}

}  // namespace

int ExhaustCommand(const Arguments& arguments, bool planted) {
  const absl::StatusOr<RunRecipe> given = RecipeFrom(arguments, planted);
  if (!given.ok()) return RefuseInput("exhaust", given.status());
  const RunRecipe recipe = With(*given, {});
  const absl::StatusOr<WorldConfig> config = ConfigOf(recipe);
  if (!config.ok()) return RefuseInput("exhaust", config.status());
  SingleFaults singles(recipe.duration);
  const absl::StatusOr<Outcome> plain = RunConfig(*config, {&singles});
  if (!plain.ok()) return RefuseInput("exhaust", plain.status());
  if (plain->failure) {
    std::printf("the run fails without any fault: quorate-sim shrink makes it small\n");
    return ExitCodeOf(plain->failure->kind);
  }
  const std::vector<Fault> faults = singles.All();
  std::printf(
      "run:       %s seed %llu, %u nodes, %zu operations: %zu ticks with %zu effects, %zu "
      "messages\n",
      recipe.scenario.c_str(), static_cast<unsigned long long>(recipe.seed), recipe.nodes,
      static_cast<size_t>(plain->result.operations), singles.ticks(), singles.effects(),
      singles.messages());
  if (faults.size() > kExhaustFaultsMax) {
    return RefuseUsage(
        "exhaust",
        Format("%u single faults are too many; --for makes the run shorter", faults.size()));
  }
  return RunAll(recipe, faults, arguments);
}

}  // namespace quorate::sim
