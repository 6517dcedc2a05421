// SPDX-License-Identifier: Apache-2.0
// Draws a run: as one HTML file for people to look at, or as a file for another tool.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

// `render SCENARIO --seed N | FILE`. Returns the exit code: 0 where it was written, whether
// the run failed or not.
int RenderCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
