// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/render_recording.h"

#include <cstdio>
#include <memory>
#include <utility>

#include "sim/page/recording_collector.h"
#include "sim/recording/shard_replayer.h"
#include "sim/scenario/bug_name.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"
#include "sim/tool/input.h"
#include "sim/tool/recording_input.h"
#include "sim/tool/replay_apart.h"

namespace quorate::sim {
namespace {

std::optional<Failure> FailureOf(const ReplayedApart& end) {
  if (!end.replay) {
    return Failure{FailureKind::kAborted, "process", "the recording is executed to its end",
                   Format("in tick %u it died: ", end.tick) + end.death, EventId{}};
  }
  if (!end.replay->differs) return std::nullopt;
  return Failure{FailureKind::kDiverged, "ladder",
                 Format("tick %u ends with %08x, as recorded", end.tick, end.recorded),
                 Format("it ends with %08x: it ", end.rung) + DescribeDifference(*end.replay),
                 EventId{}};
}

RecordingPlan PlanOf(const ReplayedApart& end, const Arguments& arguments) {
  RecordingPlan plan;
  if (arguments.from) plan.times.from = SimTime{} + *arguments.from;
  if (arguments.until) plan.times.until = SimTime{} + *arguments.until;
  plan.key = arguments.key;
  plan.failure = FailureOf(end);
  plan.failing_tick = end.tick;
  return plan;
}

// What there is to see. A failure is of a tick, not of a key: without --key a first look finds out
// what key has to do with it.
absl::StatusOr<std::unique_ptr<RecordingCollector>> Look(const RecordingInput& input,
                                                         const topology::Topology& topology,
                                                         const ReplayedApart& end,
                                                         RecordingPlan plan) {
  auto collector = std::make_unique<RecordingCollector>(input.recording.header, topology, plan);
  ReplayOptions options{input.planted, {collector.get()}};
  if (!end.replay) options.events_max = end.event;
  QUORATE_RETURN_IF_ERROR(ReplayShard(input.recording, std::move(options)).status());
  collector->Finish();
  if (!plan.failure || !plan.key.empty()) return collector;
  plan.key = collector->KeyOfCauses();
  if (plan.key.empty()) return collector;
  return Look(input, topology, end, std::move(plan));
}

PageRun DescribeRun(const RecordingInput& input, const RecordingCollector& collector,
                    const ReplayedApart& end, const Arguments& arguments) {
  const recording::Header& header = input.recording.header;
  PageRun run;
  run.title = Format("shard %u of node %016x", header.options.shard.value,
                     header.options.record.node.value);
  if (input.planted != PlantedBug::kNone) run.bug = NameOf(input.planted);
  run.nodes = static_cast<uint32_t>(collector.places().size());
  run.places = collector.places();
  run.events = collector.events();
  run.operations = collector.operations();
  run.hash = end.replay ? end.replay->hash : 0;
  const std::string program = run.bug.empty() ? "quorate-sim" : "quorate-sim-planted";
  std::string words = input.path;
  if (!run.bug.empty()) words += " --bug " + run.bug;
  if (arguments.any_build) words += " --any-build";
  run.why = program + " why EVENT " + words;
  run.gdb = program + " gdb EVENT " + words;
  return run;
}

}  // namespace

int RenderRecording(const std::string& path, RenderFormat format, const std::string& out,
                    bool planted, const Arguments& arguments) {
  if (format == RenderFormat::kShiViz) {
    return RefuseUsage("render",
                       "shiviz takes a run: a recording does not tell when its peers "
                       "heard of what, or said it");
  }
  RecordingInput input;
  if (const absl::Status status = OpenRecording(path, planted, arguments, input); !status.ok()) {
    return RefuseRecording(path, status);
  }
  const absl::StatusOr<ReplayedApart> end = ReplayApart(input.recording, {input.planted, {}});
  if (!end.ok()) return RefuseRecording(path, end.status());
  const auto topology = topology::Topology::Decode(input.recording.header.topology);
  if (!topology.ok()) return RefuseRecording(path, topology.status());
  const RecordingPlan plan = PlanOf(*end, arguments);
  const auto collector = Look(input, *topology, *end, plan);
  if (!collector.ok()) return RefuseRecording(path, collector.status());
  const PageContent& content = (*collector)->content();
  const PageRun run = DescribeRun(input, **collector, *end, arguments);
  for (const uint32_t lane : arguments.lanes) {
    if (lane < run.nodes) continue;
    return RefuseUsage("render",
                       Format("the recording has the nodes 0 to %u, not %u", run.nodes - 1, lane));
  }
  const PageLanes lanes = ChooseLanes(content, run.nodes, arguments.lanes);
  const Rendered rendered = Render(format, content, run, lanes);
  const absl::Status written = WriteFile(out, rendered.text);
  if (!written.ok()) return RefuseInput("render", absl::UnavailableError(MessageOf(written)));
  const std::string verdict =
      plan.failure ? Format("%s at tick %u", NameOf(plan.failure->kind), plan.failing_tick)
                   : "as recorded";
  std::printf("%s: %zu KiB, %zu of %llu events, %zu operations, %s\n", out.c_str(),
              rendered.text.size() / 1024, content.events.size(),
              static_cast<unsigned long long>(run.events), content.operations.size(),
              verdict.c_str());
  for (const std::string& line : rendered.left_out) std::printf("left out: %s\n", line.c_str());
  return kExitOk;
}

}  // namespace quorate::sim
