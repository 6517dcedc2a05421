// SPDX-License-Identifier: Apache-2.0
// Whole worlds with faults, whose shards are recorded: each segment of each life is executed again,
// alone, to the ladder that it had; and to be recorded changes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "sim/recording/event_list.h"
#include "sim/recording/shard_replayer.h"
#include "sim/scenario/scenario.h"
#include "sim/world/recording_store.h"
#include "sim/world/world.h"
#include "tests/sim/recording/recorded_world.h"

namespace quorate::sim {
namespace {

struct Case {
  const char* scenario;
  uint64_t seed;
  bool hides;
};

RunResult RunWith(WorldConfig config) {
  absl::StatusOr<std::unique_ptr<World>> world = World::Create(std::move(config), {});
  EXPECT_TRUE(world.ok()) << MessageOf(world.status());
  return (*world)->Run();
}

WorldConfig ConfigOf(const char* scenario, uint64_t seed) {
  WorldConfig config = MakeConfig(*FindScenario(scenario), seed, {});
  config.duration = std::min<Duration>(config.duration, 12s);
  return config;
}

class Recorded : public testing::TestWithParam<Case> {};

TEST_P(Recorded, IsExecutedAgain) {
  WorldConfig config = ConfigOf(GetParam().scenario, GetParam().seed);
  const uint64_t plain = RunWith(config).hash;
  RecordingStore store(GetParam().hides, 200'000);
  config.recordings = &store;
  EXPECT_EQ(RunWith(config).hash, plain);
  size_t files = 0;
  uint64_t requests = 0;
  store.ForEach([&](const std::string& name, const Bytes& bytes) {
    const auto recording = recording::ReadRecording(bytes);
    ASSERT_TRUE(recording.ok()) << name << ": " << MessageOf(recording.status());
    const auto replay = ReplayShard(*recording);
    ASSERT_TRUE(replay.ok()) << name << ": " << MessageOf(replay.status());
    // Commands that look into values cannot go on as they did where these were left out.
    const bool excused = recording->header.hides && !replay->looked_in.empty();
    EXPECT_TRUE(!replay->differs || excused)
        << name << " at tick " << *replay->differs << " " << replay->looked_in;
    ++files;
    requests += replay->requests;
  });
  EXPECT_GE(files, config.nodes);
  EXPECT_GT(requests, 100u);
}

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const char* scenario : {"kv-3", "kv-hot", "kv-sole", "swarm"}) {
    for (uint64_t seed = 1; seed <= 10; ++seed) cases.push_back({scenario, seed, seed % 2 == 0});
  }
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Seeds, Recorded, testing::ValuesIn(Cases()), [](const auto& param) {
  std::string name = param.param.scenario;
  std::erase(name, '-');
  return name + "_" + std::to_string(param.param.seed);
});

// The bytes of the first life of the first node.
Bytes FirstOf(const RecordingStore& store) {
  Bytes first;
  store.ForEach([&first](const std::string&, const Bytes& bytes) {
    if (first.empty()) first = bytes;
  });
  return first;
}

TEST(Recording, BadBytesAreRefusedOneByOne) {
  WorldConfig config = ConfigOf("kv-3", 1);
  config.duration = 2s;
  RecordingStore store(true, size_t{1} << 20);
  config.recordings = &store;
  RunWith(config);
  const Bytes good = FirstOf(store);
  ASSERT_TRUE(recording::ReadRecording(good).ok());
  size_t whole = 0;
  for (size_t size = 0; size < good.size(); size += 37) {
    if (recording::ReadRecording(good.substr(0, size)).ok()) ++whole;
  }
  EXPECT_LE(whole, 2u) << "only between two blocks";
  for (size_t at = 0; at < good.size(); at += 211) {
    Bytes bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x10);
    EXPECT_FALSE(recording::ReadRecording(bad).ok()) << at;
  }
  // What was being written when the process ended.
  const auto torn =
      recording::ReadRecording(good + Bytes(recording::kBlockHeaderBytes, '\0') + "x");
  ASSERT_TRUE(torn.ok());
  EXPECT_TRUE(torn->unfinished);
}

// What another release would set and this one cannot: nothing is made of it.
TEST(Recording, SettingsOfAnotherReleaseAreRefused) {
  recording::Recording recording;
  recording.header.options.shards = 1;
  recording.header.options.settings = {{"from-the-future", "1"}};
  const auto read = recording::ReadRecording(recording::WriteRecording(recording));
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(read.status().message()), testing::HasSubstr("from-the-future"));
  recording.header.options.settings = {{"timeout", "7"}};
  EXPECT_TRUE(recording::ReadRecording(recording::WriteRecording(recording)).ok());
}

// A file written by the first version of the format. It stays as it is.
TEST(Recording, ReadsTheKeptFileOfVersionOne) {
  std::ifstream input(std::string(QUORATE_KEPT_RECORDINGS) + "/kept_v1.recording",
                      std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(input), {}};
  const auto recording = recording::ReadRecording(bytes);
  ASSERT_TRUE(recording.ok()) << MessageOf(recording.status());
  EXPECT_EQ(recording->header.options.shard.value, 3);
  EXPECT_EQ(recording->header.options.shards, 4);
  EXPECT_EQ(recording->header.shrunk, recording::Shrunk());
  const auto ticks = CountTicks(*recording);
  ASSERT_TRUE(ticks.ok());
  EXPECT_EQ(*ticks, 36u);
}

// The same of version 2, whose messages are frames.
TEST(Recording, ReadsTheKeptFileOfVersionTwo) {
  std::ifstream input(std::string(QUORATE_KEPT_RECORDINGS) + "/kept_v2.recording",
                      std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(input), {}};
  const auto recording = recording::ReadRecording(bytes);
  ASSERT_TRUE(recording.ok()) << MessageOf(recording.status());
  size_t messages = 0;
  const absl::Status read = ForEachEvent(*recording, [&messages](const RecordedEvent& event) {
    if (!IsMessage(event.kind)) return;
    ByteReader reader(event.bytes.substr(1));
    const auto message = MessageOfEvent(event.kind, reader);
    ASSERT_TRUE(message.ok()) << MessageOf(message.status());
    EXPECT_NE(message->sender.node, NodeId());
    ++messages;
  });
  ASSERT_TRUE(read.ok()) << MessageOf(read);
  EXPECT_EQ(messages, 31u);
  const auto ticks = CountTicks(*recording);
  ASSERT_TRUE(ticks.ok());
  EXPECT_EQ(*ticks, 59u);
}

// The same of version 3, whose checkpoint is a state in one piece.
TEST(Recording, ReadsTheKeptFileOfVersionThree) {
  std::ifstream input(std::string(QUORATE_KEPT_RECORDINGS) + "/kept_v3.recording",
                      std::ios::binary);
  const Bytes bytes{std::istreambuf_iterator<char>(input), {}};
  const auto recording = recording::ReadRecording(bytes);
  ASSERT_TRUE(recording.ok()) << MessageOf(recording.status());
  EXPECT_EQ(recording->header.segment, 1u);
  EXPECT_EQ(recording->header.ticks, 644u);
  EXPECT_FALSE(recording->header.continues);
  EXPECT_EQ(recording->state.size(), 4459u);
  EXPECT_EQ(recording->header.state_bytes, recording->state.size());
  EXPECT_EQ(recording::WriteRecording(*recording).size(), bytes.size() + 1) << "of the new flag";
  const auto ticks = CountTicks(*recording);
  ASSERT_TRUE(ticks.ok());
  EXPECT_EQ(*ticks, 21u);
}

TEST(Recording, SaysWhatItWasMadeSmallFor) {
  const auto world = RecordedWorld::Make("kv-3", 1, 2s, false, size_t{1} << 24);
  recording::Recording recording = world->recordings().front();
  recording.header.shrunk = {"a check failed", "read-fewer", 2};
  const Bytes file = recording::WriteRecording(recording);
  const auto again = recording::ReadRecording(file);
  ASSERT_TRUE(again.ok()) << MessageOf(again.status());
  EXPECT_EQ(again->header.shrunk, recording.header.shrunk);
  EXPECT_EQ(recording::WriteRecording(*again), file);
}

// Behind the last rung that is known nothing can differ.
TEST(Recording, OnlyRungsThatAreKnownCount) {
  const auto world = RecordedWorld::Make("kv-3", 2, 2s, false, size_t{1} << 24);
  recording::Recording other = world->largest();
  other.header.options.record.incarnation.value += 1;
  const auto differing = ReplayShard(other);
  ASSERT_TRUE(differing.ok());
  const uint64_t first = differing->differs.value_or(0);
  ASSERT_GT(first, 1u);
  other.header.shrunk = {"a tick differs", "", first - 1};
  const auto before = ReplayShard(other);
  ASSERT_TRUE(before.ok());
  EXPECT_FALSE(before->differs);
  EXPECT_GT(before->ticks, first);
  other.header.shrunk.rungs = first;
  const auto at = ReplayShard(other);
  ASSERT_TRUE(at.ok());
  EXPECT_EQ(at->differs, first);
}

// An engine that does otherwise is found out at the tick in which it does.
TEST(Recording, TheFirstTickThatDiffersIsNamed) {
  WorldConfig config = ConfigOf("kv-3", 2);
  config.duration = 2s;
  RecordingStore store(false, size_t{1} << 24);
  config.recordings = &store;
  RunWith(config);
  const Bytes bytes = FirstOf(store);
  absl::StatusOr<recording::Recording> recording = recording::ReadRecording(bytes);
  ASSERT_TRUE(recording.ok());
  const auto same = ReplayShard(*recording);
  ASSERT_TRUE(same.ok());
  EXPECT_FALSE(same->differs);
  recording->header.options.record.incarnation.value += 1;
  const auto other = ReplayShard(*recording);
  ASSERT_TRUE(other.ok());
  ASSERT_TRUE(other->differs);
  EXPECT_GT(*other->differs, 1u);
  EXPECT_LT(*other->differs, same->ticks);
}

}  // namespace
}  // namespace quorate::sim
