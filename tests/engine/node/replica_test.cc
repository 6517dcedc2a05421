// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/keyspace/keyspace.h"
#include "tests/engine/node/mini_cluster.h"

namespace quorate::node {
namespace {

using topology::Consistency;

wire::Message Increment(uint64_t id, Incarnation executor, int64_t issued_ms = 1000) {
  wire::Execute execute;
  execute.id = {id};
  execute.epoch = Epoch{1};
  execute.place = keyspace::Keyspace({}).PlaceOf("n");
  execute.expires = HybridTime::FromMs(60'000);
  execute.args = {"INCR", "n"};
  execute.executor = executor;
  execute.issued = HybridTime::FromMs(issued_ms);
  return {{NodeId{7}, Incarnation{1}, {}}, Incarnation{1}, 0, execute};
}

wire::Message WriteOf(std::string_view key, Place place, const Bytes& cells) {
  wire::Mutate mutate;
  mutate.id = {1};
  mutate.epoch = Epoch{1};
  mutate.place = place;
  mutate.key = key;
  mutate.cells = cells;
  return {{NodeId{7}, Incarnation{1}, {}}, Incarnation{1}, 0, mutate};
}

// With one replica of a key.
MiniCluster::Options TwoNodes() {
  MiniCluster::Options options;
  options.nodes = 2;
  return options;
}

// A key that node 1 holds, set to 0 by way of `node`.
std::string SetOnNodeOne(MiniCluster& cluster, size_t node) {
  std::string key = "k";
  while (cluster.shard(1).stats().objects == 0) {
    key += "k";
    EXPECT_EQ(cluster.Call(node, "SET " + key + " 0"), "+OK");
  }
  return key;
}

TEST(Replica, ReplicatesAtQuorum) {
  MiniCluster cluster(MiniCluster::Three());
  EXPECT_EQ(cluster.Call(0, "SET k v"), "+OK");
  EXPECT_EQ(cluster.Call(1, "GET k"), "\"v\"");
  EXPECT_EQ(cluster.Call(2, "GET k"), "\"v\"");
  EXPECT_EQ(cluster.Call(1, "INCR n"), "1");
  EXPECT_EQ(cluster.Call(2, "INCR n"), "2");
  EXPECT_EQ(cluster.Call(0, "GET n"), "\"2\"");
  EXPECT_EQ(cluster.Call(0, "HSET h f 1"), "1");
  EXPECT_EQ(cluster.Call(2, "HINCRBY h f 4"), "5");
  EXPECT_EQ(cluster.Call(1, "HGETALL h").find("5") != std::string::npos, true);
  EXPECT_EQ(cluster.Call(1, "DEL k"), "1");
  EXPECT_EQ(cluster.Call(2, "GET k"), "nil");
  EXPECT_EQ(cluster.DigestOf(0), cluster.DigestOf(1));
  EXPECT_EQ(cluster.DigestOf(1), cluster.DigestOf(2));
}

TEST(Replica, ServesAQuorumWithoutAReplicaAndRepairsItWhenItIsBack) {
  MiniCluster cluster(MiniCluster::Three());
  cluster.Call(0, "SET k old");
  cluster.Kill(2);
  EXPECT_EQ(cluster.Call(0, "SET k new"), "+OK");
  cluster.Restart(2);
  EXPECT_EQ(cluster.Call(2, "GET k"), "\"new\"")
      << "the merged state is on a quorum before it answers";
  EXPECT_EQ(cluster.Call(0, "CONSISTENCY ALL THEN GET k"), "\"new\"");
  EXPECT_EQ(cluster.DigestOf(2), cluster.DigestOf(0));
}

TEST(Replica, SaysWhatAQuorumLacked) {
  MiniCluster cluster(MiniCluster::Three());
  cluster.Kill(1);
  cluster.Kill(2);
  EXPECT_EQ(cluster.Call(0, "SET k v"), "(nothing)");
  cluster.Pass(5s);
  cluster.RunUntilStill();
  EXPECT_EQ(cluster.NextReply(0).substr(0, 25), "-NOQUORUM QUORUM write: 2");
}

// Nodes 0 and 2 are of one data centre, which has one replica of the key.
TEST(Replica, DoesNotReachALevelOfOneDataCentreInAnother) {
  MiniCluster::Options options;
  options.nodes = 4;
  options.data_centres = 2;
  std::vector<bool> seen;
  for (const size_t asked : {size_t{0}, size_t{2}}) {
    MiniCluster cluster(options);
    const auto call = [&cluster, asked](const std::string& command) {
      std::string reply = cluster.Call(asked, command);
      for (int i = 0; i < 6 && reply == "(nothing)"; ++i) {
        cluster.Pass(1s);
        cluster.RunUntilStill();
        reply = cluster.NextReply(asked);
      }
      return reply;
    };
    EXPECT_EQ(call("CONSISTENCY ALL THEN SET k v"), "+OK");
    cluster.Kill(2 - asked);
    const bool has_replica = call("CONSISTENCY LOCAL_ONE THEN GET k") == "\"v\"";
    seen.push_back(has_replica);
    if (has_replica) continue;
    EXPECT_EQ(call("CONSISTENCY LOCAL_ONE THEN SET k w").substr(0, 9), "-NOQUORUM");
    EXPECT_EQ(call("CONSISTENCY ONE THEN GET k"), "\"v\"");
  }
  EXPECT_NE(seen[0], seen[1]) << "one of the two has the replica";
}

TEST(Replica, ForwardsToReplicasAndKeepsThePipelineInOrder) {
  MiniCluster::Options options;
  options.nodes = 5;
  options.replicas = 3;
  MiniCluster cluster(options);
  for (int i = 0; i < 20; ++i) {
    const std::string key = "k" + std::to_string(i);
    EXPECT_EQ(cluster.Call(static_cast<size_t>(i % 5), "SET " + key + " " + key), "+OK");
  }
  EXPECT_EQ(cluster.Call(3, "MGET k0 k7 none k19"), "[\"k0\", \"k7\", nil, \"k19\"]");
  EXPECT_EQ(cluster.Call(4, "DBSIZE"), "20");
  EXPECT_EQ(cluster.Call(2, "FLUSHALL"), "+OK");
  EXPECT_EQ(cluster.Call(1, "DBSIZE"), "0");
}

TEST(Replica, RefusesWhatNeedsOneOrder) {
  MiniCluster cluster(MiniCluster::Three());
  const std::string reply = cluster.Call(0, "SETNX lock me");
  EXPECT_EQ(reply.substr(0, 8), "-NOORDER");
  EXPECT_NE(reply.find("raft pool"), std::string::npos);
}

TEST(Replica, AsksOnceMoreOnlyWhereNothingCanHaveBeenExecuted) {
  MiniCluster cluster(TwoNodes());
  const std::string key = SetOnNodeOne(cluster, 1);
  // Node 0 does not know the life of node 1 and asks for it; the answer comes in the pause before
  // it would ask again.
  cluster.held = {0};
  EXPECT_EQ(cluster.Call(0, "INCR " + key), "(nothing)");
  for (int i = 0; i < 13; ++i) {
    cluster.Pass(100ms);
    cluster.RunUntilStill();
  }
  cluster.Release();
  EXPECT_EQ(cluster.Call(1, "GET " + key), "\"1\"") << "asked of a life, it was executed";
  for (int i = 0; i < 15; ++i) {
    cluster.Pass(100ms);
    cluster.RunUntilStill();
  }
  EXPECT_EQ(cluster.Call(1, "GET " + key), "\"1\"") << "and is not asked for again";
  cluster.held = {};
  cluster.Release();
  EXPECT_EQ(cluster.NextReply(0), "1");
}

TEST(Replica, AsksNobodyOnceTheTimeIsOver) {
  MiniCluster cluster(TwoNodes());
  const std::string key = SetOnNodeOne(cluster, 0);
  // The answer to the first one does not come, and the second waits for it.
  cluster.held = {0};
  EXPECT_EQ(cluster.Call(0, "INCR " + key), "(nothing)");
  EXPECT_EQ(cluster.Call(0, "INCR " + key), "(nothing)");
  for (int i = 0; i < 55; ++i) {
    cluster.Pass(100ms);
    cluster.RunUntilStill();
  }
  EXPECT_EQ(cluster.NextReply(0),
            "-NOQUORUM no replica of the key answered in 5000 ms; the outcome is unknown");
  EXPECT_EQ(cluster.NextReply(0),
            "-NOQUORUM no replica of the key answered in 5000 ms; nothing was changed");
  EXPECT_EQ(cluster.Call(1, "GET " + key), "\"1\"");
}

TEST(Replica, ExecutesForOthersOnceAndInTheLifeThatTheyAsked) {
  MiniCluster cluster({});
  const auto deliver = [&cluster](const wire::Message& message) {
    cluster.Deliver(0, message);
    cluster.RunUntilStill();
  };
  deliver(Increment(1, Incarnation{}));
  EXPECT_EQ(cluster.Call(0, "GET n"), "nil") << "the sender does not know whom it asks";
  deliver(Increment(2, Incarnation{1}));
  deliver(Increment(2, Incarnation{1}));
  EXPECT_EQ(cluster.Call(0, "GET n"), "\"1\"") << "the second copy is ignored";
  cluster.Restart(0);
  deliver(Increment(2, Incarnation{1}));
  EXPECT_EQ(cluster.Call(0, "GET n"), "\"1\"") << "so it is after a restart";
  deliver(Increment(3, Incarnation{2}));
  EXPECT_EQ(cluster.Call(0, "GET n"), "\"2\"");
  deliver(Increment(4, Incarnation{1}, 30'000));
  EXPECT_EQ(cluster.Call(0, "GET n"), "\"3\"") << "no earlier life can have seen it";
}

TEST(Replica, TakesCellsAndNothingElseAndAtTheirPlaceAlone) {
  MiniCluster cluster({});
  const Place place = keyspace::Keyspace({}).PlaceOf("k");
  Bytes cells;
  keyspace::CellWriter(cells).String({HybridTime::FromMs(1), {NodeId{7}, Incarnation{1}, {}}}, "v");
  cluster.Deliver(0, WriteOf("k", place, cells + "x"));
  EXPECT_EQ(cluster.Call(0, "DBSIZE"), "0");
  cluster.Deliver(0, WriteOf("k", keyspace::Keyspace({}).PlaceOf("l"), cells));
  EXPECT_EQ(cluster.Call(0, "DBSIZE"), "0");
  cluster.Deliver(0, WriteOf("k", place, cells));
  EXPECT_EQ(cluster.Call(0, "GET k"), "\"v\"");
}

TEST(Replica, DoesNotExecuteACopyOfWhatItHasRefused) {
  MiniCluster cluster({});
  cluster.BeginRestart(0);
  ASSERT_TRUE(cluster.shard(0).loading());
  cluster.Deliver(0, Increment(1, Incarnation{2}));
  cluster.RunUntilStill();
  ASSERT_FALSE(cluster.shard(0).loading());
  cluster.Deliver(0, Increment(1, Incarnation{2}));
  EXPECT_EQ(cluster.Call(0, "GET n"), "nil") << "the sender may have gone on without";
  cluster.Deliver(0, Increment(2, Incarnation{2}));
  cluster.RunUntilStill();
  EXPECT_EQ(cluster.Call(0, "GET n"), "\"1\"");
}

TEST(Replica, KeepsTheOrderOfWritesThatWereSentTogether) {
  MiniCluster cluster(MiniCluster::Three());
  // What the first one sends waits, and would come to the others behind what the second one sends.
  cluster.held = {1, 2};
  EXPECT_EQ(cluster.Call(0, "SET k first"), "(nothing)");
  cluster.held = {};
  EXPECT_EQ(cluster.Call(0, "SET k second"), "(nothing)");
  cluster.Release();
  EXPECT_EQ(cluster.NextReply(0), "+OK");
  EXPECT_EQ(cluster.NextReply(0), "+OK");
  EXPECT_EQ(cluster.Call(1, "GET k"), "\"second\"");
}

}  // namespace
}  // namespace quorate::node
