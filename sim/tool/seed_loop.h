// SPDX-License-Identifier: Apache-2.0
// Many seeds, several at a time, each in a process of its own: one that dies takes no other with
// it, and its death is a failure like any other.
#pragma once

#include "sim/core/memory_part.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/arguments.h"

namespace quorate::sim {

// Prints the output of each seed as it ends and a summary at the end. Returns the exit code of the
// first failure by seed, or 0. `memory`: of the process, for --figures.
int RunSeeds(const Scenario& scenario, const Arguments& arguments, MemoryMeter& memory);

}  // namespace quorate::sim
