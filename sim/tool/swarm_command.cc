// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/swarm_command.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <limits>

#include "sim/scenario/bug_name.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/children.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"
#include "sim/tool/first_of.h"
#include "sim/tool/input.h"
#include "sim/tool/kept_trace.h"
#include "sim/tool/run_command.h"
#include "sim/tool/steady_seconds.h"
#include "sim/tool/swarm_page.h"
#include "sim/tool/swarm_report.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kMarksAlone = "marks";
constexpr double kProgressSeconds = 5.0;
constexpr double kPageSeconds = 2.0;
// It takes as long as a thousand of the others.
constexpr std::string_view kTooLarge = "kv-1000";

// What a child tells: figures, a code, and two texts with a zero between them.
struct Told {
  SeedFigures figures;
  int code = 0;
};

Bytes Encode(const Told& told, const std::string& failure, const std::string& replay) {
  Bytes bytes(sizeof told, '\0');
  std::memcpy(bytes.data(), &told, sizeof told);  // to another process of the same program
  return bytes + failure + '\0' + replay;
}

Bytes RunSeed(const Scenario& scenario, uint64_t seed, const Arguments& arguments, PlantedBug bug) {
  Told told;
  const WorldConfig config = MakeConfig(scenario, seed, {arguments.nodes, arguments.duration, bug});
  const absl::StatusOr<Outcome> run = RunConfig(config, {});
  if (!run.ok()) {
    told.code = kExitUsage;
    return Encode(told, MessageOf(run.status()), {});
  }
  const Outcome& outcome = *run;
  told.figures.events = outcome.result.events;
  told.figures.operations = outcome.result.operations;
  told.figures.seconds = outcome.wall_seconds;
  told.figures.simulated_us = outcome.result.simulated.us;
  told.figures.effects = outcome.result.effects;
  told.figures.marks = outcome.result.marks;
  told.figures.loses_lists = config.faults.lost_lists > 0;
  told.figures.core = outcome.core;
  told.figures.staleness = outcome.staleness;
  for (const Fault& fault : outcome.schedule.faults) {
    ++told.figures.scheduled[static_cast<size_t>(fault.kind)];
  }
  if (!outcome.failure) return Encode(told, {}, {});
  const Failure& failure = *outcome.failure;
  told.code = ExitCodeOf(failure.kind);
  return Encode(told, Format("%s, found by the oracle '%s'", NameOf(failure.kind), failure.oracle),
                ReplayLine(scenario, seed, arguments));
}

class Swarm {
 public:
  Swarm(std::vector<const Scenario*> scenarios, const Arguments& arguments, PlantedBug bug)
      : scenarios_(std::move(scenarios)),
        arguments_(arguments),
        bug_(bug),
        children_(arguments.jobs),
        seed_(arguments.seeds.first),
        report_(arguments.all_marks) {}

  int Run() {
    began_ = SteadySeconds();
    const double limit = arguments_.time_limit
                             ? static_cast<double>(arguments_.time_limit->count()) / 1e6
                             : std::numeric_limits<double>::max();
    double told = began_;
    while (true) {
      while (!ended_ && !children_.full() && SteadySeconds() - began_ < limit) {
        if (!StartNext()) return kExitSystem;
      }
      if (children_.none()) break;
      if (!Draw(/*goes_on=*/true)) return kExitSystem;
      const double wait = arguments_.page.empty() ? kProgressSeconds : kPageSeconds;
      const absl::StatusOr<std::optional<Children::Ended>> ended = children_.Wait(wait);
      if (!ended.ok()) return kExitSystem;
      if (const std::optional<Children::Ended>& child = *ended) Take(*child);
      if (SteadySeconds() - told < kProgressSeconds) continue;
      told = SteadySeconds();
      std::fprintf(stderr, "swarm: %s\n", report_.Progress(told - began_, arguments_.jobs).c_str());
    }
    if (!Draw(/*goes_on=*/false)) return kExitSystem;
    const double seconds = SteadySeconds() - began_;
    if (arguments_.command == kMarksAlone) {
      std::fputs(report_.MarkTable(seconds, arguments_.jobs).c_str(), stdout);
      return report_.marks_code();
    }
    std::fputs(report_.Describe(seconds, arguments_.jobs).c_str(), stdout);
    return report_.code();
  }

 private:
  // False where the machine refuses. While it goes on not too often.
  bool Draw(bool goes_on) {
    const double now = SteadySeconds();
    if (arguments_.page.empty() || (goes_on && now < drawn_ + kPageSeconds)) return true;
    drawn_ = now;
    const SwarmPlace place{Format("%u..%u", arguments_.seeds.first, arguments_.seeds.last),
                           now - began_, arguments_.jobs, goes_on};
    const absl::Status drawn =
        ReplaceFile(arguments_.page, MakeTablePage(SwarmPageOf(report_, place)));
    if (!drawn.ok()) RefuseInput(arguments_.command, drawn);
    return drawn.ok();
  }

  // Each scenario with one seed, then with the next.
  bool StartNext() {
    const Scenario& scenario = *scenarios_[scenario_];
    const uint64_t seed = seed_;
    const uint64_t tag = (seed - arguments_.seeds.first) * scenarios_.size() + scenario_;
    const auto work = [&] { return RunSeed(scenario, seed, arguments_, bug_); };
    if (!children_.Start(tag, work, /*quiet=*/true).ok()) return false;
    if (++scenario_ < scenarios_.size()) return true;
    scenario_ = 0;
    ended_ = seed_ == arguments_.seeds.last;
    ++seed_;
    return true;
  }

  void Take(const Children::Ended& ended) {
    const Scenario& scenario = *scenarios_[ended.tag % scenarios_.size()];
    SeedRun run{std::string(scenario.name),
                arguments_.seeds.first + ended.tag / scenarios_.size(),
                0,
                {},
                {}};
    const uint64_t failed = report_.failed();
    if (!ended.finished || ended.answer.size() < sizeof(Told)) {
      run.code = ExitCodeOf(FailureKind::kAborted);
      run.failure = Format("%s, process ended with %d", NameOf(FailureKind::kAborted), ended.code);
      run.replay = ReplayLine(scenario, run.seed, arguments_);
      report_.AddDeath(run);
    } else {
      Told told;
      std::memcpy(&told, ended.answer.data(), sizeof told);
      const std::string_view texts = std::string_view(ended.answer).substr(sizeof told);
      const size_t zero = std::min(texts.find('\0'), texts.size());
      run.code = told.code;
      run.failure = texts.substr(0, zero);
      if (zero < texts.size()) run.replay = texts.substr(zero + 1);
      report_.Add(run, told.figures);
    }
    // At once, so that nobody has to wait for the end.
    if (report_.failed() > failed && failed < kShownAtOnce) {
      std::fprintf(stderr, "swarm: FAILED: %s: %s\n", run.failure.c_str(), run.replay.c_str());
    }
  }

  static constexpr uint64_t kShownAtOnce = 10;

  const std::vector<const Scenario*> scenarios_;
  const Arguments& arguments_;
  const PlantedBug bug_;
  Children children_;
  uint64_t seed_;
  size_t scenario_ = 0;
  bool ended_ = false;
  double began_ = 0.0;
  double drawn_ = std::numeric_limits<double>::lowest();
  SwarmReport report_;
};

}  // namespace

int SwarmCommand(const Arguments& arguments, bool planted) {
  const std::optional<PlantedBug> bug = ParsePlantedBug(arguments.bug);
  if (!bug)
    return RefuseUsage(arguments.command, "no planted bug is called '" + arguments.bug + "'");
  if (*bug != PlantedBug::kNone && !planted) {
    return RefuseUsage(arguments.command,
                       "this build has no planted bugs; use quorate-sim-planted");
  }
  std::vector<const Scenario*> scenarios;
  for (const std::string& name : arguments.operands) {
    scenarios.push_back(FindScenario(name));
    if (scenarios.back() == nullptr) {
      return RefuseScenario(arguments.command, name);
    }
  }
  if (scenarios.empty()) {
    for (const Scenario& scenario : AllScenarios()) {
      if (scenario.name != kTooLarge) scenarios.push_back(&scenario);
    }
  }
  if (!arguments.many) return RefuseUsage(arguments.command, "takes --seeds A..B");
  return Swarm(std::move(scenarios), arguments, *bug).Run();
}

}  // namespace quorate::sim
