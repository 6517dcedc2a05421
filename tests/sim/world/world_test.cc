// SPDX-License-Identifier: Apache-2.0
// Whole worlds, small ones: equal seeds give equal runs, faults have effects, and the phases come
// in order. What the engine must hold under them is judged by the oracles, not here.
#include "sim/world/world.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "sim/scenario/scenario.h"

namespace quorate::sim {
namespace {

class Watcher final : public WorldObserver {
 public:
  void Happened(const WorldEvent& event) override {
    EXPECT_EQ(event.id.value, last_.value + 1);
    EXPECT_LT(event.cause, event.id);
    EXPECT_GE(event.time, time_);
    last_ = event.id;
    time_ = event.time;
    ++events[event.kind];
  }
  void Invoked(const OperationInvoked& operation) override {
    EXPECT_TRUE(open_.emplace(operation.operation, operation.event).second);
  }
  void Completed(const OperationCompleted& operation) override {
    EXPECT_EQ(open_.erase(operation.invoked.operation), 1u);
  }
  void PhaseBegan(Phase phase, SimTime /*time*/) override { phases.push_back(phase); }
  void RunEnded(const WorldView& world, uint64_t /*hash*/) override {
    open_at_end = open_.size();
    messages_at_end = world.messages_in_flight();
    commits_at_end = world.commits_in_flight();
  }

  std::map<EventKind, uint64_t> events;
  std::vector<Phase> phases;
  size_t open_at_end = 0;
  uint64_t messages_at_end = 0;
  uint64_t commits_at_end = 0;

 private:
  EventId last_;
  SimTime time_;
  std::map<uint64_t, EventId> open_;
};

WorldConfig Small(uint64_t seed, StorageKind storage) {
  WorldConfig config = MakeConfig(*FindScenario("kv-3"), seed, {});
  config.storage = storage;
  config.duration = 12s;
  config.faults.faults = 6;
  return config;
}

RunResult RunWith(const WorldConfig& config, std::vector<WorldObserver*> observers = {}) {
  absl::StatusOr<std::unique_ptr<World>> world = World::Create(config, std::move(observers));
  EXPECT_TRUE(world.ok()) << MessageOf(world.status());
  return (*world)->Run();
}

TEST(World, RepeatsItselfWhoeverWatches) {
  for (const StorageKind storage : {StorageKind::kMemory, StorageKind::kDisk}) {
    Watcher watcher;
    const RunResult first = RunWith(Small(5, storage), {&watcher});
    RunWith(Small(6, storage));  // another world in between changes nothing
    const RunResult second = RunWith(Small(5, storage));
    EXPECT_EQ(first.hash, second.hash);
    EXPECT_EQ(first.ladder, second.ladder);
    EXPECT_EQ(first.events, second.events);
    EXPECT_NE(first.hash, RunWith(Small(6, storage)).hash);
  }
}

TEST(World, GoesThroughItsPhasesAndComesToRest) {
  Watcher watcher;
  const RunResult result = RunWith(Small(7, StorageKind::kMemory), {&watcher});
  EXPECT_FALSE(result.failure.has_value()) << result.failure->seen;
  const std::vector<Phase> phases = {Phase::kFaults, Phase::kHealed, Phase::kSweep, Phase::kRest,
                                     Phase::kPowerCut};
  EXPECT_EQ(watcher.phases, phases);
  EXPECT_EQ(watcher.open_at_end, 0u);
  EXPECT_EQ(watcher.messages_at_end, 0u);
  EXPECT_EQ(watcher.commits_at_end, 0u);
  EXPECT_GT(result.operations, 100u);
  EXPECT_GT(result.acknowledged * 10, result.operations * 5);
  EXPECT_GT(result.sweep_operations, 0u);
  EXPECT_GT(result.codec_checks, 0u);
  for (const EventKind kind :
       {EventKind::kTick, EventKind::kMessageArrived, EventKind::kCommitDone,
        EventKind::kClientSends, EventKind::kClientReceives, EventKind::kNodeStarted}) {
    EXPECT_GT(watcher.events[kind], 0u) << NameOf(kind);
  }
}

// A schedule with one fault of the kind, long enough to meet some traffic.
Schedule OneFault(FaultKind kind) {
  Fault fault;
  fault.id = 1;
  fault.kind = kind;
  fault.from = {3'000'000};
  fault.until = {8'000'000};
  fault.nodes = {1};
  fault.chance_ppm = 200'000;
  fault.amount = kind == FaultKind::kCrash ? Duration(0) : Duration(200ms);
  fault.drift_ppm = 1000;
  switch (kind) {
    case FaultKind::kPartition:
    case FaultKind::kOneWayCut:
      fault.amount = Duration(0);
      break;
    case FaultKind::kSlowCpu:
      fault.amount = Duration(50);
      break;
    case FaultKind::kDiskSwap:
      fault.nodes = {0, 1};
      break;
    case FaultKind::kWipe:
      fault.stays = true;
      break;
    default:
      break;
  }
  return {.nodes = 3, .faults = {fault}};
}

// Clients that take a core for enough.
WorldConfig AtQuorums(WorldConfig config) {
  config.pools.front().client_levels = {
      {topology::Consistency::kQuorum, topology::Consistency::kQuorum}};
  return config;
}

TEST(World, EveryFaultKindHasAnEffect) {
  for (size_t i = 0; i < kFaultKinds; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    WorldConfig config = AtQuorums(Small(8, StorageKind::kMemory));
    config.schedule = OneFault(kind);
    const RunResult result = RunWith(config);
    EXPECT_FALSE(result.failure.has_value()) << NameOf(kind) << ": " << result.failure->seen;
    EXPECT_GT(result.effects[i], 0u) << NameOf(kind);
    EXPECT_EQ(result.effective_faults, 1u) << NameOf(kind);
  }
}

TEST(World, DiskFaultsHaveEffectsOnTheDiskToo) {
  for (const FaultKind kind :
       {FaultKind::kDiskStall, FaultKind::kDiskFull, FaultKind::kCommitError, FaultKind::kSyncError,
        FaultKind::kReadError, FaultKind::kBitRot, FaultKind::kMisdirection,
        FaultKind::kDroppedWrite, FaultKind::kLostSync, FaultKind::kDiskSwap, FaultKind::kRollback,
        FaultKind::kWipe}) {
    WorldConfig config = AtQuorums(Small(9, StorageKind::kDisk));
    config.schedule = OneFault(kind);
    const RunResult result = RunWith(config);
    EXPECT_FALSE(result.failure.has_value()) << NameOf(kind) << ": " << result.failure->seen;
    EXPECT_GT(result.effects[static_cast<size_t>(kind)], 0u) << NameOf(kind);
  }
}

// Nodes of two releases talk: what the next one adds changes nothing.
TEST(World, WhatTheNextReleaseAddsIsNotSeen) {
  WorldConfig config = AtQuorums(Small(8, StorageKind::kMemory));
  config.schedule = Schedule{.nodes = 3, .faults = {}};
  const RunResult without = RunWith(config);
  config.schedule = OneFault(FaultKind::kOtherRelease);
  const RunResult result = RunWith(config);
  EXPECT_GT(result.effects[static_cast<size_t>(FaultKind::kOtherRelease)], 100u);
  EXPECT_EQ(result.operations, without.operations);
  EXPECT_EQ(result.acknowledged, without.acknowledged);
}

// Nobody executes what the release before asks for: it does not say of which life it asks.
TEST(World, ANodeOfTheReleaseBeforeServesWhatItHolds) {
  WorldConfig config = AtQuorums(Small(8, StorageKind::kMemory));
  config.nodes = 5;
  config.schedule = OneFault(FaultKind::kOtherRelease);
  config.schedule->nodes = 5;
  config.schedule->faults[0].shape = FaultShape::kOlder;
  const RunResult result = RunWith(config);
  EXPECT_FALSE(result.failure.has_value()) << result.failure->seen;
  EXPECT_GT(result.effects[static_cast<size_t>(FaultKind::kOtherRelease)], 10u);
}

// A core heals and serves every key, and one node never comes back.
TEST(World, ACoreHealsAroundANodeThatDoesNot) {
  for (const FaultKind kind : {FaultKind::kCrash, FaultKind::kPartition, FaultKind::kOneWayCut,
                               FaultKind::kSlowCpu, FaultKind::kWipe}) {
    class Frozen final : public WorldObserver {
     public:
      void RunEnded(const WorldView& world, uint64_t) override {
        for (uint32_t i = 0; i < world.nodes(); ++i) frozen += world.frozen(NodeIndex{i}) ? 1 : 0;
      }
      int frozen = 0;
    } frozen;
    WorldConfig config = AtQuorums(Small(12, StorageKind::kMemory));
    config.schedule = OneFault(kind);
    config.schedule->faults[0].stays = true;
    const RunResult result = RunWith(config, {&frozen});
    EXPECT_FALSE(result.failure.has_value()) << NameOf(kind) << ": " << result.failure->seen;
    EXPECT_EQ(frozen.frozen, 1) << NameOf(kind);
    EXPECT_GT(result.sweep_operations, 0u);
  }
}

// With the disk of another, which has no fault that stays, that one could never start again.
TEST(World, ADiskIsWipedWhereItBelongs) {
  WorldConfig config = AtQuorums(Small(12, StorageKind::kMemory));
  config.schedule = OneFault(FaultKind::kDiskSwap);
  Fault wipe = OneFault(FaultKind::kWipe).faults.front();
  wipe.id = 2;
  wipe.from = {5'000'000};
  config.schedule->faults.push_back(wipe);
  const RunResult result = RunWith(config);
  EXPECT_FALSE(result.failure.has_value()) << result.failure->seen;
  EXPECT_EQ(result.effective_faults, 2u);
  EXPECT_GT(result.sweep_operations, 0u);
}

// Ends a run while operations are under way.
class Leaver final : public WorldObserver {
 public:
  void Invoked(const OperationInvoked& operation) override { open.insert(operation.operation); }
  void Completed(const OperationCompleted& operation) override {
    open.erase(operation.invoked.operation);
  }
  void LeftOpen(const OperationInvoked& operation) override {
    left.emplace(operation.operation, operation.command);
  }
  [[nodiscard]] bool wants_more() const override { return open.size() < 3; }
  std::set<uint64_t> open;
  std::map<uint64_t, std::vector<Bytes>> left;
};

TEST(World, NamesTheOperationsThatAreOpenWhenARunEndsEarly) {
  Leaver leaver;
  RunWith(Small(3, StorageKind::kMemory), {&leaver});
  EXPECT_GE(leaver.left.size(), 3u);
  std::set<uint64_t> left;
  for (const auto& [operation, command] : leaver.left) {
    left.insert(operation);
    EXPECT_FALSE(command.empty());
  }
  EXPECT_EQ(left, leaver.open);
}

// Answers to what was asked once the world had healed, and before the sweep.
class Probes final : public WorldObserver {
 public:
  void Completed(const OperationCompleted& operation) override {
    if (operation.invoked.phase != Phase::kHealed) return;
    EXPECT_EQ(operation.outcome, OperationOutcome::kReply);
    ++(operation.reply.IsError() ? failed : served)[operation.invoked.read];
  }
  std::map<topology::Consistency, uint64_t> served;
  std::map<topology::Consistency, uint64_t> failed;
};

// Of three replicas two are gone: what one can do is done, and the rest is told that it stalls.
TEST(World, AStallIsShownToBeInevitable) {
  for (const FaultKind kind : {FaultKind::kCrash, FaultKind::kPartition, FaultKind::kWipe}) {
    WorldConfig config = AtQuorums(Small(12, StorageKind::kMemory));
    config.schedule = OneFault(kind);
    config.schedule->faults[0].stays = true;
    config.schedule->faults.push_back(config.schedule->faults[0]);
    config.schedule->faults[1].id = 2;
    config.schedule->faults[1].nodes = {2};
    config.probes = 3;
    Probes probes;
    const RunResult result = RunWith(config, {&probes});
    EXPECT_FALSE(result.failure.has_value()) << NameOf(kind) << ": " << result.failure->seen;
    EXPECT_EQ(probes.served[topology::Consistency::kOne], 6u);
    EXPECT_EQ(probes.served[topology::Consistency::kQuorum], 0u);
    EXPECT_EQ(probes.failed[topology::Consistency::kQuorum], 6u);
    EXPECT_EQ(probes.failed[topology::Consistency::kEachQuorum], 6u);
    EXPECT_GT(result.sweep_operations, 0u);
  }
}

// Replies that refuse to stamp, by the second in which they came.
class Refusals final : public WorldObserver {
 public:
  void Completed(const OperationCompleted& operation) override {
    if (operation.outcome != OperationOutcome::kReply || !operation.reply.IsError()) return;
    if (operation.reply.text.starts_with("CLOCKSKEW ")) {
      ++by_second[operation.time.us / 1'000'000];
    }
  }
  std::map<uint64_t, uint64_t> by_second;
};

TEST(World, ANodeWhoseClockLeavesTheOthersDoesNotStampUntilItIsBack) {
  for (const Duration ahead : {Duration(3600s), Duration(-3600s), Duration(5s)}) {
    WorldConfig config = AtQuorums(Small(8, StorageKind::kMemory));
    config.schedule = OneFault(FaultKind::kClockOffset);  // from 3 s until 8 s
    config.schedule->faults[0].amount = ahead;
    // Nothing but writes: a node that refuses them hears of its peers' clocks by pings alone.
    config.workload.weights = {};
    config.workload.weights[static_cast<size_t>(OperationKind::kSet)] = 1;
    Refusals refusals;
    const RunResult result = RunWith(config, {&refusals});
    EXPECT_FALSE(result.failure.has_value()) << result.failure->seen;
    if (ahead == 5s) {
      EXPECT_TRUE(refusals.by_second.empty());
      continue;
    }
    ASSERT_FALSE(refusals.by_second.empty());
    EXPECT_LE(refusals.by_second.begin()->first, 5u);
    EXPECT_LE(refusals.by_second.rbegin()->first, 9u);
    EXPECT_GE(refusals.by_second.size(), 3u);
  }
}

TEST(World, ACrashMayComeBetweenTheEffectsOfATick) {
  WorldConfig config = Small(13, StorageKind::kMemory);
  config.schedule = OneFault(FaultKind::kCrash);
  config.schedule->faults[0].shape = FaultShape::kBetweenEffects;
  config.schedule->faults[0].amount = 1s;
  const RunResult result = RunWith(config);
  EXPECT_FALSE(result.failure.has_value()) << result.failure->seen;
  EXPECT_EQ(result.effects[static_cast<size_t>(FaultKind::kCrash)], 1u);
}

TEST(World, AnIdleClusterCostsAlmostNothing) {
  WorldConfig config = Small(10, StorageKind::kMemory);
  config.nodes = 60;
  config.schedule = Schedule{.nodes = 60, .faults = {}};
  config.clients = 1;
  config.sweep_clients = 1;
  config.client.think_mean = 5s;
  config.duration = 600s;
  const RunResult result = RunWith(config);
  EXPECT_LT(result.events, 60'000u);
}

// What became of the operations of each pool.
class PoolWatcher final : public WorldObserver {
 public:
  void RunBegan(const WorldView& world) override { world_ = &world; }
  void Invoked(const OperationInvoked& operation) override {
    pools_of_client[operation.client].insert(operation.pool.value);
    ++asked[{operation.pool.value, operation.phase}];
    if (operation.command.front() == "SCAN") ++scans[operation.pool.value];
  }
  void RunEnded(const WorldView& world, uint64_t /*hash*/) override {
    for (const PoolLook& pool : world.pools()) {
      for (uint32_t node = 0; node < world.nodes(); ++node) {
        world.shard(NodeIndex{node}, 0)
            ->ForEachObject(pool.id, [&](std::string_view key, std::string_view) {
              ++copies[{pool.id.value, Bytes(key)}];
            });
      }
    }
  }
  std::map<uint32_t, std::set<uint16_t>> pools_of_client;
  std::map<std::pair<uint16_t, Phase>, uint64_t> asked;
  std::map<uint16_t, uint64_t> scans;
  std::map<std::pair<uint16_t, Bytes>, uint64_t> copies;

 private:
  const WorldView* world_ = nullptr;
};

// The first keeps three copies of a key, the others fewer.
WorldConfig WithPools(size_t pools) {
  WorldConfig config = AtQuorums(Small(8, StorageKind::kDisk));
  config.shards_max = 1;
  config.pools.resize(pools);
  for (size_t i = 1; i < pools; ++i) {
    config.pools[i].replicas = static_cast<uint16_t>(3 - i);
    config.pools[i].hash = hash::KeyHash::kMurmur;
    config.pools[i].keeps_majorities = false;
  }
  return config;
}

TEST(World, EachPoolHasClientsOfItsOwnAndAllIsAskedOfIt) {
  for (const size_t pools : {size_t{1}, size_t{2}, size_t{3}}) {
    PoolWatcher watcher;
    const RunResult result = RunWith(WithPools(pools), {&watcher});
    ASSERT_FALSE(result.failure.has_value()) << result.failure->seen;
    EXPECT_EQ(result.hash, RunWith(WithPools(pools)).hash);
    for (const auto& [client, of] : watcher.pools_of_client) {
      EXPECT_EQ(of, std::set<uint16_t>{static_cast<uint16_t>(client % pools)});
    }
    EXPECT_EQ(watcher.scans.size(), pools);
    for (uint16_t pool = 0; pool < pools; ++pool) {
      EXPECT_GT((watcher.asked[{pool, Phase::kFaults}]), 20u);
      EXPECT_GT((watcher.asked[{pool, Phase::kSweep}]), 5u);
    }
    for (const auto& [key, copies] : watcher.copies)
      EXPECT_LE(copies, 3u - key.first) << key.second;
  }
}

TEST(World, AScriptNamesThePool) {
  WorldConfig config = WithPools(2);
  config.schedule = Schedule{.nodes = 3, .faults = {}};
  config.script = {{0, {0, SimTime{3'000'000}, {}, PoolId{1}}, {"SET", "string:1", "a"}},
                   {0, {0, SimTime{4'000'000}, {}, PoolId{0}}, {"SET", "string:2", "b"}}};
  PoolWatcher watcher;
  const RunResult result = RunWith(config, {&watcher});
  ASSERT_FALSE(result.failure.has_value()) << result.failure->seen;
  const std::map<std::pair<uint16_t, Bytes>, uint64_t> copies = {{{0, "string:2"}, 3},
                                                                 {{1, "string:1"}, 2}};
  EXPECT_EQ(watcher.copies, copies);
}

TEST(World, RefusesWhatIsNoCluster) {
  const auto refused = [](auto change) {
    WorldConfig config = Small(1, StorageKind::kMemory);
    change(config);
    return !World::Create(config, {}).ok();
  };
  EXPECT_TRUE(refused([](WorldConfig& config) { config.nodes = 0; }));
  EXPECT_TRUE(refused([](WorldConfig& config) { config.nodes = 2; }));
  EXPECT_TRUE(refused([](WorldConfig& config) { config.shards_max = 9; }));
  EXPECT_TRUE(refused([](WorldConfig& config) { config.clients = 0; }));
  EXPECT_TRUE(refused([](WorldConfig& config) { config.pools.clear(); }));
  EXPECT_TRUE(refused([](WorldConfig& config) { config.pools.resize(kWorldPoolsMax + 1); }));
  EXPECT_TRUE(refused([](WorldConfig& config) {
    config.pools.resize(2);
    config.pools[1].replicas = 4;
  }));
  EXPECT_TRUE(refused([](WorldConfig& config) {
    config.script = {{0, {0, SimTime{1}, {}, PoolId{1}}, {"GET", "string:1"}}};
  }));
  EXPECT_TRUE(
      refused([](WorldConfig& config) { config.schedule = Schedule{.nodes = 7, .faults = {}}; }));
}

}  // namespace
}  // namespace quorate::sim
