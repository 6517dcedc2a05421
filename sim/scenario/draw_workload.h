// SPDX-License-Identifier: Apache-2.0
// What several scenarios draw of the operations that clients ask for, and at which levels.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/random.h"
#include "sim/world/world_config.h"

namespace quorate::sim {

constexpr size_t Index(OperationKind kind) { return static_cast<size_t>(kind); }

// Every operation, the common ones often.
void UseAllOperations(WorkloadConfig& workload);

// One class of keys in most runs, the others not at all.
void KeepOneClass(Prng& prng, WorkloadConfig& workload);

// In an eighth of the runs nearly all operations read: what one reader is shown before it stands on
// a quorum another one misses only where it asks soon.
void DrawReaders(uint64_t seed, WorkloadConfig& workload);

// What concerns several keys, in a third of the runs each. Most pools of several replicas refuse
// RENAME and MSETNX; of those that are asked for one half are told not to.
void DrawSeveralKeys(uint64_t seed, WorldConfig& config);

// The levels of a run's clients: mostly the pool's, or another pair of which every read meets every
// write. In some runs reads are weak (true); these keep to commands that promise something even
// then.
bool DrawLevels(Prng& prng, WorldConfig& config, uint64_t one_in_weak = 6);

// The levels of a swarm run whose core may be smaller than all: quorums, which it can reach.
void KeepToQuorums(WorldConfig& config);

}  // namespace quorate::sim
