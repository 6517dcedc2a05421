// SPDX-License-Identifier: Apache-2.0
// Segments begin with checkpoints that are written while the shard goes on: each one is executed
// again, alone, to the ladder that it had.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "sim/recording/shard_replayer.h"
#include "tests/sim/recording/recorded_shard.h"
#include "tests/sim/recording/recorded_world.h"

namespace quorate::sim {
namespace {

using Requests = std::vector<std::vector<std::string>>;

// How many segments there are.
size_t ReplaysEqually(const RecordingStore& store) {
  size_t segments = 0;
  store.ForEach([&segments](const std::string& name, const Bytes& bytes) {
    const auto recording = recording::ReadRecording(bytes);
    ASSERT_TRUE(recording.ok()) << name << ": " << MessageOf(recording.status());
    const auto replay = ReplayShard(*recording);
    ASSERT_TRUE(replay.ok()) << name << ": " << MessageOf(replay.status());
    // A value that was left out was looked into: what follows may differ for that.
    const bool excused = recording->header.hides && !replay->looked_in.empty();
    EXPECT_TRUE(!replay->differs || excused) << name << " at tick " << *replay->differs;
    ++segments;
  });
  return segments;
}

// What clients ask for, all drawn.
class Asker {
 public:
  explicit Asker(uint64_t seed) : random_(seed) {}

  uint64_t Draw(uint64_t below) { return random_() % below; }

  Requests Some(uint64_t count) {
    Requests requests;
    for (uint64_t i = 0; i < count; ++i) requests.push_back(One());
    return requests;
  }

 private:
  std::string Key() { return "key:" + std::to_string(Draw(12'000)); }
  std::string Value() { return std::string(Draw(60), static_cast<char>('a' + Draw(26))); }

  std::vector<std::string> One() {
    const std::string number = std::to_string(random_());
    switch (Draw(16)) {
      case 0:
        return {"DEL", Key()};
      case 1:
        return {"SET", Key(), Value(), "PX", std::to_string(1 + Draw(300))};
      case 2:
        return {"RENAME", Key(), Key()};
      case 3:
        return {"HSET", "hash:" + std::to_string(Draw(20)), std::to_string(Draw(30)), Value()};
      case 4:
        return {"INCR", "counter:" + std::to_string(Draw(500))};
      case 5:
        return {"PEXPIRE", Key(), std::to_string(1 + Draw(300))};
      case 6:
        return {"SET", "new:" + number, "v", "PX", "90"};
      case 7:
        return {"SCAN", "0", "COUNT", "20"};
      case 8:
      case 9:
        return {"GET", Key()};
      case 10:
        return {"ZADD", "ranks:" + std::to_string(Draw(10)), "1", std::to_string(Draw(90))};
      default:
        return {"SET", Key(), Value()};
    }
  }

  std::mt19937_64 random_;
};

void Fill(RecordedShard& shard, int keys) {
  for (int i = 0; i < keys;) {
    Requests requests;
    for (int end = std::min(i + 500, keys); i < end; ++i) {
      requests.push_back(
          {"SET", "key:" + std::to_string(i), std::string(static_cast<size_t>(i % 100), 'v')});
    }
    shard.Tick(requests);
  }
}

struct Load {
  const char* name;
  bool hides = false;
  size_t memory_bytes_max = 0;
  bool flushes = false;
};

class UnderLoad : public testing::TestWithParam<Load> {};

TEST_P(UnderLoad, EverySegmentIsExecutedAgain) {
  const Load& load = GetParam();
  RecordedShard shard({load.hides, size_t{4} << 20, {200, 2'000}, load.memory_bytes_max});
  Asker asker(1);
  Fill(shard, 10'000);
  for (int turn = 0; shard.recorder().counters().checkpoints < 6; ++turn) {
    ASSERT_LT(turn, 400) << shard.recorder().counters().segments << " segments, "
                         << shard.log().back();
    // Busy, then nearly idle, then with nothing to do.
    const uint64_t phase = asker.Draw(3);
    const bool flushes = load.flushes && asker.Draw(10) == 0;
    for (int tick = 0; tick < 40; ++tick) {
      Requests requests = asker.Some(phase == 0 ? 300 : phase == 1 ? 2 : 0);
      if (flushes && tick == 20) requests.push_back({"FLUSHALL"});
      shard.Tick(requests, phase == 0 ? 2ms : 10ms);
    }
    if (flushes) Fill(shard, 10'000);
  }
  shard.Finish();
  EXPECT_EQ(shard.recorder().counters().gaps, 0u);
  EXPECT_GT(shard.recorder().counters().checkpoint_ticks, 10u);
  EXPECT_GE(ReplaysEqually(shard.store()), 7u);
  EXPECT_EQ(shard.stats().evicted > 0, load.memory_bytes_max > 0);
}

INSTANTIATE_TEST_SUITE_P(Loads, UnderLoad,
                         testing::Values(Load{"whole"}, Load{"hashed", true},
                                         Load{"flushed", false, 0, true}),
                         [](const auto& param) { return std::string(param.param.name); });

// Worlds with faults whose shards begin new segments all the time, each with a checkpoint that
// takes many ticks.
struct WorldCase {
  const char* scenario;
  uint64_t seed;
};
class Checkpointed : public testing::TestWithParam<WorldCase> {};

TEST_P(Checkpointed, EverySegmentIsExecutedAgain) {
  WorldConfig config = MakeConfig(*FindScenario(GetParam().scenario), GetParam().seed, {});
  config.duration = std::min<Duration>(config.duration, 6s);
  RecordingStore store(GetParam().seed % 2 == 0, 40'000 * (1 + GetParam().seed % 5), {3, 1});
  config.recordings = &store;
  absl::StatusOr<std::unique_ptr<World>> world = World::Create(std::move(config), {});
  ASSERT_TRUE(world.ok());
  static_cast<void>((*world)->Run());
  world->reset();
  EXPECT_GT(ReplaysEqually(store), 0u);
}

std::vector<WorldCase> WorldCases() {
  std::vector<WorldCase> cases;
  const uint64_t seeds = std::getenv("QUORATE_LONG") != nullptr ? 100 : 15;
  for (const char* scenario : {"kv-3", "kv-hot", "kv-sole", "swarm"}) {
    for (uint64_t seed = 1; seed <= seeds; ++seed) cases.push_back({scenario, seed});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Seeds, Checkpointed, testing::ValuesIn(WorldCases()),
                         [](const auto& param) {
                           std::string name = param.param.scenario;
                           std::erase(name, '-');
                           return name + "_" + std::to_string(param.param.seed);
                         });

// --- what was never finished

// The blocks of a file, and where each ends.
std::vector<size_t> EndsOfBlocks(const Bytes& file) {
  std::vector<size_t> ends;
  for (size_t at = recording::kMagic.size() + sizeof(recording::kVersion); at < file.size();) {
    at += recording::kBlockHeaderBytes + ReadBigEndian<uint32_t>(file.data() + at);
    ends.push_back(at);
  }
  return ends;
}

class Unfinished : public testing::Test {
 protected:
  // Two segments; the second has its checkpoint in many blocks.
  void SetUp() override {
    RecordedShard shard({false, size_t{4} << 20, {200, 2'000}, 0});
    Asker asker(2);
    Fill(shard, 10'000);
    for (int i = 0; i < 2'000 && shard.recorder().counters().checkpoints < 1; ++i) {
      shard.Tick(asker.Some(300));
    }
    for (int tick = 0; tick < 20; ++tick) shard.Tick(asker.Some(300));
    shard.Finish();
    shard.store().ForEach(
        [this](const std::string&, const Bytes& bytes) { files_.push_back(bytes); });
    ASSERT_EQ(files_.size(), 2u);
  }
  std::vector<Bytes> files_;
};

TEST_F(Unfinished, NothingBeginsThereAndTheSegmentBeforeLeadsThere) {
  const auto before = recording::ReadRecording(files_[0]);
  ASSERT_TRUE(before.ok());
  const Bytes& file = files_[1];
  ASSERT_TRUE(recording::ReadRecording(file).ok());
  size_t refused = 0;
  uint64_t ticks = 0;
  for (const size_t end : EndsOfBlocks(file)) {
    const Bytes cut = file.substr(0, end);
    const auto alone = recording::ReadRecording(cut);
    if (alone.ok()) continue;
    if (alone.status().code() == absl::StatusCode::kOutOfRange) continue;  // of a header alone
    EXPECT_EQ(MessageOf(alone.status()),
              "its checkpoint was never finished, so nothing can begin there");
    const auto joined = recording::ReadBehind(*before, cut);
    ASSERT_TRUE(joined.ok()) << MessageOf(joined.status());
    if (++refused % 3 != 0) continue;
    const auto replay = ReplayShard(*joined);
    ASSERT_TRUE(replay.ok());
    EXPECT_FALSE(replay->differs);
    EXPECT_GE(replay->ticks, ticks);
    ticks = replay->ticks;
  }
  EXPECT_GT(refused, 3u);
  EXPECT_GT(ticks, ReplayShard(*before)->ticks);
}

TEST_F(Unfinished, OnlyNeighboursAreJoined) {
  const auto first = recording::ReadRecording(files_[0]);
  const auto second = recording::ReadRecording(files_[1]);
  ASSERT_TRUE(first.ok() && second.ok());
  const auto joined = recording::ReadBehind(*first, files_[1]);
  EXPECT_TRUE(joined.ok()) << MessageOf(joined.status());
  EXPECT_EQ(recording::ReadBehind(*second, files_[1]).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(recording::ReadBehind(*second, files_[0]).status().code(),
            absl::StatusCode::kFailedPrecondition);
  recording::Recording other = *first;
  other.header.options.record.incarnation.value += 1;
  EXPECT_EQ(recording::ReadBehind(other, files_[1]).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(Unfinished, BadBytesAreRefusedOneByOne) {
  const Bytes& good = files_[1];
  for (size_t at = 0; at < good.size(); at += 4'999) {
    Bytes bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    const auto read = recording::ReadRecording(bad);
    EXPECT_FALSE(read.ok()) << at;
    EXPECT_FALSE(recording::ReadRecording(good.substr(0, at)).ok() && at < good.size() / 4) << at;
  }
}

// An older reader would not know them, and a newer one must not take them for what they are not.
TEST_F(Unfinished, ThereAreNoPiecesInOlderVersions) {
  Bytes old = files_[1];
  old[recording::kMagic.size() + 3] = 3;
  EXPECT_FALSE(recording::ReadRecording(old).ok());
}

// A checkpoint that leaves no room for ticks ends the recording, and says so once.
TEST(Checkpoint, OneThatIsTooLargeEndsTheRecording) {
  RecordedShard shard({false, size_t{1} << 20, {200, 2'000}, 0});
  Asker asker(3);
  Fill(shard, 10'000);
  for (int tick = 0; tick < 400; ++tick) shard.Tick(asker.Some(100));
  const auto says = testing::HasSubstr("recording ends: a checkpoint of more than ");
  EXPECT_EQ(std::count_if(shard.log().begin(), shard.log().end(),
                          [&](const std::string& line) { return testing::Value(line, says); }),
            1);
  EXPECT_EQ(shard.recorder().counters().checkpoints, 0u);
}

}  // namespace
}  // namespace quorate::sim
