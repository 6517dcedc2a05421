// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "tests/engine/node/mini_cluster.h"

namespace quorate::node {
namespace {

TEST(FullDisk, ServesReadsWhileTheDiskIsFullAndRecovers) {
  MiniCluster cluster({});
  cluster.Call(0, "SET k v");
  cluster.full = {0};
  EXPECT_EQ(cluster.Call(0, "SET other v"), "(nothing)") << "not durable, so not acknowledged";
  EXPECT_TRUE(cluster.ClosesClient(0)) << "the outcome is open, and the client knows";
  cluster.Reconnect(0);
  EXPECT_EQ(cluster.Call(0, "GET k"), "\"v\"") << "reads are served";
  EXPECT_EQ(cluster.Call(0, "GET other").substr(0, 9), "-DISKFULL") << "it may be gone soon";
  EXPECT_EQ(cluster.Call(0, "MGET k other").substr(0, 9), "-DISKFULL");
  EXPECT_EQ(cluster.Call(0, "SET third v").substr(0, 9), "-DISKFULL");
  cluster.Pass(1s);
  EXPECT_EQ(cluster.Call(0, "GET k"), "\"v\"");
  EXPECT_FALSE(cluster.ClosesClient(0)) << "what it was told waits for no commit";
  cluster.full = {};
  cluster.Pass(1s);
  cluster.RunUntilStill();
  EXPECT_EQ(cluster.Call(0, "SET fourth v"), "+OK") << "served when there was room again";
  EXPECT_EQ(cluster.Call(0, "GET other"), "\"v\"");
}

TEST(FullDisk, DoesNotCountWhatItsFullDiskHasNotStored) {
  MiniCluster cluster(MiniCluster::Three());
  cluster.Call(0, "SET k old");
  cluster.full = {0};
  cluster.Kill(2);
  EXPECT_EQ(cluster.Call(0, "SET k new"), "(nothing)") << "one replica has stored it";
  cluster.Pass(5s);
  cluster.RunUntilStill();
  cluster.Reconnect(0);
  const auto read = [&cluster](size_t node, const std::string& command) {
    std::string reply = cluster.Call(node, command);
    for (int waits = 0; reply == "(nothing)" && waits < 100; ++waits) {
      cluster.Pass(100ms);
      cluster.RunUntilStill();
      reply = cluster.NextReply(node);
    }
    return reply;
  };
  EXPECT_EQ(read(0, "GET k").substr(0, 9), "-NOQUORUM") << "its own copy is no evidence";
  EXPECT_EQ(read(1, "GET k").substr(0, 9), "-NOQUORUM") << "nor is it for others";
  EXPECT_EQ(read(0, "CONSISTENCY ONE THEN GET k"), "\"new\"") << "another replica has stored it";
  cluster.Kill(1);
  EXPECT_EQ(read(0, "CONSISTENCY ONE THEN GET k").substr(0, 9), "-NOQUORUM");
  cluster.Restart(1);
  cluster.Restart(2);
  EXPECT_EQ(read(0, "GET k"), "\"new\"") << "the two others hold it now";
  cluster.full = {};
  cluster.Pass(1s);
  cluster.RunUntilStill();
  EXPECT_EQ(read(0, "CONSISTENCY ALL THEN GET k"), "\"new\"");
  cluster.Kill(1);
  EXPECT_EQ(read(0, "GET k"), "\"new\"") << "stored, it counts again";
}

TEST(FullDisk, ServesTheKeysOfItsSiblingsWhileTheDiskIsFull) {
  MiniCluster::Options options;
  options.shards = 2;
  MiniCluster cluster(options);
  const auto key = [](int i) { return "k" + std::to_string(i); };
  for (int i = 0; i < 8; ++i) EXPECT_EQ(cluster.Call(0, "SET " + key(i) + " v"), "+OK");
  cluster.full = {0};
  for (int i = 0; i < 8; ++i) {  // each shard meets the full disk with a write
    cluster.Call(0, "SET " + key(i) + "-more v");
    cluster.Reconnect(0);
  }
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(cluster.Call(0, "GET " + key(i)), "\"v\"");
    EXPECT_EQ(cluster.Call(0, "SET " + key(i) + " w").substr(0, 9), "-DISKFULL");
  }
}

}  // namespace
}  // namespace quorate::node
