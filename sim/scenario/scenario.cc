// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/scenario.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/core/draw.h"
#include "sim/scenario/draw_faults.h"
#include "sim/scenario/draw_limits.h"
#include "sim/scenario/draw_pools.h"
#include "sim/scenario/draw_workload.h"

namespace quorate::sim {
namespace {

using topology::Consistency;

WorldConfig Kv3(uint64_t seed) {
  Prng prng(Draw(seed, Purpose::kScenario, 3));
  WorldConfig config;
  PoolConfig& pool = config.pools.front();
  config.nodes = 3;
  config.racks = 3;
  pool.replicas = 3;
  pool.partitions = 32;
  config.virtual_tokens = 8;
  config.shards_max = static_cast<uint16_t>(prng.Between(1, 4));
  config.reshard = prng.Chance(1, 2);
  config.storage = prng.Chance(1, 2) ? StorageKind::kDisk : StorageKind::kMemory;
  config.clock_offset_max = Duration(static_cast<int64_t>(prng.Between(0, 3'000'000)));
  config.clients = static_cast<uint32_t>(prng.Between(4, 12));
  config.client.think_mean = 120ms;
  config.client.pipeline_max = static_cast<uint32_t>(prng.Between(1, 4));
  config.workload.keys = static_cast<uint32_t>(prng.Between(4, 60));
  config.workload.hot_keys = 3;
  UseAllOperations(config.workload);
  DrawLevels(prng, config);
  config.power_cut = true;
  config.duration = 60s;
  config.faults.faults = 14;
  UseAllFaults(config.faults);
  return config;
}

// Pools of one replica, where every shard answers at once for its own keys and the disk is all
// there is: what is acknowledged or shown must outlive every crash, full disk and failed commit.
WorldConfig KvSole(uint64_t seed) {
  Prng prng(Draw(seed, Purpose::kScenario, 7));
  WorldConfig config;
  PoolConfig& pool = config.pools.front();
  config.nodes = static_cast<uint32_t>(prng.Between(1, 3));
  config.racks = 1;
  pool.replicas = 1;
  pool.partitions = 16;
  config.virtual_tokens = 4;
  config.shards_max = static_cast<uint16_t>(prng.Between(1, 4));
  config.reshard = prng.Chance(1, 2);
  config.storage = prng.Chance(1, 2) ? StorageKind::kDisk : StorageKind::kMemory;
  // Without durability a crash may take everything, and an orderly end nothing.
  constexpr std::array kDurabilities = {env::Durability::kAlways, env::Durability::kAlways,
                                        env::Durability::kPeriodic, env::Durability::kNone};
  pool.durability = kDurabilities[prng.Below(kDurabilities.size())];
  config.clock_offset_max = Duration(static_cast<int64_t>(prng.Between(0, 1'000'000)));
  pool.request_timeout = 1s;
  config.clients = static_cast<uint32_t>(prng.Between(4, 10));
  config.client.think_mean = Duration(static_cast<int64_t>(prng.Between(10'000, 60'000)));
  config.client.pipeline_max = static_cast<uint32_t>(prng.Between(1, 4));
  config.workload.keys = static_cast<uint32_t>(prng.Between(2, 40));
  config.workload.hot_keys = 2;
  config.workload.deadline_ms_max = static_cast<uint32_t>(prng.Between(100, 10'000));
  UseAllOperations(config.workload);
  config.power_cut = true;
  config.duration = 20s;
  config.faults.faults = static_cast<uint32_t>(prng.Between(6, 24));
  config.faults.length_min = 100ms;
  config.faults.length_max = 4s;
  config.faults.clock_offset_max = 2s;
  pool.keeps_majorities = false;  // one node down is the loss of its keys for that time
  UseAllFaults(config.faults);
  config.faults.weights[Index(FaultKind::kCrash)] =
      pool.durability == env::Durability::kAlways ? 12 : 3;
  config.faults.weights[Index(FaultKind::kStop)] = 8;
  config.faults.weights[Index(FaultKind::kDiskFull)] = 12;
  config.faults.weights[Index(FaultKind::kDiskStall)] = 6;
  config.faults.weights[Index(FaultKind::kCommitError)] = 4;
  DrawRelapses(seed, config.faults, config.limits);
  // In half of the runs something is nearly always waiting for the next tick.
  const bool slow = Draw(seed, Purpose::kScenario, 26) % 2 == 0;
  if (slow) config.faults.weights[Index(FaultKind::kSlowCpu)] = 20;
  return config;
}

// Few keys, many clients and slow links: what goes wrong only where operations on one key overlap.
WorldConfig KvHot(uint64_t seed) {
  Prng prng(Draw(seed, Purpose::kScenario, 6));
  WorldConfig config;
  PoolConfig& pool = config.pools.front();
  // Of three replicas a write that has come to one other stands on a quorum already.
  pool.replicas = prng.Chance(1, 2) ? 5 : 3;
  config.racks = pool.replicas;
  // In some runs there are nodes without a replica, which forward.
  config.nodes = pool.replicas + static_cast<uint32_t>(prng.Below(3));
  pool.partitions = 8;
  config.virtual_tokens = 4;
  config.shards_max = 2;
  config.delays.rack = Duration(static_cast<int64_t>(prng.Between(100, 2000)));
  config.delays.data_centre = Duration(static_cast<int64_t>(prng.Between(100, 5000)));
  config.delays.tail_mean = Duration(static_cast<int64_t>(prng.Between(100, 10'000)));
  pool.speculative_delay = 10ms;
  pool.request_timeout = 1s;
  config.clock_offset_max = Duration(static_cast<int64_t>(prng.Between(0, 1'000'000)));
  // Slow syncs: a write is often acknowledged by others before its own coordinator has it.
  config.memory.sync_tail_mean = Duration(static_cast<int64_t>(prng.Between(50, 30'000)));
  config.clients = static_cast<uint32_t>(prng.Between(6, 16));
  config.client.think_mean = Duration(static_cast<int64_t>(prng.Between(5'000, 100'000)));
  config.client.pipeline_max = static_cast<uint32_t>(prng.Between(1, 4));
  config.workload.keys = static_cast<uint32_t>(prng.Between(1, 4));
  config.workload.hot_keys = 1;
  config.workload.hot_ppm = 500'000;
  config.workload.hash_fields = 3;
  config.workload.value_bytes_max = 16;
  config.workload.deadline_ms_max = 300;
  UseAllOperations(config.workload);
  KeepOneClass(prng, config.workload);
  DrawReaders(seed, config.workload);
  const bool weak = DrawLevels(prng, config, /*one_in_weak=*/3);
  DrawForgetfulness(seed, config.limits);
  config.power_cut = true;
  config.duration = 20s;
  config.faults.faults = static_cast<uint32_t>(prng.Between(6, 24));
  config.faults.length_min = 200ms;
  config.faults.length_max = 3s;
  config.faults.clock_offset_max = 2s;
  UseAllFaults(config.faults);
  config.faults.weights[Index(FaultKind::kStop)] = 0;  // it waits for what overlaps
  config.faults.weights[Index(FaultKind::kCrash)] = 12;
  config.faults.weights[Index(FaultKind::kDiskStall)] = 12;
  config.faults.weights[Index(FaultKind::kLoss)] = 10;
  config.faults.weights[Index(FaultKind::kDelay)] = 8;
  config.faults.weights[Index(FaultKind::kOneWayCut)] = 6;
  config.faults.weights[Index(FaultKind::kDuplication)] = 8;
  if (weak) {
    // What a node knows after a restart is what it answers then, so it restarts often.
    config.faults.weights[Index(FaultKind::kCrash)] = 60;
    config.faults.length_max = 600ms;
    config.faults.faults = 40;
  }
  return config;
}

WorldConfig KvChaos(uint64_t seed) {
  Prng prng(Draw(seed, Purpose::kScenario, 4));
  WorldConfig config;
  PoolConfig& pool = config.pools.front();
  config.nodes = static_cast<uint32_t>(prng.Between(5, 50));
  config.data_centres = config.nodes >= 8 && prng.Chance(1, 4) ? 2 : 1;
  config.racks = static_cast<uint16_t>(prng.Between(1, 5));
  pool.replicas = prng.Chance(1, 5) && config.nodes / config.data_centres >= 5 ? 5 : 3;
  pool.partitions = static_cast<uint16_t>(prng.Between(4, 64));
  config.virtual_tokens = static_cast<uint16_t>(prng.Between(1, 16));
  config.shards_max = static_cast<uint16_t>(prng.Between(1, 4));
  config.reshard = prng.Chance(1, 2);
  config.storage = prng.Chance(1, 4) ? StorageKind::kDisk : StorageKind::kMemory;
  pool.durability = prng.Chance(1, 6) ? env::Durability::kPeriodic : env::Durability::kAlways;
  pool.speculative_delay = prng.Chance(1, 2) ? 50ms : 5ms;
  config.delays.tail_mean = Duration(static_cast<int64_t>(prng.Between(20, 3000)));
  config.sample_all_messages = config.nodes <= 10;
  config.clock_offset_max = Duration(static_cast<int64_t>(prng.Between(0, 2'000'000)));
  config.clock_drift_ppm_max = static_cast<int32_t>(prng.Between(0, 500));
  config.clients = static_cast<uint32_t>(prng.Between(6, 30));
  config.client.think_mean = Duration(static_cast<int64_t>(prng.Between(30'000, 200'000)));
  config.client.pipeline_max = static_cast<uint32_t>(prng.Between(1, 4));
  config.workload.keys = static_cast<uint32_t>(prng.Between(3, 400));
  config.workload.hot_keys = static_cast<uint32_t>(prng.Between(0, 4));
  config.workload.value_bytes_max = static_cast<uint32_t>(prng.Between(8, 600));
  config.workload.deadline_ms_max = static_cast<uint32_t>(prng.Between(100, 60'000));
  UseAllOperations(config.workload);
  LeaveSomeOut(std::span(config.workload.weights).first(Index(OperationKind::kMove)), prng,
               Index(OperationKind::kSet));
  DrawLevels(prng, config);
  DrawPools(seed, config);
  config.power_cut = true;
  config.duration = 60s;
  config.faults.faults = static_cast<uint32_t>(prng.Between(6, 40));
  config.faults.length_max = Duration(static_cast<int64_t>(prng.Between(1'000'000, 15'000'000)));
  config.faults.length_min = std::min(config.faults.length_min, config.faults.length_max);
  config.faults.clock_offset_max = 4s;
  UseAllFaults(config.faults);
  LeaveSomeOut(std::span(config.faults.weights).first(kFirstFaultKinds), prng,
               Index(FaultKind::kCrash));
  return config;
}

void DrawNetwork(Prng& prng, DelayModel& delays) {
  const auto between = [&](uint64_t low, uint64_t high) {
    return Duration(static_cast<int64_t>(prng.Between(low, high)));
  };
  delays.rack = between(20, 500);
  delays.data_centre = delays.rack + between(0, 1000);
  delays.between_min = between(1'000, 10'000);
  delays.between_max = delays.between_min + between(0, 20'000);
  delays.tail_mean = between(20, 4000);
  if (prng.Chance(1, 2)) delays.spread_percent = static_cast<uint32_t>(prng.Between(10, 150));
  if (prng.Chance(1, 2)) {
    delays.slow_ppm = static_cast<uint32_t>(prng.Between(1'000, 50'000));
    delays.slow_mean = between(5'000, 50'000);
  }
}

void DrawCluster(Prng& prng, WorldConfig& config) {
  PoolConfig& pool = config.pools.front();
  config.nodes =
      static_cast<uint32_t>(prng.Chance(1, 2) ? prng.Between(3, 6) : prng.Between(3, 20));
  config.data_centres = config.nodes >= 6 && prng.Chance(1, 3) ? 2 : 1;
  if (config.nodes >= 12 && prng.Chance(1, 6)) config.data_centres = 3;
  const uint32_t nodes_each = config.nodes / config.data_centres;
  config.racks = static_cast<uint16_t>(prng.Between(1, 5));
  pool.replicas = static_cast<uint16_t>(prng.Chance(1, 4) ? prng.Between(1, 5) : 3);
  pool.replicas = static_cast<uint16_t>(std::min<uint32_t>(pool.replicas, nodes_each));
  pool.partitions = static_cast<uint16_t>(prng.Between(1, 32));
  config.virtual_tokens = static_cast<uint16_t>(prng.Between(1, 12));
  config.shards_max = static_cast<uint16_t>(prng.Between(1, 4));
  config.reshard = prng.Chance(1, 2);
  config.storage = prng.Chance(1, 3) ? StorageKind::kDisk : StorageKind::kMemory;
  pool.durability = kDrawnDurabilities[prng.Below(kDrawnDurabilities.size())];
  pool.speculative_delay = prng.Chance(1, 2) ? 50ms : 5ms;
  pool.request_timeout = prng.Chance(1, 2) ? 1s : 2s;
  config.clock_offset_max = Duration(static_cast<int64_t>(prng.Between(0, 2'000'000)));
  config.clock_drift_ppm_max = static_cast<int32_t>(prng.Between(0, 500));
  config.memory.sync_tail_mean = Duration(static_cast<int64_t>(prng.Between(50, 5'000)));
}

bool AllPools(const WorldConfig& config, bool (*holds)(const PoolConfig&)) {
  return std::all_of(config.pools.begin(), config.pools.end(), holds);
}
bool IsDurable(const PoolConfig& pool) { return pool.durability == env::Durability::kAlways; }

// In some of the runs that are durable more than a minority of some key's replicas is gone for
// good: what needs them stalls, and everything else must not.
void DrawLostLists(uint64_t seed, WorldConfig& config) {
  Prng prng(Draw(seed, Purpose::kScenario, 12));
  if (!AllPools(config, IsDurable) || !prng.Chance(1, 6)) return;
  config.faults.lost_lists = static_cast<uint32_t>(prng.Between(1, 2));
  config.probes = static_cast<uint32_t>(prng.Between(2, 8));
  // What a probe asks for must succeed.
  for (PoolConfig& pool : config.pools) pool.memory_bytes_max = 0;
}

// In a quarter of the runs all clocks are alike and coarse, so that nodes stamp alike.
void DrawClocks(uint64_t seed, WorldConfig& config) {
  Prng prng(Draw(seed, Purpose::kScenario, 23));
  if (!prng.Chance(1, 4)) return;
  config.clock_offset_max = Duration(0);
  config.clock_drift_ppm_max = 0;
  config.clock_grain = Duration(static_cast<int64_t>(prng.Between(1, 200)) * 1000);
}

// Everything there is, each part of it there or not.
WorldConfig Swarm(uint64_t seed) {
  Prng prng(Draw(seed, Purpose::kScenario, 8));
  WorldConfig config;
  DrawCluster(prng, config);
  DrawNetwork(prng, config.delays);
  config.sample_all_messages = config.nodes <= 6;
  config.clients = static_cast<uint32_t>(prng.Between(config.data_centres > 1 ? 12 : 6, 18));
  config.power_cut = true;
  config.duration = 20s;
  // So that about as many operations are made whoever makes them.
  config.client.think_mean = config.duration * static_cast<int64_t>(config.clients) / 3200;
  config.client.pipeline_max = static_cast<uint32_t>(prng.Between(1, 4));
  config.workload.keys = static_cast<uint32_t>(prng.Between(1, 60));
  config.workload.hot_keys = static_cast<uint32_t>(prng.Between(0, 4));
  config.workload.value_bytes_max = static_cast<uint32_t>(prng.Between(8, 600));
  config.workload.deadline_ms_max = static_cast<uint32_t>(prng.Between(100, 20'000));
  UseAllOperations(config.workload);
  LeaveSomeOut(std::span(config.workload.weights).first(Index(OperationKind::kMove)), prng,
               Index(OperationKind::kSet));
  DrawSeveralKeys(seed, config);
  DrawMemory(Prng(Draw(seed, Purpose::kScenario, 16)), config, config.pools.front());
  config.pools.front().keeps_majorities = config.pools.front().replicas >= 3;
  DrawPools(seed, config);
  DrawLevels(prng, config);
  DrawClocks(seed, config);
  DrawPoints(seed, config.points);
  DrawLimits(seed, config.limits);
  config.faults.faults = static_cast<uint32_t>(prng.Between(3, 24));
  config.faults.length_max = Duration(static_cast<int64_t>(prng.Between(500'000, 8'000'000)));
  config.faults.length_min = std::min<Duration>(200ms, config.faults.length_max);
  config.faults.clock_offset_max = 3s;
  config.faults.shapes = true;
  DrawFamilies(prng, config.faults);
  DrawReleases(seed, config.faults);
  DrawRelapses(seed, config.faults, config.limits);
  // Without full durability a replica that crashed counts for nothing until all others have been
  // heard, so that none may be missing for good.
  const bool stays = prng.Chance(1, 4);
  const auto may_lose_some = [](const PoolConfig& each) {
    return each.replicas >= 3 && IsDurable(each);
  };
  if (AllPools(config, may_lose_some) && stays) {
    config.faults.staying = static_cast<uint32_t>(prng.Between(1, 3));
    KeepToQuorums(config);
  }
  DrawLostLists(seed, config);
  if (!AllPools(config, IsDurable)) {
    // What these take away is told from the time of a write, which needs no window.
    config.faults.weights[Index(FaultKind::kLostSync)] = 0;
    config.faults.weights[Index(FaultKind::kRollback)] = 0;
  }
  return config;
}

// The size that counts: a thousand nodes, a hundred thousand keys, five hundred operations a
// second.
WorldConfig Kv1000(uint64_t seed) {
  Prng prng(Draw(seed, Purpose::kScenario, 5));
  WorldConfig config;
  PoolConfig& pool = config.pools.front();
  config.nodes = 1000;
  config.racks = 10;
  pool.replicas = 3;
  pool.partitions = 16;
  config.virtual_tokens = 8;
  config.shards_max = static_cast<uint16_t>(prng.Between(1, 2));
  config.sample_all_messages = false;
  config.clients = 100;
  config.client.think_mean = 160ms;  // and the time that answers take: 500 a second
  config.workload.keys = 25'000;     // of each of four classes
  config.workload.fill_per_client = 1000;
  config.workload.hot_keys = 50;
  config.workload.hot_ppm = 50'000;
  config.workload.value_bytes_max = 64;
  UseAllOperations(config.workload);
  config.sweep_clients = 100;
  config.walkers = 0;  // a walk asks every node
  config.duration = 600s;
  config.faults.faults = 260;
  config.faults.length_max = 20s;
  UseAllFaults(config.faults);
  return config;
}

constexpr std::array kScenarios = {
    Scenario{"kv-3", "three nodes in three racks, all faults, memory or disk", Kv3},
    Scenario{"kv-sole", "1 to 3 nodes, one replica of each key, the disk is all there is", KvSole},
    Scenario{"kv-hot", "3 to 7 nodes, few keys, many clients, slow links", KvHot},
    Scenario{"kv-chaos", "5 to 50 nodes, everything drawn, some of it left out", KvChaos},
    Scenario{"swarm", "3 to 20 nodes, every family of faults, knob and operation there or not",
             Swarm},
    Scenario{"kv-1000", "a thousand nodes, 100 000 keys, 500 operations a second", Kv1000},
};

}  // namespace

std::span<const Scenario> AllScenarios() { return kScenarios; }

const Scenario* FindScenario(std::string_view name) {
  for (const Scenario& scenario : kScenarios) {
    if (scenario.name == name) return &scenario;
  }
  return nullptr;
}

WorldConfig MakeConfig(const Scenario& scenario, uint64_t seed, const ScenarioChanges& changes) {
  WorldConfig config = scenario.make(seed);
  config.scenario = scenario.name;
  config.seed = seed;
  config.planted = changes.planted;
  if (changes.nodes) config.nodes = *changes.nodes;
  // What is asked of the first pool must be possible; what is drawn of the others is made so.
  for (size_t i = 1; i < config.pools.size(); ++i) {
    const uint32_t most = std::max(1u, config.nodes / config.data_centres);
    config.pools[i].replicas =
        static_cast<uint16_t>(std::min<uint32_t>(config.pools[i].replicas, most));
  }
  if (changes.duration) {
    const int64_t before = std::max<int64_t>(1, config.duration / 1ms);
    const auto faults = static_cast<uint64_t>(*changes.duration / 1ms) * config.faults.faults /
                        static_cast<uint64_t>(before);
    config.faults.faults = static_cast<uint32_t>(faults);
    config.duration = *changes.duration;
  }
  return config;
}

}  // namespace quorate::sim
