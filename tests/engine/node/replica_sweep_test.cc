// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "tests/engine/node/mini_cluster.h"

namespace quorate::node {
namespace {

TEST(ReplicaSweep, ForgetsWhatHasExpired) {
  MiniCluster cluster(MiniCluster::Three());
  EXPECT_EQ(cluster.Call(0, "SET k v PX 1500"), "+OK");
  EXPECT_EQ(cluster.Call(1, "GET k"), "\"v\"");
  cluster.Pass(2s);
  EXPECT_EQ(cluster.Call(1, "GET k"), "nil");
  cluster.RunUntilStill();
  EXPECT_EQ(cluster.DigestOf(0), cluster.DigestOf(2)) << "each noticed alone, all alike";
}

TEST(ReplicaSweep, JudgesADeadlineByWhatAQuorumHolds) {
  MiniCluster cluster(MiniCluster::Three());
  cluster.Call(0, "SET k old PX 1000");
  cluster.Kill(2);
  EXPECT_EQ(cluster.Call(0, "SET k new"), "+OK");
  cluster.Pass(5s);
  cluster.Restart(2);
  EXPECT_EQ(cluster.Call(2, "GET k"), "\"new\"") << "its own copy still has the deadline";
  EXPECT_EQ(cluster.Call(1, "CONSISTENCY ALL THEN GET k"), "\"new\"");
}

// Many more than may be deleted at once, and than so many an interval.
TEST(ReplicaSweep, FreesWhatExpiresAsFastAsItCan) {
  MiniCluster cluster(MiniCluster::Three());
  const std::string value(100, 'v');
  for (int i = 0; i < 2000; ++i) {
    cluster.Call(0, "SET k" + std::to_string(i) + " " + value + " PX 1000");
  }
  const size_t before = cluster.shard(0).stats().logical_bytes;
  cluster.Pass(60s);
  for (int i = 0; i < 4; ++i) {
    cluster.Pass(1s);
    cluster.RunUntilStill();
  }
  for (size_t node = 0; node < 3; ++node) {
    EXPECT_LT(cluster.shard(node).stats().logical_bytes, before / 2) << node;
  }
}

// There is more than may be deleted at once, and than a look finds: what has waited longest goes
// first.
TEST(ReplicaSweep, FreesWhatExpiredFirst) {
  MiniCluster cluster(MiniCluster::Three());
  constexpr int kFirst = 200;
  constexpr size_t kLarge = 1000;
  for (int i = 0; i < 2000; ++i) {
    const std::string value(i < kFirst ? kLarge : 1, 'v');
    cluster.Call(0, "SET " + std::to_string(i) + " " + value + " PX " + std::to_string(1000 + i));
  }
  const size_t before = cluster.shard(0).stats().logical_bytes;
  EXPECT_GT(before, kFirst * kLarge);
  cluster.held.insert(1);
  cluster.Pass(60s);
  cluster.RunUntilStill();
  // Those in flight end, and as many begin: 64 with each read and write of all replicas.
  for (int i = 0; i < 8; ++i) cluster.Release();
  EXPECT_LT(cluster.shard(0).stats().logical_bytes, before - kFirst * kLarge);
}

TEST(ReplicaSweep, FreesWhatHasExpiredWhenAllReplicasAgree) {
  MiniCluster cluster(MiniCluster::Three());
  cluster.Call(0, "SET k " + std::string(1000, 'v') + " PX 1000");
  cluster.Kill(2);
  cluster.Pass(60s);
  cluster.RunUntilStill();
  EXPECT_GT(cluster.shard(0).stats().logical_bytes, 1000u) << "the third may know better";
  cluster.Restart(2);
  for (int i = 0; i < 20; ++i) {
    cluster.Pass(1s);
    cluster.RunUntilStill();
  }
  for (size_t node = 0; node < 3; ++node) {
    EXPECT_LT(cluster.shard(node).stats().logical_bytes, 1000u) << node;
    EXPECT_EQ(cluster.DigestOf(node), cluster.DigestOf(0));
  }
  EXPECT_EQ(cluster.Call(2, "INCR k"), "1");
}

}  // namespace
}  // namespace quorate::node
