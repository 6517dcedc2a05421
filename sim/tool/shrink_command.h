// SPDX-License-Identifier: Apache-2.0
// Makes a failing run small and keeps it as a regression.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engine/base/status.h"
#include "sim/tool/arguments.h"
#include "sim/trace/shrink.h"
#include "sim/world/failure.h"

namespace quorate::sim {

// Real time that is spent unless --for-time says otherwise.
inline constexpr double kShrinkSeconds = 60.0;

struct Shrunk {
  Trace regression;  // that a run without the failure passes
  Failure failure;
  RunSize before;
  RunSize after;
  Schedule schedule;
  RecipeSettings drawn;  // settings that are not plain
  uint64_t runs = 0;
  double seconds = 0.0;
};
// Nothing where the run holds. `told` hears of each step, as a line.
absl::StatusOr<std::optional<Shrunk>> Shrink(const RunRecipe& recipe, uint32_t jobs, double seconds,
                                             const std::function<void(const std::string&)>& told);

// As --for-time says.
[[nodiscard]] double ShrinkSeconds(const Arguments& arguments);

// The command: a scenario and a seed, or a file. Returns the exit code.
int ShrinkCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
