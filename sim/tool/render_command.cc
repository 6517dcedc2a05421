// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/render_command.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "sim/page/collector.h"
#include "sim/scenario/bug_name.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"
#include "sim/tool/input.h"
#include "sim/tool/kept_trace.h"
#include "sim/tool/recipe.h"
#include "sim/tool/recording_input.h"
#include "sim/tool/render_format.h"
#include "sim/tool/render_recording.h"
#include "sim/tool/run_command.h"
#include "sim/world/make_topology.h"

namespace quorate::sim {
namespace {

PageTimes TimesOf(const Arguments& arguments) {
  PageTimes times;
  if (arguments.from) times.from = SimTime{} + *arguments.from;
  if (arguments.until) times.until = SimTime{} + *arguments.until;
  return times;
}

std::string NameFor(const Arguments& arguments, RenderFormat format) {
  if (!arguments.out.empty()) return arguments.out;
  std::string name = arguments.operands.front();
  if (FindScenario(name) != nullptr) {
    name += Format("-%u", arguments.seeds.first);
  } else {
    std::replace(name.begin(), name.end(), ':', '-');
  }
  return name.append(EndingOf(format));
}

PageRun DescribeRun(const WorldConfig& config, const Outcome& outcome, const Arguments& arguments) {
  PageRun run;
  run.title = Format("%s, seed %u", config.scenario, config.seed);
  if (config.planted != PlantedBug::kNone) run.bug = NameOf(config.planted);
  run.nodes = config.nodes;
  run.events = outcome.result.events;
  run.operations = outcome.result.operations + outcome.result.sweep_operations;
  run.hash = outcome.result.hash;
  for (const NodeSite& site : MakeSites(config)) {
    run.places.push_back(Format("dc%u rack%u", site.data_centre, site.rack));
  }
  run.schedule = outcome.schedule;
  const std::string program = run.bug.empty() ? "quorate-sim" : "quorate-sim-planted";
  run.why = program + " why EVENT " + WordsOf(arguments);
  run.gdb = program + " gdb EVENT " + WordsOf(arguments);
  return run;
}

int Draw(const WorldConfig& config, const Arguments& arguments, RenderFormat format) {
  for (const uint32_t lane : arguments.lanes) {
    if (lane < config.nodes) continue;
    return RefuseUsage("render",
                       Format("the run has the nodes 0 to %u, not %u", config.nodes - 1, lane));
  }
  Survey survey(TimesOf(arguments));
  const absl::StatusOr<Outcome> outcome = RunConfig(config, {&survey});
  if (!outcome.ok()) return RefuseInput("render", outcome.status());
  Collector collector(survey.Plan(outcome->failure, arguments.key));
  const absl::StatusOr<Outcome> again = RunConfig(config, {&collector});
  if (!again.ok()) return RefuseInput("render", again.status());
  const PageRun run = DescribeRun(config, *outcome, arguments);
  const PageLanes lanes = ChooseLanes(collector.content(), config.nodes, arguments.lanes);
  const Rendered rendered = Render(format, collector.content(), run, lanes);
  const std::string name = NameFor(arguments, format);
  const absl::Status written = WriteFile(name, rendered.text);
  if (!written.ok()) return RefuseInput("render", absl::UnavailableError(MessageOf(written)));
  const std::optional<Failure>& failure = outcome->failure;
  const std::string verdict(failure ? NameOf(failure->kind) : "no failure");
  std::printf("%s: %zu KiB, %zu of %llu events, %zu operations, %s\n", name.c_str(),
              rendered.text.size() / 1024, collector.content().events.size(),
              static_cast<unsigned long long>(run.events), collector.content().operations.size(),
              verdict.c_str());
  for (const std::string& line : rendered.left_out) std::printf("left out: %s\n", line.c_str());
  return kExitOk;
}

}  // namespace

int RenderCommand(const Arguments& arguments, bool planted) {
  const absl::StatusOr<RenderFormat> format = ParseRenderFormat(arguments.format);
  if (!format.ok()) return RefuseInput("render", format.status());
  if (arguments.operands.size() == 1 && IsRecordingFile(arguments.operands.front())) {
    return RenderRecording(arguments.operands.front(), *format, NameFor(arguments, *format),
                           planted, arguments);
  }
  const absl::StatusOr<RunRecipe> recipe = RecipeFrom(arguments, planted);
  if (!recipe.ok()) return RefuseInput("render", recipe.status());
  const absl::StatusOr<WorldConfig> config = ConfigOf(*recipe);
  if (!config.ok()) return RefuseInput("render", config.status());
  return Draw(*config, arguments, *format);
}

}  // namespace quorate::sim
