// SPDX-License-Identifier: Apache-2.0
// What a search has found: seen to fail once more from the beginning, kept as a regression, and
// told.
#pragma once

#include <string>
#include <string_view>

#include "sim/tool/arguments.h"
#include "sim/trace/trace.h"

namespace quorate::sim {

// `lines` say what was found, and come first. The file is that of --keep, or is named after the run
// and the tool. Returns the exit code: that of the failure.
int KeepFailure(std::string_view tool, const RunRecipe& recipe, const std::string& lines,
                const Arguments& arguments);

}  // namespace quorate::sim
