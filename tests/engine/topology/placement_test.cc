// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/hash/dynomite_hashes.h"
#include "tests/engine/topology/specs.h"

namespace quorate::topology {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<uint64_t> NodesOf(const Topology& topology, Place place) {
  std::vector<uint64_t> nodes;
  for (const Replica& replica : topology.ReplicasOf(PoolId{0}, place)) {
    nodes.push_back(replica.node.value);
  }
  return nodes;
}

Token Word(uint64_t word) { return Token{word << 32}; }

// Node i + 1 of a rack has the token 100 * (i + 1), in 32-bit words; the pool's hash is murmur.
TopologySpec TokenSpec(int nodes, uint16_t replicas) {
  TopologySpec spec = MakeSpec(nodes, nodes, replicas);
  spec.pools[0].hash = hash::KeyHash::kMurmur;
  for (size_t i = 0; i < spec.seats.size(); ++i) spec.seats[i].tokens = {Word(100 * (i + 1))};
  return spec;
}

TEST(Vnode, TheSmallestTokenNotBelowOwns) {
  const Topology topology = MakeTopology(TokenSpec(3, 1));
  const auto owner = [&](uint64_t word) { return NodesOf(topology, Place{word << 32})[0]; };
  EXPECT_EQ(owner(0), 1u);
  EXPECT_EQ(owner(100), 1u);
  EXPECT_EQ(owner(101), 2u);
  EXPECT_EQ(owner(200), 2u);
  EXPECT_EQ(owner(300), 3u);
  EXPECT_EQ(owner(301), 1u);
  EXPECT_EQ(owner(0xffffffff), 1u);
}

TEST(Vnode, AKeyOfANodesTokenIsThatNodesWhateverItsLowerBits) {
  const Topology topology = MakeTopology(TokenSpec(3, 1));
  EXPECT_EQ(NodesOf(topology, Place{(uint64_t{100} << 32) + 0xffffffff})[0], 1u);
  EXPECT_EQ(NodesOf(topology, Place{uint64_t{101} << 32})[0], 2u);
}

TEST(Vnode, ReplicasFollowTheOwner) {
  const Topology topology = MakeTopology(TokenSpec(4, 3));
  EXPECT_THAT(NodesOf(topology, Place{uint64_t{150} << 32}), ElementsAre(2, 3, 4));
  EXPECT_THAT(NodesOf(topology, Place{uint64_t{350} << 32}), ElementsAre(4, 1, 2));
}

TEST(Vnode, PassesOverNodesOfARackThatIsServed) {
  TopologySpec spec = TokenSpec(4, 2);
  spec.seats[0].rack = spec.seats[1].rack = spec.seats[2].rack = "x";
  spec.seats[3].rack = "y";
  const Topology topology = MakeTopology(spec);
  EXPECT_THAT(NodesOf(topology, Place{0}), ElementsAre(1, 4));
  EXPECT_THAT(NodesOf(topology, Place{uint64_t{150} << 32}), ElementsAre(2, 4));
  EXPECT_THAT(NodesOf(topology, Place{uint64_t{350} << 32}), ElementsAre(4, 1));
}

TEST(Vnode, TakesSecondNodesOfRacksInTurnWhereRacksDoNotSuffice) {
  TopologySpec spec = TokenSpec(6, 5);
  const char* racks[] = {"x", "x", "x", "y", "y", "z"};
  for (size_t i = 0; i < 6; ++i) spec.seats[i].rack = racks[i];
  const Topology topology = MakeTopology(spec);
  // First 1 (x), 4 (y), 6 (z); then 2 (x) and 5 (y), not 3 (x).
  EXPECT_THAT(NodesOf(topology, Place{0}), ElementsAre(1, 4, 6, 2, 5));
}

TEST(Vnode, GivesEachDataCentreItsReplicasInNameOrder) {
  TopologySpec spec = TokenSpec(6, 2);
  for (size_t i = 0; i < 6; ++i) spec.seats[i].data_centre = i % 2 == 0 ? "west" : "east";
  const Topology topology = MakeTopology(spec);
  EXPECT_THAT(NodesOf(topology, Place{0}), ElementsAre(2, 4, 1, 3));
  EXPECT_THAT(NodesOf(topology, Place{uint64_t{450} << 32}), ElementsAre(6, 2, 5, 1));
  const ReplicaSet west = topology.ReplicasIn(PoolId{0}, Place{0}, 1);
  ASSERT_EQ(west.size(), 2u);
  EXPECT_EQ(west[0].node, NodeId{1});
}

TEST(Vnode, HoldsNothingWhereTheRuleNamesOtherDataCentres) {
  TopologySpec spec = TokenSpec(4, 2);
  for (size_t i = 0; i < 4; ++i) spec.seats[i].data_centre = i < 3 ? "b" : "a";
  spec.pools[0].replication.by_data_centre = {{"b", 2}};
  const Topology topology = MakeTopology(spec);
  EXPECT_THAT(NodesOf(topology, Place{uint64_t{350} << 32}), ElementsAre(1, 2));
  EXPECT_EQ(topology.ReplicaCount(PoolId{0}, 0), 0);
  EXPECT_THAT(topology.ReplicasIn(PoolId{0}, Place{0}, 0), IsEmpty());
  EXPECT_THAT(topology.OwnedRanges(NodeId{4}, PoolId{0}), IsEmpty());
}

TEST(Vnode, WeightsDerivedTokens) {
  TopologySpec spec = MakeSpec(2, 2, 1);
  spec.seats[0].weight = 3;
  const std::vector<uint64_t> shares = MakeTopology(spec).PlacementOf(PoolId{0})->Shares(2);
  EXPECT_NEAR(static_cast<double>(shares[0]) / 4294967296.0, 0.75, 0.1);
  EXPECT_NEAR(static_cast<double>(shares[0] + shares[1]), 4294967296.0, 2);
}

TEST(Vnode, KeepsTheTokensOfASeatWhenItsNodeIsReplaced) {
  TopologySpec spec = MakeSpec(5, 5, 2);
  const Topology before = MakeTopology(spec);
  spec.seats[2].node = NodeId{1003};
  const Topology after = MakeTopology(spec);
  for (uint64_t i = 0; i < 1000; ++i) {
    std::vector<uint64_t> expected = NodesOf(before, Place{i << 54});
    std::replace(expected.begin(), expected.end(), uint64_t{3}, uint64_t{1003});
    EXPECT_EQ(NodesOf(after, Place{i << 54}), expected);
  }
}

TEST(Vnode, RanksRacksWithTheSameTokensFairly) {
  TopologySpec spec = MakeSpec(192, 3, 3);
  spec.pools[0].replication.copy_per_rack = true;
  for (size_t i = 0; i < 192; ++i) spec.seats[i].tokens = {Token{(i / 3) << 58}};
  const Topology topology = MakeTopology(spec);
  std::vector<int> first(3);
  for (uint64_t i = 0; i < 64; ++i) {
    ++first[topology.ReplicasOf(PoolId{0}, Place{i << 58})[0].rack];
  }
  for (const int count : first) EXPECT_GT(count, 10);
}

TEST(Ketama, TakesTheFirstPointNotBelow) {
  TopologySpec spec = MakeSpec(3, 1, 1);
  spec.pools[0].hash = hash::KeyHash::kMurmur;
  spec.pools[0].distribution = Distribution::kKetama;
  const Topology topology = MakeTopology(spec);
  // All points, by their definition.
  std::vector<std::pair<uint32_t, uint64_t>> points;
  for (const SeatSpec& seat : topology.seats()) {
    for (int i = 0; i < 40; ++i) {
      const hash::Md5Digest digest = hash::Md5(seat.address + "-" + std::to_string(i));
      for (int word = 0; word < 4; ++word) {
        points.emplace_back(hash::Md5Word(digest, word), seat.node.value);
      }
    }
  }
  std::sort(points.begin(), points.end());
  EXPECT_EQ(topology.PlacementOf(PoolId{0})->rows(), 480u);
  for (size_t i = 0; i < points.size(); ++i) {
    const uint64_t at = uint64_t{points[i].first} << 32;
    EXPECT_EQ(NodesOf(topology, Place{at})[0], points[i].second);
    EXPECT_EQ(NodesOf(topology, Place{at | 0xffffffff})[0], points[i].second);
    const size_t next = (i + 1) % points.size();
    EXPECT_EQ(NodesOf(topology, Place{at + (uint64_t{1} << 32)})[0], points[next].second);
  }
}

TEST(Ketama, ScalesPointsByWeight) {
  TopologySpec spec = MakeSpec(3, 1, 1);
  spec.pools[0].distribution = Distribution::kKetama;
  spec.seats[0].weight = 1000;
  const Topology topology = MakeTopology(spec);
  // 119 digests for the heavy seat; one, not none, for each of the others.
  EXPECT_EQ(topology.PlacementOf(PoolId{0})->rows(), 4u * (119 + 1 + 1));
}

TEST(Modula, TakesTheRawHashModuloTheSlots) {
  TopologySpec spec = MakeSpec(3, 3, 2);
  spec.pools[0].distribution = Distribution::kModula;
  spec.seats[1].weight = 2;
  for (const hash::KeyHash hash :
       {hash::KeyHash::kMurmur, hash::KeyHash::kXxh3, hash::KeyHash::kCrc32}) {
    spec.pools[0].hash = hash;
    const Topology topology = MakeTopology(spec);
    const uint64_t slots[] = {1, 2, 2, 3};
    for (int i = 0; i < 100; ++i) {
      const std::string key = "key" + std::to_string(i);
      const std::vector<uint64_t> nodes =
          NodesOf(topology, hash::KeyPlacer{hash, hash::HashTag::None()}(key));
      const uint64_t slot = hash::RawHash(hash, key) % 4;
      EXPECT_EQ(nodes[0], slots[slot]);
      EXPECT_EQ(nodes[1], nodes[0] % 3 + 1);
    }
  }
}

TEST(Modula, CountsEachDataCentreBySlotsOfItsOwn) {
  TopologySpec spec = MakeSpec(5, 5, 1);
  for (size_t i = 0; i < 5; ++i) spec.seats[i].data_centre = i < 3 ? "a" : "b";
  spec.pools[0].distribution = Distribution::kModula;
  const Topology topology = MakeTopology(spec);
  for (uint64_t place = 0; place < 30; ++place) {
    EXPECT_THAT(NodesOf(topology, Place{place}), ElementsAre(place % 3 + 1, place % 2 + 4));
  }
  EXPECT_THAT(topology.OwnedRanges(NodeId{1}, PoolId{0}),
              ElementsAre(PlaceRange{Place{0}, Place{~uint64_t{0}}}));
  EXPECT_TRUE(topology.Owns(NodeId{1}, PoolId{0}, Place{3}));
  EXPECT_FALSE(topology.Owns(NodeId{1}, PoolId{0}, Place{4}));
}

TEST(Random, DealsSlicesByWeight) {
  TopologySpec spec = MakeSpec(4, 4, 1);
  spec.pools[0].distribution = Distribution::kRandom;
  spec.seats[0].weight = 5;
  const std::vector<uint64_t> shares = MakeTopology(spec).PlacementOf(PoolId{0})->Shares(4);
  EXPECT_NEAR(static_cast<double>(shares[0]) / 4294967296.0, 5.0 / 8, 0.02);
  EXPECT_NEAR(static_cast<double>(shares[1]) / 4294967296.0, 1.0 / 8, 0.02);
}

TEST(Single, GivesAllToTheFirstNode) {
  TopologySpec spec = MakeSpec(4, 2, 3);
  spec.pools[0].distribution = Distribution::kSingle;
  const Topology topology = MakeTopology(spec);
  // Seats in order: 1 and 3 in rack0, 2 and 4 in rack1.
  for (const uint64_t place : {uint64_t{0}, uint64_t{1} << 63, ~uint64_t{0}}) {
    EXPECT_THAT(NodesOf(topology, Place{place}), ElementsAre(1, 2, 3));
  }
  EXPECT_THAT(topology.OwnedRanges(NodeId{1}, PoolId{0}),
              ElementsAre(PlaceRange{Place{0}, Place{~uint64_t{0}}}));
  EXPECT_THAT(topology.OwnedRanges(NodeId{4}, PoolId{0}), IsEmpty());
}

TEST(OwnedRanges, AreCutAtTheEndOfTheRing) {
  const Topology topology = MakeTopology(TokenSpec(3, 1));
  const uint64_t below = 0xffffffff;
  const auto last = [&](uint64_t word) { return Place{word << 32 | below}; };
  EXPECT_THAT(topology.OwnedRanges(NodeId{1}, PoolId{0}),
              ElementsAre(PlaceRange{Place{0}, last(100)},
                          PlaceRange{Place{uint64_t{301} << 32}, Place{~uint64_t{0}}}));
  EXPECT_THAT(topology.OwnedRanges(NodeId{2}, PoolId{0}),
              ElementsAre(PlaceRange{Place{uint64_t{101} << 32}, last(200)}));
}

TEST(OwnedRanges, AreMerged) {
  const Topology topology = MakeTopology(TokenSpec(3, 3));
  EXPECT_THAT(topology.OwnedRanges(NodeId{2}, PoolId{0}),
              ElementsAre(PlaceRange{Place{0}, Place{~uint64_t{0}}}));
}

}  // namespace
}  // namespace quorate::topology
