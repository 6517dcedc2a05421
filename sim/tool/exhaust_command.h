// SPDX-License-Identifier: Apache-2.0
// Runs a short run once with each single fault there is (single_faults.h), so that nothing is left
// to luck: what holds has been shown for every effect of every tick and every message. With --pairs
// then with two faults (pair_search.h), of which there are too many for all.
#pragma once

#include "sim/tool/arguments.h"

namespace quorate::sim {

// The exit code of the first failure in the order of the faults, which is kept as a regression.
int ExhaustCommand(const Arguments& arguments, bool planted);

}  // namespace quorate::sim
