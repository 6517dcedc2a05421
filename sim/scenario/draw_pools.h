// SPDX-License-Identifier: Apache-2.0
// What several scenarios draw for pools.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "engine/base/random.h"
#include "sim/world/world_config.h"

namespace quorate::sim {

// Of reads and writes, such that every read meets every write.
inline constexpr std::array<std::pair<topology::Consistency, topology::Consistency>, 5>
    kMeetingLevels = {{{topology::Consistency::kQuorum, topology::Consistency::kQuorum},
                       {topology::Consistency::kOne, topology::Consistency::kAll},
                       {topology::Consistency::kAll, topology::Consistency::kOne},
                       {topology::Consistency::kLocalQuorum, topology::Consistency::kEachQuorum},
                       {topology::Consistency::kDcEachSafeQuorum, topology::Consistency::kQuorum}}};

// Mostly full.
inline constexpr std::array kDrawnDurabilities = {
    env::Durability::kAlways, env::Durability::kAlways,   env::Durability::kAlways,
    env::Durability::kAlways, env::Durability::kPeriodic, env::Durability::kNone};

// In a quarter of the runs there is less room than the keys would take, and in half of these pools
// of one replica evict, which the others do not, whatever they are told.
void DrawMemory(Prng prng, const WorldConfig& config, PoolConfig& pool);

// In a quarter of the runs there is a second pool, and sometimes a third, with settings of their
// own. They share the clients, so that no more is asked for than of one.
void DrawPools(uint64_t seed, WorldConfig& config);

}  // namespace quorate::sim
