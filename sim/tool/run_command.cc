// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/run_command.h"

#include <algorithm>
#include <cstdio>

#include "build_info.h"
#include "sim/scenario/bug_name.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/figures.h"
#include "sim/tool/file.h"
#include "sim/tool/input.h"
#include "sim/tool/kept_trace.h"
#include "sim/tool/operation_times.h"
#include "sim/tool/printer.h"
#include "sim/tool/recipe.h"
#include "sim/tool/steady_seconds.h"
#include "sim/tool/written_faults.h"
#include "sim/trace/trace_writer.h"
#include "sim/world/recording_store.h"

namespace quorate::sim {
namespace {

std::string Seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", seconds);
  return text;
}

int Refuse(const std::string& what, int code) {
  std::fprintf(stderr, "quorate-sim: %s\n", what.c_str());
  return code;
}

// Writes the replay, the regression, or both.
absl::Status KeepTrace(TraceWriter& writer, const WorldConfig& config, const Outcome& outcome,
                       const Arguments& arguments) {
  Trace trace = writer.Finish(outcome.failure);
  trace.recipe = RecipeOf(config, outcome.schedule);
  trace.why = arguments.why;
  if (!arguments.trace.empty()) {
    QUORATE_RETURN_IF_ERROR(WriteFile(arguments.trace, EncodeTrace(trace)));
  }
  if (arguments.keep.empty()) return absl::OkStatus();
  return WriteFile(arguments.keep,
                   EncodeTrace(MakeRegression(writer, std::move(trace), arguments.why)));
}

}  // namespace

OracleOptions OptionsFor(const WorldConfig& config) {
  OracleOptions options;
  Duration stall_max = config.faults.stall_max;
  // Who writes faults may stall longer than who draws them.
  if (config.schedule) {
    for (const Fault& fault : config.schedule->faults) {
      if (fault.kind == FaultKind::kDiskStall) stall_max = std::max(stall_max, fault.amount);
    }
  }
  options.periodic_window = 100ms + stall_max + config.memory.slow_mean * 40;
  return options;
}

absl::StatusOr<Outcome> RunConfig(const WorldConfig& config, std::vector<WorldObserver*> watchers) {
  OracleSuite oracles(OptionsFor(config));
  watchers.push_back(&oracles);
  const double began = SteadySeconds();
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<World> world,
                           World::Create(config, std::move(watchers)));
  Outcome outcome;
  outcome.result = world->Run();
  const double seconds = SteadySeconds() - began;
  outcome.failure = outcome.result.failure ? outcome.result.failure : oracles.failure();
  outcome.nodes = config.nodes;
  outcome.core = oracles.coverage().core;
  outcome.staleness = oracles.coverage().staleness;
  outcome.wall_seconds = seconds;
  outcome.schedule = world->schedule();
  return outcome;
}

std::string SummaryLine(std::string_view scenario, uint64_t seed, const Outcome& outcome) {
  const RunResult& result = outcome.result;
  return Format(
      "%s scenario=%s seed=%u nodes=%u events=%u ops=%u faults=%u simulated=%s wall=%s hash=%016x",
      outcome.failure ? "FAILED" : "ok", scenario, seed, outcome.nodes, result.events,
      result.operations, result.effective_faults,
      Seconds(static_cast<double>(result.simulated.us) / 1e6), Seconds(outcome.wall_seconds),
      result.hash);
}

std::string ReplayLine(const Scenario& scenario, uint64_t seed, const Arguments& arguments) {
  std::string line = Format("quorate-sim%s run %s --seed %u",
                            arguments.bug == kNoBug ? "" : "-planted", scenario.name, seed);
  return line + RunFlags(arguments);
}

std::string Explain(const Scenario& scenario, uint64_t seed, const Arguments& arguments,
                    const Failure& failure) {
  return Format(
      "failure:  %s, found by the oracle '%s' at event %u\npromised: %s\nseen:     %s\n"
      "replay:   git checkout %s && %s\n",
      NameOf(failure.kind), failure.oracle, failure.event.value, failure.promised, failure.seen,
      kBuildCommit, ReplayLine(scenario, seed, arguments));
}

std::string DescribeEffects(const Outcome& outcome) {
  const RunResult& result = outcome.result;
  std::string text;
  for (size_t i = 0; i < kFaultKinds; ++i) {
    text += Format("effects:  %-13s %u\n", NameOf(static_cast<FaultKind>(i)), result.effects[i]);
  }
  text +=
      Format("effects:  acknowledged operations %u of %u, swept keys %u, codec checks %u\n",
             result.acknowledged, result.operations, result.sweep_operations, result.codec_checks);
  text +=
      Format("stalls:   of a core %u operations found a quorum, %u had none left and were told\n",
             outcome.core.served, outcome.core.inevitable);
  return text + outcome.staleness.Describe();
}

namespace {

constexpr size_t kRecordedSegmentBytes = size_t{8} << 20;

// A file for each segment of each life of each shard.
absl::Status KeepRecordings(const RecordingStore& recordings, const Arguments& arguments) {
  absl::Status kept;
  recordings.ForEach([&](const std::string& name, const Bytes& bytes) {
    if (kept.ok()) kept = WriteFile(arguments.record + "." + name, bytes);
  });
  return kept;
}

}  // namespace

int RunAndPrint(const Scenario& scenario, uint64_t seed, const Arguments& arguments,
                MemoryMeter& memory) {
  const std::optional<PlantedBug> bug = ParsePlantedBug(arguments.bug);
  if (!bug) return Refuse("no planted bug is called '" + arguments.bug + "'", kExitUsage);
  WorldConfig config = MakeConfig(scenario, seed, {arguments.nodes, arguments.duration, *bug});
  if (const absl::Status used = UseFaults(arguments, config); !used.ok()) {
    return Refuse(MessageOf(used), kExitInput);
  }
  config.epochs = arguments.epochs;
  RecordingStore recordings(/*hides=*/false, kRecordedSegmentBytes);
  if (!arguments.record.empty()) config.recordings = &recordings;
  Printer printer(arguments.log, arguments.watch);
  std::vector<WorldObserver*> watchers = {&printer};
  Figures figures;
  OperationTimes times;
  if (arguments.figures) {
    watchers.insert(watchers.end(), {&figures, &times});
    config.memory_meter = &memory;
  }
  TraceWriter writer({});
  if (arguments.keep.empty()) writer.LeaveOutOperations();
  const bool traced = !arguments.trace.empty() || !arguments.keep.empty();
  if (traced) watchers.push_back(&writer);
  const absl::StatusOr<Outcome> run = RunConfig(config, std::move(watchers));
  if (!run.ok()) return Refuse(MessageOf(run.status()), kExitUsage);
  const Outcome& outcome = *run;
  if (traced) {
    const absl::Status kept = KeepTrace(writer, config, outcome, arguments);
    if (!kept.ok()) return Refuse(MessageOf(kept), kExitSystem);
  }
  if (const absl::Status kept = KeepRecordings(recordings, arguments); !kept.ok()) {
    return Refuse(MessageOf(kept), kExitSystem);
  }
  if (arguments.figures) {
    figures.Judged();
    std::fputs(figures.Describe(outcome.result, memory).c_str(), stdout);
    std::fputs(times.Describe().c_str(), stdout);
  }
  if (arguments.effects) std::fputs(DescribeEffects(outcome).c_str(), stdout);
  if (outcome.failure) {
    std::fputs(Explain(scenario, seed, arguments, *outcome.failure).c_str(), stdout);
  }
  std::printf("%s\n", SummaryLine(scenario.name, seed, outcome).c_str());
  std::fflush(stdout);
  return outcome.failure ? ExitCodeOf(outcome.failure->kind) : kExitOk;
}

}  // namespace quorate::sim
