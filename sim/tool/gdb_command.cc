// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/gdb_command.h"

#include "sim/tool/debug_session.h"
#include "sim/tool/input.h"
#include "sim/tool/recipe.h"
#include "sim/tool/why_command.h"

namespace quorate::sim {

int GdbCommand(const Arguments& arguments, bool planted) {
  std::vector<std::string> operands = arguments.operands;
  std::string first;
  if (operands.size() == 2) {
    const absl::StatusOr<EventId> event = ParseEvent(operands.front());
    if (!event.ok()) return RefuseInput("gdb", event.status());
    first = Format("until %u", event->value);
    operands.erase(operands.begin());
  }
  if (operands.size() != 1) {
    return RefuseUsage("gdb", "takes an event and a run: a scenario with --seed, or a trace file");
  }
  const absl::StatusOr<RunRecipe> recipe = RecipeFrom(operands.front(), arguments, planted);
  if (!recipe.ok()) return RefuseInput("gdb", recipe.status());
  const absl::StatusOr<WorldConfig> config = ConfigOf(*recipe);
  if (!config.ok()) return RefuseInput("gdb", config.status());
  DebugSession session(*config);
  const absl::Status opened = session.Open();
  if (!opened.ok()) return RefuseInput("gdb", opened);
  session.Run(first);
}

}  // namespace quorate::sim
