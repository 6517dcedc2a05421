// SPDX-License-Identifier: Apache-2.0
// What watchers of a replay are told, and what is said of it in words.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "engine/keyspace/stand_in.h"
#include "sim/recording/event_list.h"
#include "sim/recording/in_words.h"
#include "sim/recording/shard_replayer.h"
#include "sim/recording/tick_story.h"
#include "sim/recording/waiting.h"
#include "tests/sim/recording/recorded_world.h"

namespace quorate::sim {
namespace {

using Kind = recording::EventKind;

std::string Joined(const std::vector<std::string>& lines, size_t count = SIZE_MAX) {
  std::string text;
  for (size_t i = 0; i < std::min(count, lines.size()); ++i) text += lines[i] + "\n";
  return text;
}

TEST(EventList, HoldsEveryByteAndEveryTick) {
  for (const bool hides : {false, true}) {
    const auto world = RecordedWorld::Make("kv-3", 1, 6s, hides, 200'000);
    for (const recording::Recording& recording : world->recordings()) {
      std::string all, listed;
      for (const std::string_view block : recording.ticks) all += block;
      const absl::Status status =
          ForEachEvent(recording, [&listed](const RecordedEvent& event) { listed += event.bytes; });
      ASSERT_TRUE(status.ok()) << MessageOf(status);
      EXPECT_TRUE(listed == all);
      const auto replay = ReplayShard(recording);
      ASSERT_TRUE(replay.ok());
      EXPECT_EQ(*CountTicks(recording), replay->ticks);
    }
  }
}

TEST(EventList, MalformedEventsAreRefused) {
  const auto world = RecordedWorld::Make("kv-3", 1, 2s, false, size_t{1} << 24);
  recording::Recording bad = world->recordings().front();
  bad.ticks = {"\x63"};
  EXPECT_EQ(CountTicks(bad).status().code(), absl::StatusCode::kDataLoss);
  bad.ticks = {std::string_view("\x03\x7f", 2)};
  EXPECT_EQ(CountTicks(bad).status().code(), absl::StatusCode::kDataLoss);
}

// From some event on nothing is executed: what goes into that tick is told all the same, and
// nothing of what comes after it.
TEST(ShardReplayer, TellsWhatGoesIntoATickThatIsNotExecuted) {
  const auto world = RecordedWorld::Make("kv-3", 1, 3s, false, size_t{1} << 24);
  const recording::Recording& recording = world->largest();
  uint64_t begins = 0, events = 0, ticks = 0;
  ASSERT_TRUE(ForEachEvent(recording, [&](const RecordedEvent& event) {
                if (event.kind == Kind::kEndTick) ++ticks;
                if (event.kind == Kind::kBeginTick && ticks == 200) begins = events;
                ++events;
              }).ok());
  TickStory whole, told;
  const auto executed = ShardReplayer::Create(recording, {PlantedBug::kNone, {&whole}});
  ASSERT_TRUE(executed.ok());
  while ((*executed)->tick() < 201) ASSERT_TRUE(*(*executed)->Step());
  uint64_t taken = 0;
  const auto ends = ShardReplayer::Create(recording, {PlantedBug::kNone, {&told}, begins, &taken});
  ASSERT_TRUE(ends.ok());
  while (*(*ends)->Step()) continue;
  EXPECT_EQ((*ends)->tick(), 200u);
  EXPECT_GT(taken, begins);
  EXPECT_GT(told.lines().size(), 1u);
  EXPECT_EQ(Joined(told.lines()), Joined(whole.lines(), told.lines().size()));
}

// The shard knows itself how many clients it has and how many operations are under way.
TEST(Waiting, AgreesWithTheShard) {
  const auto world = RecordedWorld::Make("kv-hot", 2, 4s, false, size_t{1} << 24);
  for (const recording::Recording& recording : world->recordings()) {
    Waiting waiting(recording.header.ticks);
    const auto replayer = ShardReplayer::Create(recording, {PlantedBug::kNone, {&waiting}});
    ASSERT_TRUE(replayer.ok());
    while (*(*replayer)->Step()) {
      const node::Shard::Stats stats = (*replayer)->shard().stats();
      ASSERT_EQ(waiting.clients().size(), stats.clients) << (*replayer)->tick();
      ASSERT_LE(waiting.commits().size(), stats.commits);
    }
  }
}

TEST(InWords, AValueThatWasLeftOutIsItsLengthAndDigest) {
  Bytes value(40, '\0');
  keyspace::WriteStandIn(value.data(), value.size(), 0xabcdef);
  EXPECT_EQ(Shown(value), "(40 bytes, digest 0000000000abcdef)");
  EXPECT_EQ(Shown({"set", "key", value}), "set key (40 bytes, digest 0000000000abcdef)");
  EXPECT_EQ(ShownReply("$40\r\n" + value + "\r\n"), "\"(40 bytes, digest 0000000000abcdef)\"");
  EXPECT_EQ(Shown("a\n\x80z"), "a\\x0a\\x80z");
  EXPECT_EQ(ShownReply(":42\r\n"), "42");
  EXPECT_LT(Shown(std::string(100'000, 'x')).size(), 200u);
}

TEST(TickStory, ShowsNoValueOfARecordingThatLeavesThemOut) {
  const auto world = RecordedWorld::Make("kv-3", 2, 4s, true, size_t{1} << 24);
  TickStory story;
  size_t left_out = 0;
  const auto replayer = ShardReplayer::Create(world->largest(), {PlantedBug::kNone, {&story}});
  ASSERT_TRUE(replayer.ok());
  while (*(*replayer)->Step()) {
    const std::string text = Joined(story.lines());
    if (text.find("bytes, digest ") != std::string::npos) ++left_out;
    ASSERT_EQ(text.find("\x01"), std::string::npos) << text;
  }
  EXPECT_GT(left_out, 5u);
}

}  // namespace
}  // namespace quorate::sim
