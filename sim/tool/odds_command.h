// SPDX-License-Identifier: Apache-2.0
// When a failure became inevitable: of a run that fails, how many still do where the delays of
// messages are drawn anew from some time on, for many such times.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

int OddsCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
