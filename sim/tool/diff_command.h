// SPDX-License-Identifier: Apache-2.0
// The first event at which two runs differ, with what was before it and what comes after in each.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

// `diff A B`, each SCENARIO:SEED or a trace file; --bug is planted in B alone. Returns 0 where the
// runs are equal, kExitDiffers where not, or the exit code of an error.
int DiffCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
