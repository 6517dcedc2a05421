// SPDX-License-Identifier: Apache-2.0
// A snapshot that is taken while everything goes on is, byte for byte, what Save gave when it
// began: whatever changes ahead of its walk and behind it, comes, goes, passes or is evicted.
#include "engine/node/snapshot.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/engine/node/mini_cluster.h"

namespace quorate::node {
namespace {

using keyspace::SnapshotBudget;

constexpr SnapshotBudget kAll{SIZE_MAX, SIZE_MAX};

MiniCluster::Options Sole() { return {}; }
MiniCluster::Options Evicting() {
  MiniCluster::Options options;
  options.memory_bytes_max = 40'000;
  options.eviction = Eviction::kClock;
  return options;
}
MiniCluster::Options Replicated() {
  MiniCluster::Options options;
  options.nodes = 3;
  options.replicas = 3;
  return options;
}

// The snapshot of the first shard of a cluster, and what Save gave when it began.
class Taken {
 public:
  Taken(MiniCluster& cluster, bool hides) : shard_(cluster.shard(0)) {
    shard_.Save(saved_, hides);
    shard_.BeginSnapshot(frame_, hides);
  }
  bool Step(SnapshotBudget budget) {
    pieces_.emplace_back();
    return shard_.StepSnapshot(budget, pieces_.back());
  }
  void Check() {
    while (Step({7, 1000})) continue;
    EXPECT_FALSE(shard_.in_snapshot());
    const auto joined = JoinSnapshot(frame_, {pieces_.begin(), pieces_.end()});
    ASSERT_TRUE(joined.ok()) << MessageOf(joined.status());
    ASSERT_TRUE(*joined == saved_);
  }
  [[nodiscard]] const std::vector<Bytes>& pieces() const { return pieces_; }
  [[nodiscard]] const Bytes& frame() const { return frame_; }

 private:
  Shard& shard_;
  Bytes saved_, frame_;
  std::vector<Bytes> pieces_;
};

std::string ValueOf(uint64_t number, size_t size) {
  return std::string(size, static_cast<char>('a' + number % 26)) + std::to_string(number);
}

class Snapshot : public testing::TestWithParam<int> {
 protected:
  uint64_t Draw(uint64_t below) { return random_() % below; }
  std::string Key() { return "key:" + std::to_string(Draw(400)); }
  std::string Hash() { return "hash:" + std::to_string(Draw(30)); }

  std::string Command() {
    const std::string number = std::to_string(Draw(1'000'000));
    switch (Draw(20)) {
      case 0:
        return "DEL " + Key();
      case 1:
        return "SET " + Key() + " " + ValueOf(random_(), Draw(60)) + " PX 200";
      case 2:
        return "PEXPIRE " + Key() + " 150";
      case 3:
        return "PERSIST " + Key();
      case 4:
        return "INCR counter:" + std::to_string(Draw(20));
      case 5:
        return "HSET " + Hash() + " field" + std::to_string(Draw(9)) + " " + number;
      case 6:
        return "HDEL " + Hash() + " field" + std::to_string(Draw(9));
      case 7:
        return "APPEND " + Key() + " x";
      case 8:
        return "RENAME " + Key() + " " + Key();
      case 9:
        return "SADD set:" + std::to_string(Draw(9)) + " " + number;
      case 10:
        return "SET new:" + number + " " + ValueOf(random_(), 30);
      case 11:
        return "SCAN 0 COUNT 50";
      case 12:
        return "GETDEL " + Key();
      case 13:
        return Draw(40) == 0 ? "FLUSHALL" : "GET " + Key();
      case 14:
      case 15:
        return "GET " + Key();
      case 16:
        return "HGETALL " + Hash();
      default:
        return "SET " + Key() + " " + ValueOf(random_(), Draw(100));
    }
  }
  // Some commands and some time.
  void Live(MiniCluster& cluster, uint64_t commands) {
    for (uint64_t i = 0; i < commands; ++i) {
      cluster.Call(0, Command());
      if (Draw(10) == 0) {
        cluster.Pass(Duration(static_cast<int64_t>(Draw(60'000))));
        cluster.RunUntilStill();
      }
    }
  }

  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
};

TEST_P(Snapshot, IsWhatWasWhenItBegan) {
  for (const MiniCluster::Options& options : {Sole(), Evicting(), Replicated()}) {
    MiniCluster cluster(options);
    Live(cluster, 600);
    for (int turn = 0; turn < 3; ++turn) {
      Taken taken(cluster, /*hides=*/Draw(2) == 0);
      while (taken.Step({Draw(40), 1 + Draw(4000)})) Live(cluster, Draw(30));
      Live(cluster, Draw(100));
      taken.Check();
      if (HasFatalFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Snapshot, testing::Range(1, 41));

// The walk stands still in the middle of the keys while all that can happen to one happens.
TEST(SnapshotWalk, TakesWhatChangesAheadOfItAndBehindIt) {
  MiniCluster cluster(Sole());
  const auto all = [&cluster](const std::string& command, const std::string& rest) {
    for (int i = 0; i < 200; ++i) cluster.Call(0, command + " k" + std::to_string(i) + rest);
  };
  for (const std::string change :
       {"set", "del", "del and set", "append", "expire", "rename", "flush"}) {
    all("SET", " value");
    Taken taken(cluster, false);
    ASSERT_TRUE(taken.Step({100, SIZE_MAX}));
    if (change == "set") all("SET", " other");
    if (change == "del" || change == "del and set") all("DEL", "");
    if (change == "del and set") all("SET", " again");
    if (change == "append") all("APPEND", " x");
    if (change == "expire") {
      all("PEXPIRE", " 10");
      cluster.Pass(1s);
      cluster.RunUntilStill();
      EXPECT_EQ(cluster.Call(0, "DBSIZE"), "0");
    }
    if (change == "rename") {
      for (int i = 0; i < 200; ++i) {
        const std::string number = std::to_string(i);
        cluster.Call(0, "RENAME k" + number + " other" + number);
      }
    }
    if (change == "flush") cluster.Call(0, "FLUSHALL");
    SCOPED_TRACE(change);
    taken.Check();
    cluster.Call(0, "FLUSHALL");
  }
}

TEST(SnapshotWalk, TakesNewKeysFromNoSnapshot) {
  MiniCluster cluster(Sole());
  for (int i = 0; i < 50; ++i) cluster.Call(0, "SET k" + std::to_string(i) + " v");
  Taken taken(cluster, false);
  ASSERT_TRUE(taken.Step({10, SIZE_MAX}));
  // Tables split and grow many times.
  for (int i = 0; i < 20'000; ++i) cluster.Call(0, "SET new" + std::to_string(i) + " v");
  taken.Check();
  Taken next(cluster, false);
  next.Check();
}

// One more key to be looked at is one more object: no step is longer for there being more.
TEST(SnapshotWalk, AStepIsAsLongAsItsBudget) {
  MiniCluster cluster(Sole());
  for (int i = 0; i < 5'000; ++i)
    cluster.Call(0, "SET k" + std::to_string(i) + " " + ValueOf(1, 50));
  Taken taken(cluster, false);
  while (taken.Step({SIZE_MAX, 2'000})) {
    ASSERT_LE(taken.pieces().back().size(), 2'200u);
    ASSERT_GE(taken.pieces().back().size(), 1'900u);
  }
  taken.Check();
  Taken another(cluster, false);
  size_t steps = 1;
  while (another.Step({100, SIZE_MAX})) ++steps;
  EXPECT_EQ(steps, 50u);
  another.Check();
}

TEST(SnapshotWalk, AnEmptyShardHasOne) {
  MiniCluster cluster(Sole());
  Taken taken(cluster, false);
  EXPECT_FALSE(taken.Step(kAll));
}

TEST(JoinSnapshot, RefusesWhatMakesNoSense) {
  MiniCluster cluster(Sole());
  for (int i = 0; i < 20; ++i) cluster.Call(0, "SET k" + std::to_string(i) + " v");
  Taken taken(cluster, false);
  EXPECT_FALSE(taken.Step(kAll));
  const Bytes& frame = taken.frame();
  const Bytes& piece = taken.pieces().front();
  EXPECT_TRUE(JoinSnapshot(frame, {piece}).ok());
  const auto message = [&](const std::vector<std::string_view>& pieces) {
    const auto joined = JoinSnapshot(frame, pieces);
    EXPECT_EQ(joined.status().code(), absl::StatusCode::kDataLoss);
    return MessageOf(joined.status());
  };
  EXPECT_EQ(message({piece, piece}), "its checkpoint has an object twice");
  EXPECT_EQ(message({}), "its checkpoint has 0 objects and not 20");
  EXPECT_EQ(message({"x"}), "its checkpoint is malformed");
  for (size_t size = 1; size < piece.size(); ++size) {
    EXPECT_FALSE(JoinSnapshot(frame, {std::string_view(piece).substr(0, size)}).ok()) << size;
  }
  for (size_t size = 0; size < 6; ++size) {
    EXPECT_FALSE(JoinSnapshot(std::string_view(frame).substr(0, size), {piece}).ok()) << size;
  }
}

}  // namespace
}  // namespace quorate::node
