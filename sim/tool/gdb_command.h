// SPDX-License-Identifier: Apache-2.0
// Stops a run at events and at what is waited for, on and back.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

// `gdb [EVENT] SCENARIO --seed N | FILE`. Returns the exit code where it could not begin; else the
// process ends with it.
int GdbCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
