// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/explore_command.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"
#include "sim/tool/children.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/explorer.h"
#include "sim/tool/input.h"
#include "sim/tool/keep_failure.h"
#include "sim/tool/recipe.h"
#include "sim/tool/run_command.h"
#include "sim/tool/state_map.h"
#include "sim/tool/steady_seconds.h"

namespace quorate::sim {
namespace {

// Between two lines about how far it is.
constexpr double kProgressSeconds = 5.0;
// After the time is up, for a run that is being judged to end.
constexpr double kPatience = 10.0;

// Of this process and all that have ended below it.
double ProcessorSeconds() {
  double seconds = 0.0;
  for (const int whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage used{};
    if (::getrusage(whose, &used) != 0) continue;
    for (const timeval& time : {used.ru_utime, used.ru_stime}) {
      seconds += static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    }
  }
  return seconds;
}

class Exploration {
 public:
  // A failing run: its seed, and its epochs.
  struct Found {
    uint64_t seed = 0;
    std::vector<DrawEpoch> epochs;
  };

  explicit Exploration(const Arguments& arguments)
      : arguments_(arguments), began_(SteadySeconds()), next_(arguments.seeds.first) {
    plan_.children = arguments.children;
    plan_.until = std::numeric_limits<double>::max();
    if (arguments.time_limit) {
      plan_.until = began_ + static_cast<double>(arguments.time_limit->count()) / 1e6;
    }
  }

  absl::Status Run() {
    QUORATE_RETURN_IF_ERROR(map_.Open());
    Children children(arguments_.jobs);
    while (true) {
      while (goes() && !children.full()) {
        const uint64_t seed = next_;
        const auto work = [&] { return Explore(seed); };
        QUORATE_RETURN_IF_ERROR(children.Start(seed, work, /*quiet=*/true));
        ended_ = seed == arguments_.seeds.last;
        next_ = seed + 1;
        ++seeds_;
      }
      if (children.none()) return absl::OkStatus();
      QUORATE_ASSIGN_OR_RETURN(const std::optional<Children::Ended> ended,
                               children.Wait(kProgressSeconds));
      if (ended) {
        QUORATE_RETURN_IF_ERROR(Take(*ended));
      } else if (found_ || SteadySeconds() > plan_.until + kPatience) {
        children.EndFrom(0);
      }
      Progress();
    }
  }

  [[nodiscard]] const std::optional<Found>& found() const { return found_; }
  [[nodiscard]] std::string Summary() const {
    const double wall = SteadySeconds() - began_;
    const uint64_t states = map_.Of(StateMap::Count::kStates);
    return Format(
        "%s scenario=%s seeds=%u runs=%u forks=%u continuations=%u events=%u states=%u "
        "states-per-minute=%u failures=%u wall=%s cpu=%s",
        found_ ? "FAILED" : "ok", arguments_.operands.front(), seeds_,
        map_.Of(StateMap::Count::kRuns), map_.Of(StateMap::Count::kForked),
        map_.Of(StateMap::Count::kContinuations), map_.Of(StateMap::Count::kEvents), states,
        static_cast<uint64_t>(static_cast<double>(states) * 60.0 / std::max(wall, 1e-3)),
        found_ ? 1U : 0U, Tenths(wall), Tenths(ProcessorSeconds()));
  }
  [[nodiscard]] std::string LooksLine() const {
    return Format("states:    %u of %u looks were at a new one; the map is full to %u %%",
                  map_.Of(StateMap::Count::kStates), map_.Of(StateMap::Count::kLooks),
                  100 * map_.used() / kStateMapBits);
  }

 private:
  static std::string Tenths(double seconds) {
    const auto tenths = static_cast<uint64_t>(std::lround(seconds * 10.0));
    return Format("%u.%u", tenths / 10, tenths % 10);
  }
  [[nodiscard]] bool goes() const {
    return !ended_ && !map_.stopped() && SteadySeconds() < plan_.until;
  }

  // In the child.
  Bytes Explore(uint64_t seed) {
    // Nobody would wait for it any more.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Arguments of_seed = arguments_;
    of_seed.seeds = {seed, seed};
    const absl::StatusOr<RunRecipe> recipe =
        RecipeFrom(of_seed.operands.front(), of_seed, /*planted=*/true);
    if (!recipe.ok()) return "e" + MessageOf(recipe.status());
    const absl::StatusOr<WorldConfig> config = ConfigOf(*recipe);
    if (!config.ok()) return "e" + MessageOf(config.status());
    Explorer explorer(*config, map_, plan_);
    const absl::StatusOr<Explorer::Findings> findings = explorer.Run();
    if (!findings.ok()) return "e" + MessageOf(findings.status());
    return "f" + Explorer::Encode(*findings);
  }

  absl::Status Take(const Children::Ended& ended) {
    Found found{ended.tag, arguments_.epochs};
    if (ended.finished) {
      if (!ended.answer.starts_with('f')) {
        return InvalidArgument(
            Format("seed %u: %s", ended.tag,
                   ended.answer.substr(std::min<size_t>(1, ended.answer.size()))));
      }
      QUORATE_ASSIGN_OR_RETURN(const Explorer::Findings findings,
                               Explorer::Decode(std::string_view(ended.answer).substr(1)));
      if (findings.failing.empty()) return absl::OkStatus();
      found.epochs = findings.failing.front();
    }
    map_.Stop();
    // Of those that ended at about the same time the one that is easiest to look at.
    if (!found_ || found.epochs.size() < found_->epochs.size()) found_ = std::move(found);
    return absl::OkStatus();
  }

  void Progress() {
    const double now = SteadySeconds();
    if (now < told_ + kProgressSeconds) return;
    told_ = now;
    std::fprintf(stderr, "explore: %s s, %llu seeds, %llu runs, %llu continuations, %llu states\n",
                 Tenths(now - began_).c_str(), static_cast<unsigned long long>(seeds_),
                 static_cast<unsigned long long>(map_.Of(StateMap::Count::kRuns)),
                 static_cast<unsigned long long>(map_.Of(StateMap::Count::kContinuations)),
                 static_cast<unsigned long long>(map_.Of(StateMap::Count::kStates)));
  }

  const Arguments& arguments_;
  const double began_;
  uint64_t next_;
  bool ended_ = false;
  uint64_t seeds_ = 0;
  double told_ = SteadySeconds();
  Explorer::Plan plan_;
  StateMap map_;
  std::optional<Found> found_;
};

int Tell(const Exploration::Found& found, const Arguments& arguments, const Scenario& scenario) {
  Arguments of_run = arguments;
  of_run.seeds = {found.seed, found.seed};
  of_run.epochs = found.epochs;
  const absl::StatusOr<RunRecipe> recipe =
      RecipeFrom(of_run.operands.front(), of_run, /*planted=*/true);
  if (!recipe.ok()) return RefuseInput("explore", recipe.status());
  const std::string lines = Format("found:     seed %u, %u epochs\nagain:     %s\n", found.seed,
                                   found.epochs.size(), ReplayLine(scenario, found.seed, of_run));
  return KeepFailure("explore", *recipe, lines, of_run);
}

}  // namespace

int ExploreCommand(const Arguments& arguments, bool planted) {
  if (arguments.operands.size() != 1) return RefuseUsage("explore", "takes one scenario");
  const Scenario* const scenario = FindScenario(arguments.operands.front());
  if (scenario == nullptr) return RefuseScenario("explore", arguments.operands.front());
  // What is wrong with one seed is wrong with all.
  const absl::StatusOr<RunRecipe> recipe = RecipeFrom(arguments, planted);
  if (!recipe.ok()) return RefuseInput("explore", recipe.status());
  if (arguments.epochs.size() + kForkDepthMax > kEpochsMax) {
    return RefuseUsage("explore", "so many epochs leave no room for others");
  }
  Exploration exploration(arguments);
  const absl::Status explored = exploration.Run();
  if (!explored.ok()) return RefuseInput("explore", explored);
  const std::string summary = exploration.Summary();
  const int code = exploration.found() ? Tell(*exploration.found(), arguments, *scenario) : kExitOk;
  std::printf("%s\n%s\n", exploration.LooksLine().c_str(), summary.c_str());
  return code;
}

}  // namespace quorate::sim
