// SPDX-License-Identifier: Apache-2.0
#include "io/config/topology_of.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/topology/seed_line.h"
#include "io/config/read_config.h"

namespace quorate::io {
namespace {

using ::testing::HasSubstr;

NodeConfig ThreeSeats(const std::string& own, const std::string& disk_of_b = "1") {
  return ReadConfigText("cluster: demo\nseat: " + own +
                            "\nseats:\n"
                            "  - {name: a, address: 'localhost:1', rack: r1}\n"
                            "  - {name: b, address: 'localhost:2', rack: r2, disk: " +
                            disk_of_b +
                            "}\n"
                            "  - {name: c, address: 'localhost:3', rack: r3}\n",
                        "q.yaml")
      .config;
}

NodeId OwnId(const NodeConfig& config) { return NodeIdOf(config, *OwnSeat(config)); }

TEST(TopologyOf, IsTheSameOnEveryNodeOfAStaticCluster) {
  const NodeConfig a = ThreeSeats("a");
  const NodeConfig c = ThreeSeats("c");
  const auto of_a = TopologyOf(a, OwnId(a));
  const auto of_c = TopologyOf(c, OwnId(c));
  ASSERT_TRUE(of_a.ok() && of_c.ok());
  EXPECT_EQ(topology::EncodeSpec(*of_a), topology::EncodeSpec(*of_c));
  EXPECT_EQ(of_a->epoch, Epoch{1});
  EXPECT_EQ(of_a->seats.size(), 3U);
  EXPECT_EQ(of_a->pools[0].replication.per_data_centre, 3);
}

TEST(TopologyOf, BindsANodeAloneToItsOwnId) {
  const auto spec = TopologyOf(ReadConfigText("", "").config, NodeId{42});
  ASSERT_TRUE(spec.ok());
  ASSERT_EQ(spec->seats.size(), 1U);
  EXPECT_EQ(spec->seats[0].node, NodeId{42});
  EXPECT_EQ(spec->pools[0].replication.per_data_centre, 1);
}

TEST(TopologyOf, MakesAReplacedDiskANewNodeWithTheOldTokens) {
  const NodeConfig before = ThreeSeats("b");
  const NodeConfig after = ThreeSeats("b", "2");
  EXPECT_NE(OwnId(before), OwnId(after));
  auto old_spec = TopologyOf(before, OwnId(before));
  auto new_spec = TopologyOf(after, OwnId(after));
  ASSERT_TRUE(old_spec.ok() && new_spec.ok());
  for (size_t i = 0; i < 3; ++i) new_spec->seats[i].node = old_spec->seats[i].node;
  EXPECT_EQ(*old_spec, *new_spec);
}

TEST(TopologyOf, RefusesADirectoryOfAnotherNode) {
  const NodeConfig config = ThreeSeats("b");
  const auto spec = TopologyOf(config, NodeId{7});
  EXPECT_EQ(spec.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(spec.status()), HasSubstr("belongs to node 0000000000000007, but seat b"));
}

TEST(TopologyOf, GivesTokensTheWidthOfTheHash) {
  const std::string text =
      "seats: [{address: 'localhost:1', tokens: '4294967295'}]\npools: [{hash: murmur}]\n";
  const ConfigResult result = ReadConfigText(text, "q.yaml");
  ASSERT_EQ(TextOf(result.problems), "");
  const auto spec = TopologyOf(result.config, OwnId(result.config));
  ASSERT_TRUE(spec.ok());
  EXPECT_EQ(spec->seats[0].tokens[0].value, uint64_t{4294967295} << 32);
}

TEST(TopologyOf, BindsSeatsOfASeedsFileAsTheTopologyDoes) {
  NodeConfig config;
  config.cluster = "demo";
  SeatConfig seat;
  seat.name = seat.address = "localhost:1";
  EXPECT_EQ(NodeIdOf(config, seat), topology::StaticNodeId("demo", "localhost:1"));
}

TEST(TopologyOf, CountsReplicasOverDataCentres) {
  NodeConfig config = ThreeSeats("a");
  PoolConfig pool;
  EXPECT_EQ(ReplicasOf(config, pool), 3U);
  config.seats[2].data_centre = "dc2";
  EXPECT_EQ(ReplicasOf(config, pool), 2U);
  pool.replication.emplace();
  pool.replication->copy_per_rack = true;
  EXPECT_EQ(ReplicasOf(config, pool), 3U);
}

}  // namespace
}  // namespace quorate::io
