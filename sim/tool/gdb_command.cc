// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/gdb_command.h"

#include "sim/tool/debug_session.h"
#include "sim/tool/input.h"
#include "sim/tool/recipe.h"
#include "sim/tool/recording_debuggee.h"
#include "sim/tool/recording_input.h"
#include "sim/tool/why_command.h"
#include "sim/tool/world_debuggee.h"

namespace quorate::sim {
namespace {

int Debug(Debuggee& debuggee, const std::string& first) {
  DebugSession session(debuggee);
  const absl::Status opened = session.Open();
  if (!opened.ok()) return RefuseInput("gdb", opened);
  session.Run(first);
}

int DebugRecording(const std::vector<std::string>& operands, const Arguments& arguments,
                   bool planted) {
  const std::string& path = operands.back();
  RecordingInput input;
  absl::Status status = OpenRecording(path, planted, arguments, input);
  std::string first;
  if (status.ok() && operands.size() == 2) {
    const absl::StatusOr<uint64_t> tick = ParseTick(operands.front());
    if (!tick.ok()) return RefuseInput("gdb", absl::NotFoundError(MessageOf(tick.status())));
    status = CheckTick(input.recording, *tick);
    first = Format("until %u", *tick);
  }
  if (!status.ok()) return RefuseRecording(path, status);
  RecordingDebuggee shard(input);
  if (status = shard.Open(); !status.ok()) return RefuseRecording(path, status);
  return Debug(shard, first);
}

}  // namespace

int GdbCommand(const Arguments& arguments, bool planted) {
  std::vector<std::string> operands = arguments.operands;
  if (!operands.empty() && operands.size() <= 2 && IsRecordingFile(operands.back())) {
    return DebugRecording(operands, arguments, planted);
  }
  std::string first;
  if (operands.size() == 2) {
    const absl::StatusOr<EventId> event = ParseEvent(operands.front());
    if (!event.ok()) return RefuseInput("gdb", event.status());
    first = Format("until %u", event->value);
    operands.erase(operands.begin());
  }
  if (operands.size() != 1) {
    return RefuseUsage("gdb",
                       "takes an event and a run: a scenario with --seed, a trace file, or a "
                       "recording and its tick");
  }
  const absl::StatusOr<RunRecipe> recipe = RecipeFrom(operands.front(), arguments, planted);
  if (!recipe.ok()) return RefuseInput("gdb", recipe.status());
  const absl::StatusOr<WorldConfig> config = ConfigOf(*recipe);
  if (!config.ok()) return RefuseInput("gdb", config.status());
  WorldDebuggee world(*config);
  const absl::Status opened = world.Open();
  if (!opened.ok()) return RefuseInput("gdb", opened);
  return Debug(world, first);
}

}  // namespace quorate::sim
