// SPDX-License-Identifier: Apache-2.0
// Looks for the commit that brought a failure: over the commits between a good and a bad one, each
// built in a worktree of its own and judged by the oracles it has.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

// `bisect SCENARIO --seed N | FILE, --good COMMIT [--bad COMMIT] [--build COMMAND]`, in a clone.
// Returns the exit code: 0 where one commit is the first bad one.
int BisectCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
