// SPDX-License-Identifier: Apache-2.0
// What several scenarios draw of the engine's limits and fault points.
#pragma once

#include <cstdint>

#include "engine/base/fault_point.h"
#include "engine/node/shard_options.h"

namespace quorate::sim {

// In a third of the runs; the others are as production is.
void DrawPoints(uint64_t seed, FaultPoints& points);

// Small ones, in a third of the runs.
void DrawLimits(uint64_t seed, node::ShardLimits& limits);

// In a quarter of the runs a replica soon forgets which requests it has taken, and their copies
// come.
void DrawForgetfulness(uint64_t seed, node::ShardLimits& limits);

}  // namespace quorate::sim
