// SPDX-License-Identifier: Apache-2.0
// What a tool is asked to look at: a scenario and a seed, or a trace that was kept.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "sim/tool/arguments.h"
#include "sim/trace/trace.h"

namespace quorate::sim {

// All of the run that `arguments` speak of: `SCENARIO --seed N` or `SCENARIO:N`, with --nodes,
// --for and --bug, or a trace file; either with faults in words. Settings and schedule are data in
// it. Errors: NotFound where the command line makes no sense, all others are of the file.
absl::StatusOr<RunRecipe> RecipeFrom(const Arguments& arguments, bool planted);
// Of one operand alone.
absl::StatusOr<RunRecipe> RecipeFrom(const std::string& operand, const Arguments& arguments,
                                     bool planted);

// The flags that say which run of a seed or file it is, each behind a space, to be typed again.
[[nodiscard]] std::string RunFlags(const Arguments& arguments);
// The operand and these.
[[nodiscard]] std::string WordsOf(const Arguments& arguments);

// Each says what is wrong in one line, and gives the exit code.
int RefuseUsage(std::string_view tool, std::string_view what);
int RefuseScenario(std::string_view tool, std::string_view name);  // there is none of this name
// The exit code: usage, machine or file, by the status.
int RefuseInput(std::string_view tool, const absl::Status& status);

}  // namespace quorate::sim
