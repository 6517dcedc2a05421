// SPDX-License-Identifier: Apache-2.0
// What several scenarios draw of the faults of a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/random.h"
#include "engine/node/shard_options.h"
#include "sim/fault/generator.h"

namespace quorate::sim {

constexpr size_t Index(FaultKind kind) { return static_cast<size_t>(kind); }

// The kinds of the first release, the common ones often.
void UseAllFaults(FaultPlan& plan);

// Each family on or off as a whole, and its members too.
void DrawFamilies(Prng& prng, FaultPlan& plan);

// In some runs nodes are upgraded while it works.
void DrawReleases(uint64_t seed, FaultPlan& plan);

// In a third of the runs processes die, or are stopped, while they start again. In half of these
// what they load takes many steps.
void DrawRelapses(uint64_t seed, FaultPlan& plan, node::ShardLimits& limits);

// Swarm testing [Groce et al. 2012]: some features are left out of each run altogether, since what
// is always there hides what only shows in its absence. Never all of them.
void LeaveSomeOut(std::span<uint32_t> weights, Prng& prng, size_t kept_for_sure);

}  // namespace quorate::sim
