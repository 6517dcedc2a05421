// SPDX-License-Identifier: Apache-2.0
// Runs seeds, and goes on elsewhere from where they come to what no run has come to before.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

// Returns the exit code: that of the first failure.
int ExploreCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
