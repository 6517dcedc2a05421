// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/topology.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "engine/base/random.h"
#include "engine/topology/limits.h"
#include "tests/engine/topology/specs.h"

namespace quorate::topology {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string ErrorOf(TopologySpec spec) { return MessageOf(Topology::Create(spec).status()); }

// The error after one change to a right spec of four nodes in two racks.
std::string ErrorAfter(const std::function<void(TopologySpec&)>& change) {
  TopologySpec spec = MakeSpec(4, 2, 2);
  EXPECT_EQ(ErrorOf(spec), "");
  change(spec);
  return ErrorOf(spec);
}

TEST(Topology, NamesWhatIsWrongWithASeat) {
  EXPECT_THAT(ErrorAfter([](auto& s) { s.seats.clear(); }), HasSubstr("no seat"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.seats[1].rack = ""; }), HasSubstr("rack is empty"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.seats[1].rack = "a:b"; }), HasSubstr("rack holds"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.seats[1].data_centre = ""; }),
              HasSubstr("data centre is empty"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.seats[1].node = NodeId(); }),
              HasSubstr("no node is bound"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.seats[1].node = s.seats[0].node; }),
              HasSubstr("seats host1:8101 and host2:8101 have the same node id 0000000000000001"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.seats[1].address = s.seats[0].address; }),
              HasSubstr("same address"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.seats[1].weight = 0; }), HasSubstr("weight"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.seats[1].tokens.resize(kTokensPerSeatMax + 1); }),
              HasSubstr("tokens"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.seats[1].rack = std::string(256, 'r'); }),
              HasSubstr("256 bytes"));
}

TEST(Topology, RefusesAddressesThatAreNone) {
  for (const char* address : {"", "host", ":80", "host:", "host:0", "host:65536", "host:8o",
                              "a b:1", "::1:80", "host:80 "}) {
    EXPECT_NE(ErrorAfter([&](auto& s) { s.seats[0].address = address; }), "") << address;
  }
  EXPECT_EQ(ErrorAfter([](auto& s) { s.seats[0].address = "[::1]:80"; }), "");
}

TEST(Topology, RefusesATokenTwiceInARack) {
  const auto twice = [](const std::string& rack) {
    return ErrorAfter([&](auto& s) {
      s.seats[0].tokens = {Token{uint64_t{7} << 32}};
      s.seats[1].tokens = {Token{uint64_t{7} << 32}};
      s.seats[0].rack = "rack0";
      s.seats[1].rack = rack;
    });
  };
  EXPECT_THAT(twice("rack0"), HasSubstr("token 30064771072 (7 of 32 bits) in rack rack0"));
  EXPECT_EQ(twice("rack1"), "");
}

TEST(Topology, RefusesATokenWiderThanTheHash) {
  const auto with = [](hash::KeyHash hash) {
    return ErrorAfter([&](auto& s) {
      s.pools[0].hash = hash;
      s.seats[0].tokens = {Token{uint64_t{1} << 32}};
    });
  };
  EXPECT_EQ(with(hash::KeyHash::kMurmur), "");
  EXPECT_EQ(with(hash::KeyHash::kXxh3), "");
  EXPECT_THAT(with(hash::KeyHash::kCrc32), HasSubstr("wider than the 15 bits of its hash crc32"));
}

TEST(Topology, NamesWhatIsWrongWithAPool) {
  EXPECT_THAT(ErrorAfter([](auto& s) { s.pools.clear(); }), HasSubstr("no pool"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.pools[0].name = ""; }), HasSubstr("pool is empty"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.pools.push_back(s.pools[0]); }), HasSubstr("two pools"));
  EXPECT_THAT(ErrorAfter([](auto& s) {
                s.pools.push_back(s.pools[0]);
                s.pools[1].name = "other";
              }),
              HasSubstr("same id 0"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.pools[0].partitions = 0; }), HasSubstr("no partitions"));
}

TEST(Topology, NamesWhatIsWrongWithReplicas) {
  EXPECT_THAT(ErrorAfter([](auto& s) { s.pools[0].replication.per_data_centre = 5; }),
              HasSubstr("pool main: 5 replicas in data centre dc1, which has 4 nodes"));
  EXPECT_THAT(ErrorAfter([](auto& s) { s.pools[0].replication.per_data_centre = 0; }),
              HasSubstr("no replicas"));
  EXPECT_THAT(ErrorAfter([](auto& s) {
                s.pools[0].replication.by_data_centre = {{"dc9", 1}};
              }),
              HasSubstr("no seat is in data centre 'dc9'"));
  EXPECT_THAT(ErrorAfter([](auto& s) {
                s.pools[0].replication.by_data_centre = {{"dc1", 5}};
              }),
              HasSubstr("5 replicas"));
  EXPECT_THAT(ErrorAfter([](auto& s) {
                s.pools[0].replication.by_data_centre = {{"dc1", 0}};
              }),
              HasSubstr("no replicas"));
}

TEST(Topology, RefusesTablesThatWouldNotFit) {
  TopologySpec spec = MakeSpec(8, 2, 2);
  spec.pools[0].distribution = Distribution::kModula;
  // Slots 5003 and 5009 repeat together after 25 million.
  for (size_t i = 0; i < 8; ++i) spec.seats[i].weight = 1;
  for (size_t i = 0; i < 8; ++i) spec.seats[i].data_centre = i < 4 ? "a" : "b";
  for (size_t i : {0u, 1u, 2u, 4u, 5u, 6u}) spec.seats[i].weight = 1024;
  spec.seats[3].weight = 1021;
  spec.seats[7].weight = 1019;
  const absl::Status status = Topology::Create(spec).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(status), HasSubstr("too large"));
}

TEST(Topology, KnowsItsMembers) {
  TopologySpec spec = MakeSpec(4, 2, 1);
  spec.seats[3].data_centre = "dc0";
  const Topology topology = MakeTopology(spec);
  EXPECT_THAT(topology.data_centres(), ElementsAre("dc0", "dc1"));
  EXPECT_THAT(topology.racks(), ElementsAre(Rack{0, "rack1"}, Rack{1, "rack0"}, Rack{1, "rack1"}));
  const Replica* node = topology.FindNode(NodeId{2});
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(node->data_centre, 1);
  EXPECT_EQ(node->rack, 2);
  EXPECT_EQ(topology.seats()[node->seat].address, "host2:8101");
  EXPECT_EQ(topology.FindSeat(NodeId{4})->data_centre, "dc0");
  EXPECT_EQ(topology.FindNode(NodeId{9}), nullptr);
  EXPECT_EQ(topology.FindSeat(NodeId{9}), nullptr);
  EXPECT_THAT(topology.PeersOf(NodeId{1}), ElementsAre(NodeId{4}, NodeId{3}, NodeId{2}));
  EXPECT_THAT(topology.PeersOf(NodeId{9}), SizeIs(4));
}

TEST(Topology, FindsPoolsByIdAndName) {
  TopologySpec spec = MakeSpec(3, 3, 3);
  PoolSpec locks = MakePool(1);
  locks.id = PoolId{7};
  locks.name = "locks";
  locks.kind = PoolKind::kRaft;
  spec.pools.insert(spec.pools.begin(), locks);
  const Topology topology = MakeTopology(spec);
  EXPECT_EQ(topology.FindPool(PoolId{7})->name, "locks");
  EXPECT_EQ(topology.FindPool("main")->id, PoolId{0});
  EXPECT_EQ(topology.FindPool(PoolId{1}), nullptr);
  EXPECT_EQ(topology.FindPool("nothing"), nullptr);
  EXPECT_EQ(topology.ReplicaCount(PoolId{0}, 0), 3);
  EXPECT_EQ(topology.ReplicaCount(PoolId{7}, 0), 1);
  EXPECT_THAT(topology.ReplicasOf(PoolId{7}, Place{1}), SizeIs(1));
}

TEST(Topology, PlacesKeysByThePoolsHashAndTag) {
  PoolSpec pool = MakePool(1);
  pool.hash = hash::KeyHash::kCrc16Slots;
  EXPECT_EQ(PlacerOf(pool)("{foo}1").value >> 50, 12182u);
  EXPECT_EQ(PlacerOf(pool)("foo").value >> 50, 12182u);
}

TEST(Topology, AnswersNothingForAnUnknownPool) {
  const Topology topology = MakeTopology(MakeSpec(3, 3, 3));
  const PoolId unknown{9};
  EXPECT_THAT(topology.ReplicasOf(unknown, Place{1}), IsEmpty());
  EXPECT_THAT(topology.ReplicasIn(unknown, Place{1}, 0), IsEmpty());
  EXPECT_THAT(topology.ReplicasIn(PoolId{0}, Place{1}, 5), IsEmpty());
  EXPECT_EQ(topology.ReplicaCount(unknown, 0), 0);
  EXPECT_FALSE(topology.Owns(NodeId{1}, unknown, Place{1}));
  EXPECT_THAT(topology.OwnedRanges(NodeId{1}, unknown), IsEmpty());
}

TEST(Topology, GivesPoolsOfOneRuleOneTable) {
  TopologySpec spec = MakeSpec(3, 3, 3);
  PoolSpec cache = MakePool(3);
  cache.id = PoolId{1};
  cache.name = "cache";
  cache.partitions = 16;
  spec.pools.push_back(cache);
  const Topology topology = MakeTopology(spec);
  EXPECT_EQ(topology.PlacementOf(PoolId{0}), topology.PlacementOf(PoolId{1}));
}

TEST(Topology, KeepsItsViewsWhenMoved) {
  Topology topology = MakeTopology(MakeSpec(3, 3, 3));
  const ReplicaSet before = topology.ReplicasOf(PoolId{0}, Place{1});
  const Topology moved = std::move(topology);
  EXPECT_EQ(moved.ReplicasOf(PoolId{0}, Place{1}).data(), before.data());
}

TEST(Topology, WarnsOfHashesAndUnevenRings) {
  TopologySpec spec = MakeSpec(4, 1, 1);
  EXPECT_THAT(MakeTopology(spec).Warnings(), IsEmpty());
  spec.pools[0].hash = hash::KeyHash::kCrc32;
  EXPECT_THAT(MakeTopology(spec).Warnings(),
              ElementsAre(HasSubstr("pool main: hash crc32 has 15")));
  // Dynomite's words on a ring of 64 bits, not scaled: one seat gets nearly all.
  spec.pools[0].hash = hash::KeyHash::kXxh3;
  for (uint64_t i = 0; i < 4; ++i) spec.seats[i].tokens = {Token{i << 30}};
  EXPECT_THAT(MakeTopology(spec).Warnings(),
              ElementsAre(HasSubstr("seat host1:8101 holds 99% of the keys, where its fair share "
                                    "is 25%")));
  for (uint64_t i = 0; i < 4; ++i) spec.seats[i].tokens = {Token{i << 62}};
  EXPECT_THAT(MakeTopology(spec).Warnings(), IsEmpty());
}

TEST(Topology, HoldsAThousandNodesOfManyTokens) {
  const Topology topology = MakeTopology(MakeSpec(1000, 10, 3));
  EXPECT_EQ(topology.PlacementOf(PoolId{0})->rows(), 64000u);
  Prng prng(3);
  for (int i = 0; i < 1000; ++i) {
    const ReplicaSet replicas = topology.ReplicasOf(PoolId{0}, Place{prng.Next()});
    ASSERT_EQ(replicas.size(), 3u);
    EXPECT_NE(replicas[0].rack, replicas[1].rack);
    EXPECT_NE(replicas[0].rack, replicas[2].rack);
    EXPECT_NE(replicas[1].rack, replicas[2].rack);
  }
}

// Derived tokens decide where data lie: they never change.
TEST(Topology, PlacesAreFrozen) {
  const auto list = [](Distribution distribution) {
    TopologySpec spec = MakeSpec(7, 3, 3);
    spec.pools[0].distribution = distribution;
    const Topology topology = MakeTopology(spec);
    std::vector<uint64_t> nodes;
    for (const uint64_t place : {uint64_t{0}, uint64_t{1} << 62, uint64_t{3} << 62}) {
      for (const Replica& replica : topology.ReplicasOf(PoolId{0}, Place{place})) {
        nodes.push_back(replica.node.value);
      }
    }
    return nodes;
  };
  EXPECT_THAT(list(Distribution::kVnode), ElementsAre(4, 2, 3, 1, 5, 3, 6, 1, 2));
  EXPECT_THAT(list(Distribution::kKetama), ElementsAre(2, 7, 3, 5, 4, 6, 6, 1, 5));
  EXPECT_THAT(list(Distribution::kModula), ElementsAre(1, 2, 3, 5, 3, 1, 3, 1, 2));
  EXPECT_THAT(list(Distribution::kRandom), ElementsAre(5, 7, 3, 3, 5, 1, 1, 2, 6));
  EXPECT_THAT(list(Distribution::kSingle), ElementsAre(1, 2, 3, 1, 2, 3, 1, 2, 3));
}

TEST(Topology, DecodesWhatItEncodes) {
  TopologySpec spec = MakeSpec(5, 2, 2);
  spec.epoch = Epoch{3};
  spec.state = EpochState::kSwitch;
  spec.parent_digest = 99;
  spec.seats[2].tokens = {Token{8}, Token{3}};
  spec.pools[0].tag = hash::HashTag::Dynomite('[', ']');
  spec.pools[0].replication.by_data_centre = {{"dc1", 2}};
  const Topology topology = MakeTopology(spec);
  const absl::StatusOr<Topology> decoded = Topology::Decode(topology.Encode());
  ASSERT_TRUE(decoded.ok()) << MessageOf(decoded.status());
  EXPECT_EQ(decoded->spec(), topology.spec());
  EXPECT_EQ(decoded->header(), topology.header());
  EXPECT_EQ(decoded->header().number, Epoch{3});
  EXPECT_EQ(decoded->header().state, EpochState::kSwitch);
  EXPECT_EQ(decoded->header().parent_digest, 99u);
}

TEST(Topology, DigestNamesEveryField) {
  const auto digest_after = [](const std::function<void(TopologySpec&)>& change) {
    TopologySpec spec = MakeSpec(4, 2, 2);
    change(spec);
    return MakeTopology(spec).digest();
  };
  std::vector<uint64_t> digests = {
      digest_after([](auto&) {}),
      digest_after([](auto& s) { s.epoch = Epoch{2}; }),
      digest_after([](auto& s) { s.state = EpochState::kPrepare; }),
      digest_after([](auto& s) { s.parent_digest = 1; }),
      digest_after([](auto& s) { s.cluster = "other"; }),
      digest_after([](auto& s) { s.virtual_tokens = 65; }),
      digest_after([](auto& s) { s.seats[0].node = NodeId{77}; }),
      digest_after([](auto& s) { s.seats[0].address = "h:1"; }),
      digest_after([](auto& s) { s.seats[0].rack = "r"; }),
      digest_after([](auto& s) { s.seats[0].weight = 2; }),
      digest_after([](auto& s) { s.seats[0].tokens = {Token{5}}; }),
      digest_after([](auto& s) { s.pools[0].id = PoolId{4}; }),
      digest_after([](auto& s) { s.pools[0].name = "p"; }),
      digest_after([](auto& s) { s.pools[0].kind = PoolKind::kRaft; }),
      digest_after([](auto& s) { s.pools[0].hash = hash::KeyHash::kMurmur; }),
      digest_after([](auto& s) { s.pools[0].tag = hash::HashTag::None(); }),
      digest_after([](auto& s) { s.pools[0].tag = hash::HashTag::Dynomite('{', '}'); }),
      digest_after([](auto& s) { s.pools[0].distribution = Distribution::kKetama; }),
      digest_after([](auto& s) { s.pools[0].partitions = 255; }),
      digest_after([](auto& s) { s.pools[0].replication.per_data_centre = 1; }),
      digest_after([](auto& s) {
        s.pools[0].replication.by_data_centre = {{"dc1", 2}};
      }),
      digest_after([](auto& s) { s.pools[0].replication.copy_per_rack = true; }),
  };
  const size_t count = digests.size();
  std::sort(digests.begin(), digests.end());
  digests.erase(std::unique(digests.begin(), digests.end()), digests.end());
  EXPECT_EQ(digests.size(), count);
}

TEST(Topology, RefusesDamagedBytes) {
  TopologySpec spec = MakeSpec(3, 3, 2);
  spec.seats[0].tokens = {Token{1}, Token{2}};
  const Bytes good = MakeTopology(spec).Encode();
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(Topology::Decode(good.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(Topology::Decode(good + '\0').ok());
  // A changed byte is an error or another topology, never the same one and never a crash.
  const uint64_t digest = MakeTopology(spec).digest();
  for (size_t i = 0; i < good.size(); ++i) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      Bytes bad = good;
      bad[i] = static_cast<char>(bad[i] ^ flip);
      const absl::StatusOr<Topology> decoded = Topology::Decode(bad);
      EXPECT_TRUE(!decoded.ok() || decoded->digest() != digest) << i;
    }
  }
}

TEST(Topology, RefusesBytesInAnotherOrder) {
  TopologySpec spec = MakeSpec(3, 3, 2);
  std::swap(spec.seats[0], spec.seats[1]);
  const absl::Status status = DecodeSpec(EncodeSpec(spec)).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(status), HasSubstr("not canonical"));
}

TEST(TopologySpec, GoesByItsNames) {
  for (const Distribution distribution :
       {Distribution::kVnode, Distribution::kKetama, Distribution::kModula, Distribution::kRandom,
        Distribution::kSingle}) {
    EXPECT_EQ(*ParseDistribution(NameOf(distribution)), distribution);
  }
  EXPECT_EQ(*ParsePoolKind("raft"), PoolKind::kRaft);
  EXPECT_EQ(NameOf(PoolKind::kDynamo), "dynamo");
  EXPECT_THAT(
      MessageOf(ParseDistribution("modulo").status()),
      HasSubstr("unknown distribution 'modulo'; it is one of vnode, ketama, modula, random, "
                "single"));
  EXPECT_THAT(MessageOf(ParsePoolKind("paxos").status()), HasSubstr("dynamo, raft"));
}

}  // namespace
}  // namespace quorate::topology
