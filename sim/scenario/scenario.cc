// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/scenario.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/core/draw.h"
#include "sim/scenario/draw_pools.h"

namespace quorate::sim {
namespace {

using topology::Consistency;

size_t Index(FaultKind kind) { return static_cast<size_t>(kind); }
size_t Index(OperationKind kind) { return static_cast<size_t>(kind); }

// Every operation, the common ones often.
void UseAllOperations(WorkloadConfig& workload) {
  workload.weights.fill(2);
  workload.weights[Index(OperationKind::kMove)] = 0;  // only where a scenario wants them
  workload.weights[Index(OperationKind::kJoin)] = 0;
  workload.weights[Index(OperationKind::kGet)] = 20;
  workload.weights[Index(OperationKind::kSet)] = 20;
  workload.weights[Index(OperationKind::kIncrement)] = 10;
  workload.weights[Index(OperationKind::kIncrementBy)] = 5;
  workload.weights[Index(OperationKind::kCounterGet)] = 6;
  workload.weights[Index(OperationKind::kHashSet)] = 8;
  workload.weights[Index(OperationKind::kHashGet)] = 8;
  workload.weights[Index(OperationKind::kSetIfAbsent)] = 1;
  workload.weights[Index(OperationKind::kGetDelete)] = 1;
  workload.weights[Index(OperationKind::kCounterDelete)] = 1;
}

void UseAllFaults(FaultPlan& plan) {
  std::fill_n(plan.weights.begin(), kFirstFaultKinds, 2);
  plan.weights[Index(FaultKind::kCrash)] = 6;
  plan.weights[Index(FaultKind::kPartition)] = 5;
  plan.weights[Index(FaultKind::kLoss)] = 3;
  plan.weights[Index(FaultKind::kDiskStall)] = 4;
  plan.weights[Index(FaultKind::kDiskFull)] = 1;
  plan.weights[Index(FaultKind::kCommitError)] = 1;
}

// Swarm testing [Groce et al. 2012]: some features are left out of each run altogether, since what
// is always there hides what only shows in its absence. Never all of them.
void LeaveSomeOut(std::span<uint32_t> weights, Prng& prng, size_t kept_for_sure) {
  for (size_t i = 0; i < weights.size(); ++i) {
    if (i != kept_for_sure && prng.Chance(1, 3)) weights[i] = 0;
  }
}

// The levels of a run's clients: mostly the pool's, or another pair of which every read meets every
// write. In some runs reads are weak (true); these keep to commands that promise something even
// then.
bool DrawLevels(Prng& prng, WorldConfig& config, uint64_t one_in_weak = 6) {
  PoolConfig& pool = config.pools.front();
  const auto [read, write] = kMeetingLevels[prng.Below(kMeetingLevels.size())];
  const bool weak = prng.Chance(1, one_in_weak);
  if (weak) {
    pool.client_levels = {{Consistency::kOne, Consistency::kQuorum},
                          {Consistency::kQuorum, Consistency::kQuorum}};
    config.workload.weights.fill(0);
    config.workload.weights[Index(OperationKind::kGet)] = 1;
    config.workload.weights[Index(OperationKind::kSet)] = 1;
    config.workload.weights[Index(OperationKind::kIncrement)] = 2;
    config.workload.weights[Index(OperationKind::kIncrementBy)] = 2;
    config.workload.weights[Index(OperationKind::kCounterGet)] = 1;
  } else if (prng.Chance(2, 5)) {
    pool.client_levels = {{read, write}};
  }
  return weak;
}

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
  return config;
}

// One class of keys in most runs, the others not at all.
void KeepOneClass(Prng& prng, WorkloadConfig& workload) {
  constexpr std::array<std::pair<OperationKind, OperationKind>, 4> kClasses = {
      {{OperationKind::kGet, OperationKind::kSetIfAbsent},
       {OperationKind::kCounterGet, OperationKind::kCounterDelete},
       {OperationKind::kHashGet, OperationKind::kHashIncrement},
       {OperationKind::kExpiringGet, OperationKind::kPersist}}};
  const uint64_t choice = prng.Below(kClasses.size() + 1);
  if (choice == kClasses.size()) return;
  const auto [first, last] = kClasses[choice];
  for (size_t i = 0; i < workload.weights.size(); ++i) {
    if (i < Index(first) || i > Index(last)) workload.weights[i] = 0;
  }
  // What is never deleted is judged at every read, not at the end alone.
  if (prng.Chance(1, 2)) {
    workload.weights[Index(OperationKind::kCounterDelete)] = 0;
    workload.weights[Index(OperationKind::kDelete)] = 0;
    workload.weights[Index(OperationKind::kGetDelete)] = 0;
  }
}

// In an eighth of the runs a replica soon forgets which requests it has taken, and their copies
// come.
void DrawForgetfulness(uint64_t seed, node::ShardLimits& limits) {
  Prng prng(Draw(seed, Purpose::kScenario, 14));
  if (prng.Chance(1, 8)) limits.taken_requests = prng.Between(1, 4);
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
  const bool weak = DrawLevels(prng, config, /*one_in_weak=*/3);
  DrawForgetfulness(seed, config.limits);
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

// The levels of a swarm run whose core may be smaller than all: quorums, which it can reach.
void KeepToQuorums(WorldConfig& config) {
  for (PoolConfig& pool : config.pools) {
    pool.read = pool.write = Consistency::kQuorum;
    pool.client_levels.clear();
    if (config.data_centres > 1) continue;
    pool.client_levels = {{Consistency::kQuorum, Consistency::kQuorum},
                          {Consistency::kLocalQuorum, Consistency::kLocalQuorum}};
  }
}

// The families of faults, each drawn on or off as a whole, and its members too.
struct FaultFamily {
  std::array<FaultKind, 10> kinds;
  size_t size;
  uint32_t weight;
};
constexpr std::array kFamilies = {
    FaultFamily{{FaultKind::kPartition, FaultKind::kOneWayCut}, 2, 8},
    FaultFamily{{FaultKind::kLoss, FaultKind::kDuplication, FaultKind::kDelay,
                 FaultKind::kCorruption, FaultKind::kClog, FaultKind::kBandwidth},
                6,
                4},
    FaultFamily{{FaultKind::kLate}, 1, 4},
    FaultFamily{{FaultKind::kHalfOpen}, 1, 4},
    FaultFamily{
        {FaultKind::kCrash, FaultKind::kPause, FaultKind::kStop, FaultKind::kSlowCpu}, 4, 6},
    FaultFamily{{FaultKind::kClockOffset, FaultKind::kClockDrift, FaultKind::kClockJump,
                 FaultKind::kWallFreeze, FaultKind::kMonotonicFreeze, FaultKind::kMonotonicJump},
                6,
                3},
    FaultFamily{{FaultKind::kDiskStall, FaultKind::kDiskFull, FaultKind::kCommitError,
                 FaultKind::kSyncError},
                4,
                4},
    FaultFamily{{FaultKind::kReadError, FaultKind::kBitRot, FaultKind::kMisdirection,
                 FaultKind::kDroppedWrite},
                4,
                5},
    FaultFamily{{FaultKind::kLostSync, FaultKind::kRollback}, 2, 5},
    FaultFamily{{FaultKind::kDiskSwap}, 1, 3},
};

void DrawFamilies(Prng& prng, FaultPlan& plan) {
  plan.weights.fill(0);
  // Something is always there.
  plan.weights[Index(FaultKind::kCrash)] = 2;
  for (const FaultFamily& family : kFamilies) {
    if (prng.Chance(1, 2)) continue;
    for (size_t i = 0; i < family.size; ++i) {
      if (prng.Chance(1, 4)) continue;
      plan.weights[Index(family.kinds[i])] = static_cast<uint32_t>(prng.Between(1, family.weight));
    }
  }
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

// In a third of the runs; the others are as production is.
void DrawPoints(uint64_t seed, FaultPoints& points) {
  Prng prng(Draw(seed, Purpose::kScenario, 10));
  if (!prng.Chance(1, 3)) return;
  for (size_t i = 0; i < kFaultPoints; ++i) {
    if (prng.Chance(1, 2)) continue;
    constexpr std::array<uint32_t, 3> kRates = {10'000, 100'000, 300'000};
    points.Set(static_cast<FaultPoint>(i), kRates[prng.Below(kRates.size())]);
  }
}

void DrawLimits(uint64_t seed, node::ShardLimits& limits) {
  Prng prng(Draw(seed, Purpose::kScenario, 11));
  if (!prng.Chance(1, 3)) return;
  const auto draw = [&prng](auto& limit, uint64_t low, uint64_t high) {
    if (!prng.Chance(1, 2)) return;
    limit = static_cast<std::remove_reference_t<decltype(limit)>>(prng.Between(low, high));
  };
  draw(limits.operations, 40, 150);
  draw(limits.waiters_per_key, 1, 6);
  draw(limits.taken_requests, 1, 100);
  draw(limits.reaps, 1, 3);
  draw(limits.load_bytes, 1, 2000);
  draw(limits.clock_reserve_ms, 1, 100);
}

// What concerns several keys, in a third of the runs each. Most pools of several replicas refuse to
// rename; of those that are asked to half are told not to.
void DrawSeveralKeys(uint64_t seed, WorldConfig& config) {
  PoolConfig& pool = config.pools.front();
  const bool moves = Draw(seed, Purpose::kScenario, 9) % 3 == 0;
  const bool joins = Draw(seed, Purpose::kScenario, 15) % 3 == 0;
  config.workload.weights[Index(OperationKind::kMove)] = moves ? 4 : 0;
  config.workload.weights[Index(OperationKind::kJoin)] = joins ? 4 : 0;
  pool.unsafe_commands = moves && Draw(seed, Purpose::kScenario, 17) % 2 == 0;
}

bool AllPools(const WorldConfig& config, bool (*holds)(const PoolConfig&)) {
  return std::all_of(config.pools.begin(), config.pools.end(), holds);
}
bool IsDurable(const PoolConfig& pool) { return pool.durability == env::Durability::kAlways; }

// In some runs nodes are upgraded while it works.
void DrawReleases(uint64_t seed, FaultPlan& plan) {
  Prng prng(Draw(seed, Purpose::kScenario, 13));
  if (!prng.Chance(1, 4)) return;
  plan.weights[Index(FaultKind::kOtherRelease)] = static_cast<uint32_t>(prng.Between(1, 4));
}

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

// Everything there is, each part of it there or not.
WorldConfig Swarm(uint64_t seed) {
  Prng prng(Draw(seed, Purpose::kScenario, 8));
  WorldConfig config;
  DrawCluster(prng, config);
  DrawNetwork(prng, config.delays);
  config.sample_all_messages = config.nodes <= 6;
  config.clients = static_cast<uint32_t>(prng.Between(config.data_centres > 1 ? 12 : 6, 18));
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
  DrawPoints(seed, config.points);
  DrawLimits(seed, config.limits);
  config.faults.faults = static_cast<uint32_t>(prng.Between(3, 24));
  config.faults.length_max = Duration(static_cast<int64_t>(prng.Between(500'000, 8'000'000)));
  config.faults.length_min = std::min<Duration>(200ms, config.faults.length_max);
  config.faults.clock_offset_max = 3s;
  config.faults.shapes = true;
  DrawFamilies(prng, config.faults);
  DrawReleases(seed, config.faults);
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

struct BugName {
  PlantedBug bug;
  std::string_view name;
};
constexpr std::array kBugNames = {
    BugName{PlantedBug::kNone, "none"},
    BugName{PlantedBug::kAckBeforeQuorum, "ack-before-quorum"},
    BugName{PlantedBug::kNoRestamp, "no-restamp"},
    BugName{PlantedBug::kSameIncarnation, "same-incarnation"},
    BugName{PlantedBug::kCounterSlotPerNode, "counter-slot-per-node"},
    BugName{PlantedBug::kApplyWithoutMerge, "apply-without-merge"},
    BugName{PlantedBug::kLoseLastCommit, "lose-last-commit"},
    BugName{PlantedBug::kReadFewer, "read-fewer"},
    BugName{PlantedBug::kRetryExecuted, "retry-executed"},
    BugName{PlantedBug::kUnsettledRead, "unsettled-read"},
    BugName{PlantedBug::kForgetLives, "forget-lives"},
    BugName{PlantedBug::kExpireUnread, "expire-unread"},
    BugName{PlantedBug::kServeUnstored, "serve-unstored"},
    BugName{PlantedBug::kAckBeforeCommit, "ack-before-commit"},
    BugName{PlantedBug::kStopForgets, "stop-forgets"},
    BugName{PlantedBug::kExecuteCopies, "execute-copies"},
    BugName{PlantedBug::kForgetTombstones, "forget-tombstones"},
    BugName{PlantedBug::kSetKeepsDeadline, "set-keeps-deadline"},
    BugName{PlantedBug::kReplayFewer, "replay-fewer"},
    BugName{PlantedBug::kSweepKeepsDeleted, "sweep-keeps-deleted"},
    BugName{PlantedBug::kForgetCeiling, "forget-ceiling"},
    BugName{PlantedBug::kSkipRepair, "skip-repair"},
    BugName{PlantedBug::kPipelineUnordered, "pipeline-unordered"},
    BugName{PlantedBug::kServeForeign, "serve-foreign"},
    BugName{PlantedBug::kFrameUnchecked, "frame-unchecked"},
    BugName{PlantedBug::kForgetOrder, "forget-order"},
    BugName{PlantedBug::kRecordUnchecked, "record-unchecked"},
    BugName{PlantedBug::kAckAtDeadline, "ack-at-deadline"},
    BugName{PlantedBug::kNeverGiveUp, "never-give-up"},
    BugName{PlantedBug::kSkipPlace, "skip-place"},
    BugName{PlantedBug::kForgetFloor, "forget-floor"},
    BugName{PlantedBug::kUnknownEndsFrame, "unknown-ends-frame"},
    BugName{PlantedBug::kJoinFirstKey, "join-first-key"},
    BugName{PlantedBug::kRenameDrops, "rename-drops"},
    BugName{PlantedBug::kEvictReplicas, "evict-replicas"},
    BugName{PlantedBug::kRefuseExecuted, "refuse-executed"},
    BugName{PlantedBug::kRowsOfFirst, "rows-of-first"},
    BugName{PlantedBug::kStoreAsFirst, "store-as-first"},
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

std::string_view NameOf(PlantedBug bug) {
  for (const BugName& entry : kBugNames) {
    if (entry.bug == bug) return entry.name;
  }
  return "unknown";
}

std::optional<PlantedBug> ParsePlantedBug(std::string_view name) {
  for (const BugName& entry : kBugNames) {
    if (entry.name == name) return entry.bug;
  }
  return std::nullopt;
}

}  // namespace quorate::sim
