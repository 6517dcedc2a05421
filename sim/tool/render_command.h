// SPDX-License-Identifier: Apache-2.0
// Draws a run as a page: one HTML file for people to look at.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

// `render SCENARIO --seed N | FILE`. Returns the exit code: 0 where the page was written, whether
// the run failed or not.
int RenderCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
