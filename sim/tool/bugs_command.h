// SPDX-License-Identifier: Apache-2.0
// Makes the table of planted bugs.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

// `bugs FILE [--seeds A..B] [--ranges N] [--bug NAME] [--shrink]`: seeds A..B are the first range,
// the next ones follow it. Returns kExitMissed where a range of seeds does not find its bug, or a
// seed without a bug fails.
int BugsCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
