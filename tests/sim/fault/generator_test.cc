// SPDX-License-Identifier: Apache-2.0
#include "sim/fault/generator.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "tests/engine/topology/specs.h"

namespace quorate::sim {
namespace {

struct Cluster {
  std::vector<NodeId> ids;
  topology::Topology topology;
};

Cluster MakeCluster(uint32_t nodes, uint16_t racks,
                    const std::vector<uint16_t>& replicas_of_pools) {
  topology::TopologySpec spec = topology::MakeSpec(static_cast<int>(nodes), racks, 1);
  spec.virtual_tokens = 8;
  std::vector<NodeId> ids;
  for (const topology::SeatSpec& seat : spec.seats) ids.push_back(seat.node);
  spec.pools.clear();
  for (const uint16_t replicas : replicas_of_pools) {
    topology::PoolSpec pool = topology::MakePool(replicas);
    pool.id = PoolId{static_cast<uint16_t>(spec.pools.size())};
    pool.name = Format("pool-%u", pool.id.value);
    spec.pools.push_back(pool);
  }
  return {std::move(ids), topology::MakeTopology(std::move(spec))};
}

FaultPlan EveryKind(uint32_t faults) {
  FaultPlan plan;
  plan.weights.fill(1);
  plan.faults = faults;
  plan.from = {2'000'000};
  plan.until = {120'000'000};
  return plan;
}

constexpr std::array kFirst = {FaultAtlas::Pool{PoolId{0}}};

// At any time, the nodes that bounded faults may take out.
bool StaysBounded(const Schedule& schedule, const FaultAtlas& atlas) {
  for (const Fault& at : schedule.faults) {
    std::set<uint32_t> down;
    for (const Fault& fault : schedule.faults) {
      const bool now = fault.from <= at.from && at.from < fault.until;
      const bool cuts = fault.kind == FaultKind::kPartition || fault.kind == FaultKind::kClog;
      if (!now || !TakesOut(fault.kind) || cuts) continue;
      down.insert(fault.nodes.begin(), fault.nodes.end());
    }
    if (!atlas.Survives(std::vector<uint32_t>(down.begin(), down.end()))) return false;
  }
  return true;
}

TEST(FaultAtlas, CountsPerPreferenceList) {
  const Cluster cluster = MakeCluster(3, 3, {3});
  const FaultAtlas atlas(cluster.topology, kFirst, cluster.ids);
  const std::vector<uint32_t> none;
  const std::vector<uint32_t> one = {1};
  const std::vector<uint32_t> two = {0, 2};
  EXPECT_TRUE(atlas.Survives(none));
  EXPECT_TRUE(atlas.Survives(one));
  EXPECT_FALSE(atlas.Survives(two));
}

TEST(FaultAtlas, AWholeRackMayFailWhereReplicasAreSpread) {
  const Cluster cluster = MakeCluster(12, 3, {3});
  const FaultAtlas atlas(cluster.topology, kFirst, cluster.ids);
  const std::vector<uint32_t> rack = {0, 3, 6, 9};
  EXPECT_TRUE(atlas.Survives(rack));
  for (size_t list = 0; list < atlas.lists(); ++list) EXPECT_EQ(atlas.NodesOf(list).size(), 3u);
}

TEST(FaultAtlas, EachPoolHasABoundOfItsOwn) {
  const Cluster cluster = MakeCluster(5, 5, {5, 3});
  const std::vector<uint32_t> one = {1};
  const std::vector<uint32_t> two = {0, 1};
  const std::vector<uint32_t> three = {0, 1, 2};
  const FaultAtlas of_five(cluster.topology, kFirst, cluster.ids);
  EXPECT_TRUE(of_five.Survives(two));
  const std::array both = {FaultAtlas::Pool{PoolId{0}}, FaultAtlas::Pool{PoolId{1}}};
  const FaultAtlas of_both(cluster.topology, both, cluster.ids);
  EXPECT_TRUE(of_both.Survives(one));
  EXPECT_FALSE(of_both.Survives(two)) << "some key of the second pool is lost";
  EXPECT_GT(of_both.lists(), of_five.lists());
  EXPECT_EQ(of_both.NodesOf(0).size(), 5u);
  EXPECT_EQ(of_both.NodesOf(of_both.lists() - 1).size(), 3u);
  const std::array loose = {FaultAtlas::Pool{PoolId{0}}, FaultAtlas::Pool{PoolId{1}, false}};
  const FaultAtlas of_loose(cluster.topology, loose, cluster.ids);
  EXPECT_EQ(of_loose.lists(), of_both.lists()) << "faults may aim at any of them";
  EXPECT_TRUE(of_loose.Survives(two));
  EXPECT_FALSE(of_loose.Survives(three));
}

RC_GTEST_PROP(FaultGenerator, KeepsTheBoundAndTheWindow, (uint64_t seed)) {
  const Cluster cluster = MakeCluster(9, 3, {3});
  const FaultAtlas atlas(cluster.topology, kFirst, cluster.ids);
  const FaultPlan plan = EveryKind(30);
  const Schedule schedule = GenerateSchedule(seed, plan, atlas);
  RC_ASSERT(Validate(schedule).ok());
  RC_ASSERT(schedule.faults.size() >= 20u);
  RC_ASSERT(StaysBounded(schedule, atlas));
  for (const Fault& fault : schedule.faults) {
    RC_ASSERT(fault.from >= plan.from);
    RC_ASSERT(fault.until <= plan.until);
  }
}

// Beside everything that comes without them.
TEST(FaultGenerator, SomeListsLoseMoreThanAMinorityForGoodAndNodesAreLeft) {
  const Cluster cluster = MakeCluster(9, 3, {3});
  const FaultAtlas atlas(cluster.topology, kFirst, cluster.ids);
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    FaultPlan plan = EveryKind(12);
    plan.weights[static_cast<size_t>(FaultKind::kWipe)] = 0;
    const Schedule without = GenerateSchedule(seed, plan, atlas);
    plan.lost_lists = 1 + static_cast<uint32_t>(seed % 4);
    const Schedule schedule = GenerateSchedule(seed, plan, atlas);
    ASSERT_TRUE(Validate(schedule).ok());
    std::vector<Fault> others;
    std::set<uint32_t> lost;
    for (const Fault& fault : schedule.faults) {
      if (!fault.stays) others.push_back(fault);
      if (fault.stays) lost.insert(fault.nodes.begin(), fault.nodes.end());
    }
    EXPECT_EQ(others, without.faults);
    EXPECT_LT(lost.size(), atlas.nodes());
    EXPECT_FALSE(atlas.Survives(std::vector<uint32_t>(lost.begin(), lost.end()))) << seed;
  }
}

// The first process fault whose end a relapse follows closely.
const Fault* RelapseOf(const Schedule& schedule, const Fault& fault) {
  for (const Fault& first : schedule.faults) {
    const bool close = fault.from > first.until && fault.from - first.until < 20ms;
    if (EndsProcess(first.kind) && !first.stays && first.nodes == fault.nodes && close) {
      return &first;
    }
  }
  return nullptr;
}

// Beside everything that comes without them.
TEST(FaultGenerator, ProcessesDieAgainAsTheyStart) {
  const Cluster cluster = MakeCluster(9, 3, {3});
  const FaultAtlas atlas(cluster.topology, kFirst, cluster.ids);
  std::set<std::pair<FaultKind, FaultKind>> kinds;
  size_t of_relapses = 0;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    FaultPlan plan = EveryKind(24);
    plan.weights[static_cast<size_t>(FaultKind::kCrash)] = 8;
    plan.weights[static_cast<size_t>(FaultKind::kStop)] = 8;
    const Schedule without = GenerateSchedule(seed, plan, atlas);
    plan.relapse_percent = 60;
    const Schedule schedule = GenerateSchedule(seed, plan, atlas);
    ASSERT_TRUE(Validate(schedule).ok());
    EXPECT_TRUE(StaysBounded(schedule, atlas));
    EXPECT_LE(schedule.faults.size(), size_t{2} * plan.faults);
    std::vector<Fault> others;
    for (const Fault& fault : schedule.faults) {
      if (fault.id <= without.faults.size()) {
        others.push_back(fault);
        continue;
      }
      EXPECT_TRUE(EndsProcess(fault.kind));
      EXPECT_LE(fault.until, plan.until);
      const Fault* first = RelapseOf(schedule, fault);
      ASSERT_NE(first, nullptr) << seed;
      kinds.emplace(first->kind, fault.kind);
      if (first->id > without.faults.size()) ++of_relapses;
    }
    EXPECT_EQ(others, without.faults);
  }
  EXPECT_EQ(kinds.size(), 4u) << "a crash and a stop after each of both";
  EXPECT_GT(of_relapses, 10u);
}

TEST(FaultGenerator, IsAFunctionOfTheSeed) {
  const Cluster cluster = MakeCluster(9, 3, {3});
  const FaultAtlas atlas(cluster.topology, kFirst, cluster.ids);
  EXPECT_EQ(GenerateSchedule(5, EveryKind(20), atlas), GenerateSchedule(5, EveryKind(20), atlas));
  EXPECT_NE(GenerateSchedule(5, EveryKind(20), atlas), GenerateSchedule(6, EveryKind(20), atlas));
}

TEST(FaultGenerator, MakesEveryKindAndOnlyThoseAskedFor) {
  const Cluster cluster = MakeCluster(30, 5, {3});
  const FaultAtlas atlas(cluster.topology, kFirst, cluster.ids);
  std::array<int, kFaultKinds> made{};
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (const Fault& fault : GenerateSchedule(seed, EveryKind(40), atlas).faults) {
      ++made[static_cast<size_t>(fault.kind)];
    }
  }
  for (const int count : made) EXPECT_GT(count, 0);
  FaultPlan only = EveryKind(10);
  only.weights.fill(0);
  only.weights[static_cast<size_t>(FaultKind::kPause)] = 1;
  for (const Fault& fault : GenerateSchedule(1, only, atlas).faults) {
    EXPECT_EQ(fault.kind, FaultKind::kPause);
  }
}

}  // namespace
}  // namespace quorate::sim
