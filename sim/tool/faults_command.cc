// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/faults_command.h"

#include <cstdio>

#include "sim/fault/words.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/input.h"

namespace quorate::sim {

int FaultsCommand(const Arguments& arguments, bool planted) {
  const absl::StatusOr<RunRecipe> recipe = RecipeFrom(arguments, planted);
  if (!recipe.ok()) return RefuseInput("faults", recipe.status());
  const absl::StatusOr<Schedule> schedule = DecodeSchedule(recipe->schedule);
  if (!schedule.ok()) return RefuseInput("faults", schedule.status());
  std::printf("# %s: %zu faults, %u nodes, healed at %llu ms\n", WordsOf(arguments).c_str(),
              schedule->faults.size(), schedule->nodes,
              static_cast<unsigned long long>(recipe->duration.us / 1000));
  std::fputs(Words(*schedule).c_str(), stdout);
  return kExitOk;
}

}  // namespace quorate::sim
