// SPDX-License-Identifier: Apache-2.0
// Many seeds of several scenarios, and what they show together.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

// `swarm`, and `marks`, which tells of those alone. Returns the exit code of the first failure by
// seed, or 0.
int SwarmCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
