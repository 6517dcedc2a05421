// SPDX-License-Identifier: Apache-2.0
// Laws of placement, on drawn clusters, for every distribution; and the tables against a slow model
// that walks a ring from scratch.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "engine/base/random.h"
#include "engine/topology/placement.h"
#include "engine/topology/ring.h"
#include "tests/engine/topology/specs.h"

namespace quorate::topology {
namespace {

constexpr PoolId kPool{0};
constexpr Distribution kDistributions[] = {Distribution::kVnode, Distribution::kKetama,
                                           Distribution::kModula, Distribution::kSingle,
                                           Distribution::kRandom};

// Up to 12 seats in up to 3 data centres with up to 4 racks each; some with tokens, some with
// weights.
TopologySpec DrawSpec() {
  Prng prng(*rc::gen::arbitrary<uint64_t>());
  TopologySpec spec;
  spec.cluster = "drawn";
  spec.virtual_tokens = static_cast<uint16_t>(prng.Between(1, 8));
  const uint64_t centres = prng.Between(1, 3);
  const uint64_t racks = prng.Between(1, 4);
  const uint64_t seats = prng.Between(centres, 12);
  std::map<std::string, uint16_t> nodes_of;
  for (uint64_t i = 0; i < seats; ++i) {
    const std::string centre = "dc" + std::to_string(i < centres ? i : prng.Below(centres));
    SeatSpec seat = MakeSeat(i + 1, "rack" + std::to_string(prng.Below(racks)), centre);
    seat.weight = static_cast<uint16_t>(prng.Chance(1, 4) ? prng.Between(1, 4) : 1);
    // Tokens from a small set, so that racks share some; the seat's number keeps them apart in a
    // rack.
    if (prng.Chance(1, 3)) seat.tokens = {Token{prng.Below(4) << 62 | i << 50}};
    ++nodes_of[centre];
    spec.seats.push_back(seat);
  }
  PoolSpec pool = MakePool(1);
  pool.distribution = kDistributions[prng.Below(5)];
  // The slices of `random` are slow to make for every drawn case.
  if (pool.distribution == Distribution::kRandom && prng.Chance(9, 10)) {
    pool.distribution = Distribution::kVnode;
  }
  pool.hash = prng.Chance(1, 2) ? hash::KeyHash::kMurmur : hash::KeyHash::kXxh3;
  for (const auto& [name, nodes] : nodes_of) {
    pool.replication.by_data_centre[name] = static_cast<uint16_t>(prng.Between(1, nodes));
  }
  pool.replication.copy_per_rack = prng.Chance(1, 4);
  spec.pools = {pool};
  return spec;
}

// Places at random and around the points of the rings.
std::vector<Place> SomePlaces(const Topology& topology) {
  Prng prng(7);
  std::vector<Place> places = {Place{0}, Place{~uint64_t{0}}};
  for (int i = 0; i < 20; ++i) places.push_back(Place{prng.Next()});
  for (const SeatSpec& seat : topology.seats()) {
    for (const Token token : seat.tokens) {
      for (const uint64_t step :
           {~uint64_t{0}, uint64_t{0}, uint64_t{1}, uint64_t{0xffffffff}, uint64_t{0x100000000}}) {
        places.push_back(Place{token.value + step});
      }
    }
  }
  return places;
}

std::set<NodeId> NodeSet(ReplicaSet replicas) {
  std::set<NodeId> nodes;
  for (const Replica& replica : replicas) nodes.insert(replica.node);
  return nodes;
}

size_t RacksIn(const Topology& topology, uint16_t data_centre) {
  return static_cast<size_t>(
      std::count_if(topology.racks().begin(), topology.racks().end(),
                    [&](const Rack& rack) { return rack.data_centre == data_centre; }));
}

RC_GTEST_PROP(Placement, GivesEveryPlaceItsReplicasInEachDataCentre, ()) {
  const Topology topology = MakeTopology(DrawSpec());
  const PoolSpec& pool = topology.pools()[0];
  for (const Place place : SomePlaces(topology)) {
    RC_ASSERT(NodeSet(topology.ReplicasOf(kPool, place)).size() ==
              topology.ReplicasOf(kPool, place).size());
    size_t total = 0;
    for (uint16_t centre = 0; centre < topology.data_centres().size(); ++centre) {
      const size_t wanted =
          pool.replication.copy_per_rack
              ? RacksIn(topology, centre)
              : pool.replication.by_data_centre.at(topology.data_centres()[centre]);
      const ReplicaSet replicas = topology.ReplicasIn(kPool, place, centre);
      RC_ASSERT(replicas.size() == wanted);
      for (const Replica& replica : replicas) {
        RC_ASSERT(replica.data_centre == centre);
        RC_ASSERT(replica == *topology.FindNode(replica.node));
      }
      total += wanted;
    }
    RC_ASSERT(topology.ReplicasOf(kPool, place).size() == total);
  }
}

RC_GTEST_PROP(Placement, SpreadsReplicasEvenlyOverRacks, ()) {
  const Topology topology = MakeTopology(DrawSpec());
  std::map<uint16_t, size_t> sizes;
  for (const SeatSpec& seat : topology.seats()) ++sizes[topology.FindNode(seat.node)->rack];
  for (const Place place : SomePlaces(topology)) {
    for (uint16_t centre = 0; centre < topology.data_centres().size(); ++centre) {
      std::map<uint16_t, size_t> used;
      for (size_t i = 0; i < topology.racks().size(); ++i) {
        if (topology.racks()[i].data_centre == centre) used[static_cast<uint16_t>(i)] = 0;
      }
      for (const Replica& replica : topology.ReplicasIn(kPool, place, centre)) ++used[replica.rack];
      size_t most = 0;
      for (const auto& [rack, count] : used) most = std::max(most, count);
      // A rack with less than the fullest one less one has no node left.
      for (const auto& [rack, count] : used) {
        RC_ASSERT(count + 1 >= most || count == sizes[rack]);
      }
    }
  }
}

RC_GTEST_PROP(Placement, DoesNotDependOnTheOrderOfTheSpec, ()) {
  TopologySpec spec = DrawSpec();
  const Topology first = MakeTopology(spec);
  Prng prng(*rc::gen::arbitrary<uint64_t>());
  for (size_t i = spec.seats.size(); i > 1; --i) {
    std::swap(spec.seats[i - 1], spec.seats[prng.Below(i)]);
  }
  for (SeatSpec& seat : spec.seats) std::reverse(seat.tokens.begin(), seat.tokens.end());
  const Topology second = MakeTopology(spec);
  RC_ASSERT(first.digest() == second.digest());
  for (const Place place : SomePlaces(first)) {
    RC_ASSERT(std::ranges::equal(first.ReplicasOf(kPool, place), second.ReplicasOf(kPool, place)));
  }
}

RC_GTEST_PROP(Placement, RangesAreWhatANodeOwns, ()) {
  TopologySpec spec = DrawSpec();
  if (spec.pools[0].distribution == Distribution::kModula) {
    spec.pools[0].distribution = Distribution::kVnode;
  }
  const Topology topology = MakeTopology(spec);
  std::vector<uint64_t> shares = topology.PlacementOf(kPool)->Shares(topology.seats().size());
  for (const SeatSpec& seat : topology.seats()) {
    const std::vector<PlaceRange> ranges = topology.OwnedRanges(seat.node, kPool);
    __extension__ using Wide = unsigned __int128;
    Wide owned = 0;
    for (size_t i = 0; i < ranges.size(); ++i) {
      RC_ASSERT(ranges[i].first <= ranges[i].last);
      if (i > 0) RC_ASSERT(ranges[i - 1].last.value + 1 < ranges[i].first.value);
      owned += Wide{ranges[i].last.value - ranges[i].first.value} + 1;
    }
    RC_ASSERT(static_cast<uint64_t>(owned >> 32) == shares[topology.FindNode(seat.node)->seat]);
    for (const Place place : SomePlaces(topology)) {
      const bool inside = std::any_of(ranges.begin(), ranges.end(), [&](const PlaceRange& range) {
        return range.first <= place && place <= range.last;
      });
      RC_ASSERT(inside == topology.Owns(seat.node, kPool, place));
      RC_ASSERT(inside == (NodeSet(topology.ReplicasOf(kPool, place)).count(seat.node) > 0));
    }
  }
}

// Dynomite: each rack has a ring of its own, and gives the node with the smallest token that is not
// below the key's, or its first node.
RC_GTEST_PROP(Placement, OfDynomiteIsTheOwnerInEachRack, ()) {
  TopologySpec spec = DrawSpec();
  spec.pools[0].distribution = Distribution::kVnode;
  spec.pools[0].hash = hash::KeyHash::kMurmur;
  spec.pools[0].replication.copy_per_rack = true;
  for (size_t i = 0; i < spec.seats.size(); ++i) {
    const uint64_t word = *rc::gen::inRange<uint64_t>(0, 1000);
    spec.seats[i].tokens = {Token{(word * 16 + i) << 32}};
  }
  const Topology topology = MakeTopology(spec);
  for (uint64_t word = 0; word < 16100; word += 97) {
    std::set<NodeId> owners;
    for (const Rack& rack : topology.racks()) {
      std::map<uint64_t, NodeId> ring;
      for (const SeatSpec& seat : topology.seats()) {
        if (seat.rack != rack.name) continue;
        if (seat.data_centre != topology.data_centres()[rack.data_centre]) continue;
        ring[seat.tokens[0].value >> 32] = seat.node;
      }
      const auto found = ring.lower_bound(word);
      owners.insert(found == ring.end() ? ring.begin()->second : found->second);
    }
    RC_ASSERT(NodeSet(topology.ReplicasOf(kPool, Place{word << 32 | 12345})) == owners);
  }
}

// The list for `place` by walking the ring of one data centre from scratch, round by round.
std::vector<NodeId> SlowWalk(const Topology& topology, const std::vector<RingPoint>& ring,
                             Place place, size_t replicas) {
  size_t start = 0;
  while (start < ring.size() && ring[start].last < place) ++start;
  std::vector<NodeId> taken;
  for (size_t round = 1; taken.size() < replicas; ++round) {
    for (size_t i = 0; i < ring.size() && taken.size() < replicas; ++i) {
      const SeatSpec& seat = topology.seats()[ring[(start + i) % ring.size()].seat];
      const auto same_rack = std::count_if(taken.begin(), taken.end(), [&](NodeId node) {
        return topology.FindSeat(node)->rack == seat.rack;
      });
      const bool known = std::find(taken.begin(), taken.end(), seat.node) != taken.end();
      if (!known && static_cast<size_t>(same_rack) < round) taken.push_back(seat.node);
    }
  }
  return taken;
}

RC_GTEST_PROP(Placement, EqualsASlowWalk, ()) {
  TopologySpec spec = DrawSpec();
  const bool ketama = spec.pools[0].distribution == Distribution::kKetama;
  if (!ketama) spec.pools[0].distribution = Distribution::kVnode;
  const Topology topology = MakeTopology(spec);
  const int width = hash::WidthBits(topology.pools()[0].hash);
  uint32_t begin = 0;
  for (uint16_t centre = 0; centre < topology.data_centres().size(); ++centre) {
    uint32_t end = begin;
    while (end < topology.seats().size() &&
           topology.seats()[end].data_centre == topology.data_centres()[centre]) {
      ++end;
    }
    const std::vector<RingPoint> ring = ketama ? KetamaRing(topology.spec(), begin, end)
                                               : VnodeRing(topology.spec(), begin, end, width);
    for (const Place place : SomePlaces(topology)) {
      const ReplicaSet fast = topology.ReplicasIn(kPool, place, centre);
      const std::vector<NodeId> slow = SlowWalk(topology, ring, place, fast.size());
      RC_ASSERT(std::ranges::equal(fast, slow, {}, &Replica::node));
    }
    begin = end;
  }
}

// The part of places whose set of owners changes, and whether owners change for the new node alone.
struct Movement {
  double first_moved = 0;   // share of places with another first owner
  double copies_moved = 0;  // share of copies (place, replica) on another node
  bool only_to_new = true;  // every new copy is on the new node
};

Movement MeasureMovement(Distribution distribution, int nodes, uint16_t replicas, int racks) {
  TopologySpec spec = MakeSpec(nodes, racks, replicas);
  spec.pools[0].distribution = distribution;
  const Topology before = MakeTopology(spec);
  const uint64_t added = static_cast<uint64_t>(nodes) + 1;
  spec.seats.push_back(MakeSeat(added, "rack" + std::to_string(nodes % racks), "dc1"));
  const Topology after = MakeTopology(spec);
  constexpr int kSamples = 20000;
  Prng prng(1);
  Movement result;
  for (int i = 0; i < kSamples; ++i) {
    const Place place{prng.Next()};
    const ReplicaSet old_list = before.ReplicasOf(kPool, place);
    const ReplicaSet new_list = after.ReplicasOf(kPool, place);
    if (old_list[0].node != new_list[0].node) result.first_moved += 1.0 / kSamples;
    const std::set<NodeId> old_nodes = NodeSet(old_list);
    for (const Replica& replica : new_list) {
      if (old_nodes.count(replica.node) > 0) continue;
      result.copies_moved += 1.0 / (kSamples * replicas);
      result.only_to_new = result.only_to_new && replica.node == NodeId{added};
    }
  }
  return result;
}

// With V tokens a node's share strays by about 1 / sqrt(V) of itself, 12.5 % for 64: the bound is
// three times that.
TEST(Movement, OfANewNodeIsItsShare) {
  for (const int nodes : {5, 10, 20, 50}) {
    const double fair = 1.0 / (nodes + 1);
    const Movement one = MeasureMovement(Distribution::kVnode, nodes, 1, nodes + 1);
    EXPECT_LE(one.first_moved, 1.35 * fair) << nodes;
    EXPECT_GE(one.first_moved, 0.65 * fair) << nodes;
    EXPECT_TRUE(one.only_to_new) << nodes;
    const Movement three = MeasureMovement(Distribution::kVnode, nodes, 3, nodes + 1);
    EXPECT_LE(three.copies_moved, 1.35 * fair) << nodes;
    EXPECT_TRUE(three.only_to_new) << nodes;
  }
}

// Over few racks a copy may also move inside the old rack's list, so more than the new node's
// share.
TEST(Movement, OverRacksStaysNearTheShare) {
  for (const int nodes : {6, 12, 30}) {
    const Movement moved = MeasureMovement(Distribution::kVnode, nodes, 3, 3);
    EXPECT_LE(moved.copies_moved, 1.35 / (nodes + 1)) << nodes;
    EXPECT_TRUE(moved.only_to_new) << nodes;
  }
}

TEST(Movement, IsMinimalForKetamaAndRandomToo) {
  for (const Distribution distribution : {Distribution::kKetama, Distribution::kRandom}) {
    const Movement moved = MeasureMovement(distribution, 10, 3, 11);
    EXPECT_LE(moved.copies_moved, 1.35 / 11) << NameOf(distribution);
    EXPECT_TRUE(moved.only_to_new) << NameOf(distribution);
  }
}

// What the measure itself would say of a distribution that moves nearly everything.
TEST(Movement, OfModulaIsNearlyEverything) {
  EXPECT_GE(MeasureMovement(Distribution::kModula, 10, 1, 11).first_moved, 0.8);
}

}  // namespace
}  // namespace quorate::topology
