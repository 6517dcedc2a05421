// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/replay_command.h"

#include <cstdio>

#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"
#include "sim/tool/kept_trace.h"
#include "sim/tool/recipe.h"
#include "sim/tool/run_command.h"
#include "sim/trace/replay.h"

namespace quorate::sim {
namespace {

int Refuse(const std::string& path, const absl::Status& status) {
  std::fprintf(stderr, "quorate-sim: %s: %s\n", path.c_str(), MessageOf(status).c_str());
  return kExitInput;
}

// Runs recipes and keeps the last outcome, for the summary.
class Runner {
 public:
  absl::StatusOr<RunOutcome> operator()(const RunRecipe& recipe, WorldObserver& watch) {
    QUORATE_ASSIGN_OR_RETURN(const WorldConfig config, ConfigOf(recipe));
    QUORATE_ASSIGN_OR_RETURN(last_, RunConfig(config, {&watch}));
    return RunOutcome{last_.failure, last_.result.effects, last_.result.events,
                      last_.result.operations, last_.result.hash};
  }
  [[nodiscard]] Outcome& last() { return last_; }

 private:
  Outcome last_;
};

int Finish(const Trace& trace, const Outcome& outcome) {
  std::printf("%s\n", SummaryLine(trace.recipe.scenario, trace.recipe.seed, outcome).c_str());
  return outcome.failure ? ExitCodeOf(outcome.failure->kind) : kExitOk;
}

// A trace whose run must fail is fine when it does: then the summary says ok, and so does the code.
int JudgeExact(const Trace& trace, Runner& runner) {
  const auto run = [&runner](const RunRecipe& recipe, WorldObserver& watch) {
    return runner(recipe, watch);
  };
  const absl::StatusOr<ExactReplay> replay = ReplayExact(trace, run);
  if (!replay.ok()) return Refuse("replay", replay.status());
  std::printf("replay: %s\n", replay->Describe(trace).c_str());
  runner.last().failure = replay->failure();
  return Finish(trace, runner.last());
}

int JudgeRegression(const Trace& trace, Runner& runner) {
  const auto run = [&runner](const RunRecipe& recipe, WorldObserver& watch) {
    return runner(recipe, watch);
  };
  const absl::StatusOr<RegressionReplay> replay = ReplayRegression(trace, run);
  if (!replay.ok()) return Refuse("regression", replay.status());
  std::optional<Failure> failure;
  switch (replay->verdict) {
    case RegressionReplay::Verdict::kHolds:
      std::printf("regression: holds: %s\n", trace.why.c_str());
      break;
    case RegressionReplay::Verdict::kStale:
      std::printf("regression: stale: %s\n", replay->reason.c_str());
      failure = Failure{
          FailureKind::kNoEffect, "regression", "its faults do what they did", replay->reason, {}};
      break;
    case RegressionReplay::Verdict::kBroken:
      std::printf("regression: broken: %s\n", replay->reason.c_str());
      failure = runner.last().failure;
      if (!failure) {
        failure =
            Failure{FailureKind::kDiverged, "regression", "it ends as it did", replay->reason, {}};
      }
      break;
  }
  runner.last().failure = failure;
  return Finish(trace, runner.last());
}

}  // namespace

int ReplayFile(const std::string& path, bool planted, const std::string& bug) {
  const absl::StatusOr<Trace> trace = LoadTrace(path, planted, bug);
  if (!trace.ok()) return Refuse(path, trace.status());
  Runner runner;
  return trace->kind == TraceKind::kReplay ? JudgeExact(*trace, runner)
                                           : JudgeRegression(*trace, runner);
}

int RetraceFile(const std::string& path, bool planted) {
  const absl::StatusOr<Trace> trace = LoadTrace(path, planted, kNoBug);
  if (!trace.ok()) return Refuse(path, trace.status());
  if (trace->kind == TraceKind::kRegression) {
    std::printf("%s is a regression: it belongs to no build\n", path.c_str());
    return kExitOk;
  }
  Runner runner;
  const absl::StatusOr<Trace> fresh = Retrace(
      *trace,
      [&runner](const RunRecipe& recipe, WorldObserver& watch) { return runner(recipe, watch); });
  if (!fresh.ok()) return Refuse(path, fresh.status());
  const absl::Status written = WriteFile(path, EncodeTrace(*fresh));
  if (!written.ok()) return Refuse(path, written);
  static_cast<void>(Finish(*trace, runner.last()));
  return kExitOk;
}

}  // namespace quorate::sim
