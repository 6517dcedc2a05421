// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/draw_pools.h"

#include <algorithm>

#include "sim/core/draw.h"

namespace quorate::sim {
namespace {

PoolConfig DrawPool(Prng& prng, const WorldConfig& config) {
  PoolConfig pool;
  const uint32_t nodes_each = config.nodes / config.data_centres;
  pool.replicas = static_cast<uint16_t>(prng.Between(1, std::min<uint32_t>(5, nodes_each)));
  pool.partitions = static_cast<uint16_t>(prng.Between(1, 32));
  const auto hash = static_cast<hash::KeyHash>(prng.Below(hash::kKeyHashes));
  if (prng.Chance(1, 3)) pool.hash = hash;
  pool.durability = kDrawnDurabilities[prng.Below(kDrawnDurabilities.size())];
  pool.request_timeout = prng.Chance(1, 2) ? 1s : 2s;
  pool.speculative_delay = prng.Chance(1, 2) ? 50ms : 5ms;
  pool.unsafe_commands = prng.Chance(1, 3);
  const auto [read, write] = kMeetingLevels[prng.Below(kMeetingLevels.size())];
  const auto [other_read, other_write] = kMeetingLevels[prng.Below(kMeetingLevels.size())];
  if (prng.Chance(1, 2)) {
    pool.read = read;
    pool.write = write;
  }
  if (prng.Chance(1, 4)) pool.client_levels = {{other_read, other_write}};
  DrawMemory(Prng(prng.Next()), config, pool);
  return pool;
}

}  // namespace

void DrawMemory(Prng prng, const WorldConfig& config, PoolConfig& pool) {
  if (!prng.Chance(1, 4)) return;
  pool.evicts = prng.Chance(1, 2);
  if (pool.evicts && prng.Chance(1, 2)) pool.replicas = 1;
  constexpr uint64_t kObjectBytes = 120;  // about, besides what it holds
  const uint64_t objects = uint64_t{config.workload.keys} * kFilledClasses * pool.replicas *
                           config.data_centres / config.nodes;
  const uint64_t object = kObjectBytes + config.workload.value_bytes_max / 2;
  pool.memory_bytes_max = (objects + 1) * object * prng.Between(30, 150) / 100;
}

void DrawPools(uint64_t seed, WorldConfig& config) {
  Prng prng(Draw(seed, Purpose::kScenario, 18));
  if (!prng.Chance(1, 4)) return;
  const uint64_t more = prng.Chance(1, 4) ? 2 : 1;
  for (uint64_t i = 0; i < more; ++i) config.pools.push_back(DrawPool(prng, config));
  for (PoolConfig& pool : config.pools) {
    pool.keeps_majorities = pool.keeps_majorities && pool.replicas >= 3;
  }
  config.sweep_clients *= static_cast<uint32_t>(config.pools.size());
}

}  // namespace quorate::sim
