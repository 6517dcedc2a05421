// SPDX-License-Identifier: Apache-2.0
// Says the faults of a run in words.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

// The command: a scenario and a seed, or a trace. Returns the exit code.
int FaultsCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
