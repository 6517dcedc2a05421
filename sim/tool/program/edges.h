// SPDX-License-Identifier: Apache-2.0
// The edges of this program.
#pragma once

#include "sim/tool/edge_counters.h"

namespace quorate::sim {

// Empty in a build without QUORATE_EDGES.
[[nodiscard]] EdgeCounters ProgramEdges();

}  // namespace quorate::sim
