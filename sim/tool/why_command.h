// SPDX-License-Identifier: Apache-2.0
// Walks back from an event, or from the failure of a run, to what caused it.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

// `why [EVENT] SCENARIO --seed N | FILE`. Returns the exit code: 0 where there was something to
// walk back from.
int WhyCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
