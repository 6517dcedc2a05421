// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "engine/keyspace/keyspace.h"
#include "tests/engine/node/mini_cluster.h"

namespace quorate::node {
namespace {

TEST(Shard, ServesOneNode) {
  MiniCluster cluster({});
  EXPECT_EQ(cluster.Call(0, "PING"), "+PONG");
  EXPECT_EQ(cluster.Call(0, "SET k v"), "+OK");
  EXPECT_EQ(cluster.Call(0, "GET k"), "\"v\"");
  EXPECT_EQ(cluster.Call(0, "GET nothing"), "nil");
  EXPECT_EQ(cluster.Call(0, "INCR n"), "1");
  EXPECT_EQ(cluster.Call(0, "MSET a 1 b 2"), "+OK");
  EXPECT_EQ(cluster.Call(0, "MGET a b c"), "[\"1\", \"2\", nil]");
  EXPECT_EQ(cluster.Call(0, "DBSIZE"), "4");
  EXPECT_EQ(cluster.Call(0, "DEL a b c"), "2");
  EXPECT_EQ(cluster.Call(0, "NOSUCH x").substr(0, 29), "-ERR unknown command 'NOSUCH'");
  EXPECT_EQ(cluster.Call(0, "FLUSHALL"), "+OK");
  EXPECT_EQ(cluster.Call(0, "DBSIZE"), "0");
}

TEST(Shard, CountsCallsRefusalsAndErrors) {
  for (const uint16_t shards : {uint16_t{1}, uint16_t{2}}) {
    MiniCluster::Options options;
    options.shards = shards;
    MiniCluster cluster(options);
    cluster.Call(0, "CONFIG RESETSTAT");
    for (int i = 0; i < 4; ++i) cluster.Call(0, "SET k" + std::to_string(i) + " x");
    for (int i = 0; i < 4; ++i) cluster.Call(0, "INCR k" + std::to_string(i));
    for (int i = 0; i < 3; ++i) cluster.Call(0, "GET");
    cluster.Call(0, "HGET k0 f");
    cluster.Call(0, "NOSUCH");
    cluster.Call(0, "CLIENT ID");
    cluster.Call(0, "MGET k0 k1 k2");
    cluster.Call(0, "SCAN x");
    const std::string told = cluster.Call(0, "INFO commandstats");
    const auto tells = [&told](std::string_view name, std::string_view counts) {
      return told.find("cmdstat_" + std::string(name) + ":" + std::string(counts)) !=
             std::string::npos;
    };
    constexpr std::string_view kTime = ",usec=0,usec_per_call=0.00";
    EXPECT_TRUE(tells("set", "calls=4" + std::string(kTime) + ",rejected_calls=0,failed_calls=0"));
    EXPECT_TRUE(tells("incr", "calls=4" + std::string(kTime) + ",rejected_calls=0,failed_calls=4"));
    EXPECT_TRUE(tells("get", "calls=0" + std::string(kTime) + ",rejected_calls=3,failed_calls=0"));
    EXPECT_TRUE(tells("hget", "calls=1" + std::string(kTime) + ",rejected_calls=0,failed_calls=1"));
    EXPECT_TRUE(tells("client|id", "calls=1,"));
    EXPECT_TRUE(tells("mget", "calls=1,"));
    EXPECT_TRUE(tells("scan", "calls=1" + std::string(kTime) + ",rejected_calls=0,failed_calls=1"));
    EXPECT_FALSE(tells("del", ""));
    const std::string errors = cluster.Call(0, "INFO errorstats");
    EXPECT_NE(errors.find("errorstat_ERR:count=9"), std::string::npos) << errors;
    EXPECT_NE(errors.find("errorstat_WRONGTYPE:count=1"), std::string::npos) << errors;
    EXPECT_NE(cluster.Call(0, "INFO stats").find("total_error_replies:10"), std::string::npos);
    cluster.Call(0, "CONFIG RESETSTAT");
    EXPECT_EQ(cluster.Call(0, "INFO commandstats").find("cmdstat_set"), std::string::npos);
    EXPECT_NE(cluster.Call(0, "INFO stats").find("total_error_replies:0"), std::string::npos);
  }
}

TEST(Shard, CountsChanges) {
  MiniCluster cluster({});
  const auto tells = [&cluster](const std::string& count) {
    return cluster.Call(0, "INFO persistence").find("since_last_save:" + count + "\r") !=
           std::string::npos;
  };
  EXPECT_TRUE(tells("0"));
  cluster.Call(0, "SETBIT k 3 1");
  cluster.Call(0, "BITFIELD k SET u8 8 0");
  EXPECT_TRUE(tells("2"));
  cluster.Call(0, "SETBIT k 3 1");
  cluster.Call(0, "BITFIELD k SET u8 8 0");
  cluster.Call(0, "GET k");
  cluster.Call(0, "DEL nothing");
  EXPECT_TRUE(tells("2"));
}

TEST(Shard, TakesAKeyToAnotherShard) {
  for (const uint16_t shards : {uint16_t{1}, uint16_t{2}}) {
    MiniCluster::Options options;
    options.shards = shards;
    MiniCluster cluster(options);
    for (int i = 0; i < 20; ++i) {
      const std::string from = "from" + std::to_string(i);
      const std::string to = "to" + std::to_string(i);
      cluster.Call(0, "SET " + from + " v PXAT 4000000000000");
      EXPECT_EQ(cluster.Call(0, "RENAME " + from + " " + to), "+OK");
      EXPECT_EQ(cluster.Call(0, "EXISTS " + from), "0");
      EXPECT_EQ(cluster.Call(0, "GET " + to), "\"v\"");
      EXPECT_EQ(cluster.Call(0, "PEXPIRETIME " + to), "4000000000000");
      EXPECT_EQ(cluster.Call(0, "RENAMENX " + to + " " + from), "1");
      EXPECT_EQ(cluster.Call(0, "COPY " + from + " " + to), "1");
      EXPECT_EQ(cluster.Call(0, "RENAMENX " + to + " " + from), "0");
      EXPECT_EQ(cluster.Call(0, "RENAME nothing " + from), "-ERR no such key");
      EXPECT_EQ(cluster.Call(0, "BITOP NOT " + to + " " + from), "1");
      EXPECT_EQ(cluster.Call(0, "GET " + to), "\"\x89\"");
      cluster.Call(0, "HSET h" + from + " f v");
      EXPECT_EQ(cluster.Call(0, "BITOP AND x " + from + " h" + from).substr(0, 10), "-WRONGTYPE");
    }
    EXPECT_EQ(cluster.Call(0, "DBSIZE"), "60");
    EXPECT_NE(cluster.Call(0, "INFO commandstats").find("cmdstat_rename:calls=40"),
              std::string::npos);
  }
}

TEST(Shard, SeveralReplicasRefuseARenameAndDoACopyThatMayOverwrite) {
  MiniCluster cluster(MiniCluster::Three());
  cluster.Call(0, "SET a 5");
  EXPECT_EQ(cluster.Call(1, "RENAME a b").substr(0, 8), "-NOORDER");
  EXPECT_EQ(cluster.Call(1, "COPY a b").substr(0, 8), "-NOORDER");
  EXPECT_EQ(cluster.Call(1, "COPY a b REPLACE"), "1");
  EXPECT_EQ(cluster.Call(2, "GET b"), "\"5\"");
  EXPECT_EQ(cluster.Call(2, "BITOP OR c a b"), "1");
  EXPECT_EQ(cluster.Call(0, "GET c"), "\"5\"");
}

TEST(Shard, WritesSeveralKeysIfNoneIsThereAndSaysWhereItCannotTell) {
  MiniCluster::Options options;
  options.nodes = 2;
  MiniCluster cluster(options);
  cluster.Call(0, "SET held v");
  EXPECT_EQ(cluster.Call(0, "MSETNX fresh 1 held 2"), "0");
  EXPECT_EQ(cluster.Call(0, "EXISTS fresh"), "0");
  cluster.Kill(1);
  int written = 0;
  int failed = 0;
  for (int i = 0; i < 20; ++i) {
    std::string reply = cluster.Call(0, "MSETNX k" + std::to_string(i) + " v");
    if (reply == "(nothing)") {
      cluster.Pass(6s);
      cluster.RunUntilStill();
      reply = cluster.NextReply(0);
    }
    const bool is_error = reply.starts_with("-NOQUORUM");
    EXPECT_TRUE(reply == "1" || is_error) << "no key is there; " << reply;
    ++(is_error ? failed : written);
  }
  EXPECT_GT(written, 0);
  EXPECT_GT(failed, 0);
}

TEST(Shard, TellsOfItsPool) {
  MiniCluster cluster({});
  EXPECT_NE(cluster.Call(0, "INFO quorate").find("read_consistency:QUORUM"), std::string::npos);
  EXPECT_NE(cluster.Call(0, "INFO").find("write_consistency:QUORUM"), std::string::npos);
  EXPECT_EQ(cluster.Call(0, "CONFIG GET appendfsync"), "[\"appendfsync\", \"always\"]");
}

TEST(Shard, KnowsWhenAClientWasActive) {
  MiniCluster cluster({});
  cluster.Call(0, "PING");
  cluster.Pass(5s);
  const std::string list = cluster.Call(0, "CLIENT LIST");
  EXPECT_NE(list.find(" idle=0 "), std::string::npos) << list;
}

TEST(Shard, KeepsItsDataOverARestart) {
  MiniCluster cluster({});
  cluster.Call(0, "SET k v");
  cluster.Call(0, "HSET h f 1 g 2");
  cluster.Call(0, "INCRBY n 41");
  cluster.Call(0, "SET gone 1");
  cluster.Call(0, "DEL gone");
  const uint64_t digest = cluster.DigestOf(0);
  cluster.Restart(0);
  EXPECT_EQ(cluster.DigestOf(0), digest);
  EXPECT_EQ(cluster.Call(0, "GET k"), "\"v\"");
  EXPECT_EQ(cluster.Call(0, "HGET h g"), "\"2\"");
  EXPECT_EQ(cluster.Call(0, "INCR n"), "42");
  EXPECT_EQ(cluster.Call(0, "EXISTS gone"), "0");
}

TEST(Shard, OpensADirectoryOfAnotherShardCount) {
  MiniCluster::Options options;
  options.shards = 2;
  MiniCluster cluster(options);
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(cluster.Call(0, "SET k" + std::to_string(i) + " v"), "+OK");
  }
  EXPECT_EQ(cluster.Call(0, "DBSIZE"), "50");
  EXPECT_EQ(cluster.Call(0, "GET k7"), "\"v\"");
}

TEST(Shard, ServesEachKeyAtItsOneReplica) {
  MiniCluster::Options options;
  options.nodes = 3;
  options.shards = 2;
  MiniCluster cluster(options);
  for (size_t i = 0; i < 24; ++i) {
    const std::string key = "k" + std::to_string(i);
    EXPECT_EQ(cluster.Call(i % 3, "INCR " + key), "1");
    EXPECT_EQ(cluster.Call((i + 1) % 3, "INCR " + key), "2") << "wherever it is asked";
    EXPECT_EQ(cluster.Call((i + 2) % 3, "GET " + key), "\"2\"");
  }
  EXPECT_EQ(cluster.Call(0, "MSET k0 a k1 b k2 c k3 d"), "+OK");
  EXPECT_EQ(cluster.Call(1, "MGET k0 k1 k2 k3"), cluster.Call(2, "MGET k0 k1 k2 k3"));
  EXPECT_EQ(cluster.Call(1, "DBSIZE"), "24");
}

// Its rows are deleted as they are read, so a stop must not read on behind what it has stored.
TEST(Shard, AStopWhileItLoadsKeepsWhatAPoolWithoutDurabilityHolds) {
  for (const uint16_t shards : {uint16_t{1}, uint16_t{2}}) {
    MiniCluster::Options options;
    options.durability = env::Durability::kNone;
    options.shards = shards;
    MiniCluster cluster(options);
    constexpr int kKeys = 20;
    for (int i = 0; i < kKeys; ++i) cluster.Call(0, "SET " + std::to_string(i) + " v");
    cluster.Stop(0);
    // From a life that has read nothing to one that has loaded all.
    for (int steps = 0; steps < 8; ++steps) {
      cluster.BeginRestart(0);
      for (int i = 0; i < steps; ++i) cluster.Step();
      cluster.Stop(0);
    }
    cluster.Restart(0);
    for (int i = 0; i < kKeys; ++i) EXPECT_EQ(cluster.Call(0, "GET " + std::to_string(i)), "\"v\"");
    cluster.Kill(0);
    cluster.Restart(0);
    EXPECT_EQ(cluster.Call(0, "GET 0"), "nil") << "after a crash it is empty rather than old";
  }
}

TEST(Shard, AsksForThePassword) {
  MiniCluster::Options options;
  options.password = "secret";
  MiniCluster cluster(options);
  EXPECT_EQ(cluster.Call(0, "GET k"), "-NOAUTH Authentication required.");
  EXPECT_EQ(cluster.Call(0, "AUTH wrong").substr(0, 10), "-WRONGPASS");
  EXPECT_EQ(cluster.Call(0, "AUTH secret"), "+OK");
  EXPECT_EQ(cluster.Call(0, "GET k"), "nil");
}

TEST(Shard, ItsFootprintHoldsItsPoolsAndDoesNotMove) {
  MiniCluster cluster({});
  const std::vector<Footprint::Part> before = cluster.shard(0).footprint().parts();
  cluster.Call(0, "SET key value");
  const std::vector<Footprint::Part> after = cluster.shard(0).footprint().parts();
  ASSERT_EQ(before.size(), after.size());
  for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(before[i].data(), after[i].data());
  const auto* port = reinterpret_cast<const std::byte*>(&cluster.shard(0).Port(PoolId{}));
  EXPECT_TRUE(std::any_of(after.begin(), after.end(), [port](Footprint::Part part) {
    return port >= part.data() && port < part.data() + part.size();
  }));
}

// Both keys on the node that is asked, one of them, or none; and replies that are no value.
void ExpectJoins(MiniCluster& cluster, size_t asked) {
  for (int i = 0; i < 12; ++i) {
    SCOPED_TRACE(i);
    const auto lcs = [&](const std::string& a, const std::string& b, const std::string& options) {
      const std::string number = std::to_string(i);
      return cluster.Call(asked, "LCS " + a + number + " " + b + number + options);
    };
    const auto set = [&](const std::string& request) { EXPECT_NE(cluster.Call(0, request), ""); };
    set("SET a" + std::to_string(i) + " ohmytext");
    set("SET b" + std::to_string(i) + " mynewtext");
    set("HSET h" + std::to_string(i) + " field value");
    EXPECT_EQ(lcs("a", "b", ""), "\"mytext\"");
    EXPECT_EQ(lcs("a", "b", " LEN"), "6");
    EXPECT_EQ(lcs("a", "b", " IDX"),
              "[\"matches\", [[[4, 7], [5, 8]], [[2, 3], [0, 1]]], \"len\", 6]");
    EXPECT_EQ(lcs("a", "b", " IDX MINMATCHLEN 4 WITHMATCHLEN"),
              "[\"matches\", [[[4, 7], [5, 8], 4]], \"len\", 6]");
    EXPECT_EQ(lcs("a", "none", ""), "\"\"");
    EXPECT_EQ(lcs("none", "b", " LEN"), "0");
    EXPECT_EQ(lcs("none", "missing", " IDX"), "[\"matches\", [], \"len\", 0]");
    EXPECT_EQ(lcs("a", "h", ""), "-ERR The specified keys must contain string values");
    EXPECT_EQ(lcs("h", "none", " LEN"), "-ERR The specified keys must contain string values");
    EXPECT_EQ(lcs("a", "b", " NO"), "-ERR syntax error");
  }
}

TEST(Shard, ACommandOfTwoKeysIsJoinedOfPartsOnOtherNodes) {
  MiniCluster::Options options;
  options.nodes = 2;
  MiniCluster cluster(options);
  for (size_t node = 0; node < 2; ++node) ExpectJoins(cluster, node);
}

TEST(Shard, ACommandOfTwoKeysIsJoinedOfPartsOnOtherShardsAndReplicas) {
  MiniCluster::Options options;
  options.shards = 2;
  MiniCluster shards(options);
  ExpectJoins(shards, 0);
  options.shards = 1;
  options.nodes = 3;
  options.replicas = 3;
  MiniCluster replicas(options);
  ExpectJoins(replicas, 1);
}

TEST(Shard, AWalkGivesTimeToAReplicaThatRefuses) {
  MiniCluster::Options options;
  options.nodes = 2;
  MiniCluster cluster(options);
  for (int i = 0; i < 24; ++i) cluster.Call(0, "SET key" + std::to_string(i) + " value");
  cluster.held = {1};
  EXPECT_EQ(cluster.Call(0, "DBSIZE"), "(nothing)");
  for (int round = 0; round < 20; ++round) {
    for (uint64_t id = 1; id < 200; ++id) {
      wire::Message refusal{{NodeId{2}, Incarnation{1}, WallTime{1000}}, Incarnation{1}, 0, {}};
      refusal.body = wire::KeyspaceReply{
          wire::RequestId{id}, wire::Outcome::kNotExecuted, Epoch{1}, false, {}, 0, {}};
      cluster.Deliver(0, refusal);
    }
    EXPECT_EQ(cluster.NextReply(0), "(nothing)") << "in the same moment, for the time " << round;
  }
  cluster.held = {};
  cluster.Pass(100ms);
  cluster.RunUntilStill();
  EXPECT_EQ(cluster.NextReply(0), "24");
}

TEST(Shard, EvictsOrRefusesAtItsMemoryLimit) {
  MiniCluster::Options options;
  options.memory_bytes_max = 200'000;
  MiniCluster refusing(options);
  std::string last;
  for (int i = 0; i < 1000 && last.substr(0, 4) != "-OOM"; ++i) {
    last = refusing.Call(0, "SET k" + std::to_string(i) + " " + std::string(500, 'v'));
  }
  EXPECT_EQ(last.substr(0, 4), "-OOM");
  EXPECT_EQ(refusing.Call(0, "GET k0").size(), 502u);
  EXPECT_EQ(refusing.Call(0, "DEL k0"), "1") << "deleting is allowed";
  options.eviction = Eviction::kClock;
  MiniCluster evicting(options);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(evicting.Call(0, "SET k" + std::to_string(i) + " " + std::string(500, 'v')), "+OK");
  }
  EXPECT_LE(evicting.shard(0).stats().logical_bytes, 210'000u);
}

TEST(Shard, GoesOnFromWhatItSaved) {
  MiniCluster cluster(MiniCluster::Three());
  cluster.Call(0, "SET k v");
  cluster.Call(0, "HINCRBY h f 4");
  cluster.Call(0, "INCR n");
  cluster.Kill(1);
  cluster.Call(0, "CONSISTENCY ALL THEN SET waits v");  // stays in flight
  Bytes saved;
  cluster.shard(0).Save(saved);
  cluster.Resume(0, saved);
  Bytes again;
  cluster.shard(0).Save(again);
  EXPECT_EQ(saved, again);
  EXPECT_EQ(cluster.shard(0).stats().operations_in_flight, 2u) << "of the client, and its part";
  cluster.Pass(6s);
  cluster.RunUntilStill();
  EXPECT_EQ(cluster.NextReply(0).substr(0, 9), "-NOQUORUM") << "the client is still owed this";
  EXPECT_EQ(cluster.Call(0, "GET n"), "\"1\"");
  EXPECT_EQ(cluster.Call(0, "INCR n"), "2");
}

}  // namespace
}  // namespace quorate::node
