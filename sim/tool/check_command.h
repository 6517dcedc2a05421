// SPDX-License-Identifier: Apache-2.0
// check-history: judges a history of clients from outside, out of a file.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

inline constexpr int kExitLinearizable = 0;
inline constexpr int kExitNotLinearizable = 1;
inline constexpr int kExitUndecided = 2;
inline constexpr int kExitBadHistory = 100;  // nothing was judged: words or file make no sense

// Prints the verdict and why. Returns the exit code.
int CheckHistoryFile(const Arguments& arguments);

}  // namespace quorate::sim
