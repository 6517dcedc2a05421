// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/exhaust_command.h"

#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/fault/words.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/fault_pairs.h"
#include "sim/tool/input.h"
#include "sim/tool/keep_failure.h"
#include "sim/tool/pair_search.h"
#include "sim/tool/recipe.h"
#include "sim/tool/run_command.h"
#include "sim/tool/single_faults.h"
#include "sim/tool/steady_seconds.h"
#include "sim/tool/verdicts.h"
#include "sim/world/make_topology.h"

namespace quorate::sim {
namespace {

// Above this a run is too long for all of them.
constexpr size_t kExhaustFaultsMax = 200'000;

// What came of the singles, and of the pairs where there were any.
struct Exhausted {
  Verdicts singles;
  Verdicts pairs;
  std::vector<Fault> found;
  bool stopped = false;
};

absl::Status RunSingles(const RunRecipe& recipe, const std::vector<Fault>& faults,
                        Exhausted& exhausted) {
  QUORATE_ASSIGN_OR_RETURN(
      const std::optional<size_t> failed,
      exhausted.singles.Judge(
          faults.size(), [&](size_t i) { return RunWithFaults(recipe, {faults[i]}, nullptr); },
          [&](size_t i) { return std::string(NameOf(faults[i].kind)); }));
  exhausted.singles.Print();
  if (failed) exhausted.found = {faults[*failed]};
  const size_t left = faults.size() - exhausted.singles.judged();
  exhausted.stopped = !failed && left > 0;
  if (exhausted.stopped) std::printf("stopped:   the time is up, %zu were not run\n", left);
  return absl::OkStatus();
}

absl::Status RunPairs(const RunRecipe& recipe, const WorldConfig& config,
                      const SingleFaults& singles, size_t wanted, Exhausted& exhausted) {
  const std::vector<NodeId> ids = MakeNodeIds(config);
  QUORATE_ASSIGN_OR_RETURN(const topology::Topology topology, MakeTopology(config, ids));
  const FaultAtlas atlas = MakeAtlas(config, topology, ids);
  PairSearch search(recipe, atlas, exhausted.pairs);
  QUORATE_RETURN_IF_ERROR(search.Run(FirstFaults(singles, recipe.seed), wanted));
  exhausted.found = search.found();
  exhausted.stopped = search.stopped();
  std::printf("pairs:     %s, of %zu runs with the first fault alone\n",
              search.every() ? "every pair" : "a sample of all pairs", search.listed());
  exhausted.pairs.Print();
  if (search.stopped()) {
    std::printf("stopped:   the time is up, %zu pairs of %zu were run\n", exhausted.pairs.judged(),
                wanted);
  }
  return absl::OkStatus();
}

int Keep(const RunRecipe& recipe, const std::vector<Fault>& faults, const Arguments& arguments) {
  std::string lines;
  for (size_t i = 0; i < faults.size(); ++i) {
    lines += (i == 0 ? "fault:     " : "           ") + Words(faults[i], recipe.nodes) + "\n";
  }
  return KeepFailure("exhaust", WithFaults(recipe, faults), lines, arguments);
}

std::string PairsSummary(const Arguments& arguments, const Verdicts& pairs) {
  if (arguments.pairs == 0) return {};
  return Format(" pairs=%u pairs_held=%u", pairs.judged(), pairs.held());
}

int RunAll(const RunRecipe& recipe, const WorldConfig& config, const SingleFaults& singles,
           const Arguments& arguments) {
  const double began = SteadySeconds();
  const double until = arguments.time_limit
                           ? began + static_cast<double>(arguments.time_limit->count()) / 1e6
                           : std::numeric_limits<double>::max();
  const std::vector<Fault> faults = singles.All();
  Exhausted exhausted{Verdicts(arguments.jobs, until), Verdicts(arguments.jobs, until), {}};
  absl::Status status = RunSingles(recipe, faults, exhausted);
  // A pair of which one fails alone is none.
  if (status.ok() && arguments.pairs > 0 && exhausted.found.empty() && !exhausted.stopped) {
    status = RunPairs(recipe, config, singles, arguments.pairs, exhausted);
  }
  if (!status.ok()) return RefuseInput("exhaust", status);
  const bool failed = !exhausted.found.empty();
  const int code = failed ? Keep(recipe, exhausted.found, arguments) : kExitOk;
  std::printf("%s scenario=%s seed=%llu faults=%zu runs=%zu held=%zu%s wall=%.1f\n",
              failed ? "FAILED" : "ok", recipe.scenario.c_str(),
              static_cast<unsigned long long>(recipe.seed), faults.size(),
              exhausted.singles.judged(), exhausted.singles.held(),
              PairsSummary(arguments, exhausted.pairs).c_str(), SteadySeconds() - began);
  return code;
}

}  // namespace

int ExhaustCommand(const Arguments& arguments, bool planted) {
  const absl::StatusOr<RunRecipe> given = RecipeFrom(arguments, planted);
  if (!given.ok()) return RefuseInput("exhaust", given.status());
  const RunRecipe recipe = WithFaults(*given, {});
  const absl::StatusOr<WorldConfig> config = ConfigOf(recipe);
  if (!config.ok()) return RefuseInput("exhaust", config.status());
  SingleFaults singles(recipe.duration);
  const absl::StatusOr<Outcome> plain = RunConfig(*config, {&singles});
  if (!plain.ok()) return RefuseInput("exhaust", plain.status());
  if (const std::optional<Failure>& failure = plain->failure; failure.has_value()) {
    std::printf("the run fails without any fault: quorate-sim shrink makes it small\n");
    return ExitCodeOf(failure->kind);
  }
  std::printf(
      "run:       %s seed %llu, %u nodes, %zu operations: %zu ticks with %zu effects, %zu "
      "messages\n",
      recipe.scenario.c_str(), static_cast<unsigned long long>(recipe.seed), recipe.nodes,
      static_cast<size_t>(plain->result.operations), singles.ticks(), singles.effects(),
      singles.messages());
  const size_t faults = singles.All().size();
  if (faults > kExhaustFaultsMax) {
    return RefuseUsage(
        "exhaust", Format("%u single faults are too many; --for makes the run shorter", faults));
  }
  return RunAll(recipe, *config, singles, arguments);
}

}  // namespace quorate::sim
