// SPDX-License-Identifier: Apache-2.0
// A recording of which a replay dies of itself, with no bug planted: a sibling shard tells of a
// setting that there is none of, which no shard of this build does.
#include "sim/tool/recording_judge.h"

#include <gtest/gtest.h>

#include "adapters/recording/message_form.h"
#include "tests/sim/recording/recorded_world.h"

namespace quorate::sim {
namespace {

using recording::EventKind;

// The recording with such a message in a tick of its middle.
Bytes Deadly(const recording::Recording& recording) {
  const auto draft = RecordingDraft::Of(recording::WriteRecording(recording));
  EXPECT_TRUE(draft.ok());
  const recording::Header& header = draft->recording().header;
  wire::Message message;
  message.sender = {header.options.record.node, header.options.record.incarnation, {}};
  message.body = wire::Settings{{{"no-such-setting", "1"}}};
  Bytes bytes(recording::MessageBytesMax(message), '\0');
  recording::HiddenParts scratch;
  const char* const end = recording::WriteMessage(bytes.data(), message, false, scratch);
  bytes.resize(static_cast<size_t>(end - bytes.data()));
  Bytes ticks;
  for (const DraftEvent& event : draft->events()) {
    ticks += event.event.bytes;
    if (event.event.kind != EventKind::kBeginTick || event.tick != draft->ticks() / 2) continue;
    ticks.push_back(static_cast<char>(EventKind::kMessage));
    ticks += bytes;
  }
  recording::Recording deadly = draft->recording();
  deadly.ticks = {ticks};
  return recording::WriteRecording(deadly);
}

TEST(RecordingJudge, MakesSmallWhatDiesOfItself) {
  const auto world = RecordedWorld::Make("kv-sole", 1, 3s, false, size_t{1} << 24);
  const Bytes file = Deadly(world->largest());
  const auto recording = recording::ReadRecording(file);
  ASSERT_TRUE(recording.ok());
  const auto end = ReplayApart(*recording, {});
  ASSERT_TRUE(end.ok()) << MessageOf(end.status());
  ASSERT_FALSE(end->replay);
  EXPECT_NE(end->death.find("invariant broken"), std::string::npos) << end->death;
  EXPECT_GT(end->tick, 20u);

  ForkedRecordingJudge judge(end->death, PlantedBug::kNone, 1, 30.0);
  auto base = judge.BaseOf(file);
  ASSERT_TRUE(base.ok()) << MessageOf(base.status());
  RecordingShrinker shrinker(*std::move(base), judge, [](const RecordingSize&) {});
  ASSERT_TRUE(shrinker.Run().ok());
  const auto small = recording::ReadRecording(shrinker.file());
  ASSERT_TRUE(small.ok()) << MessageOf(small.status());
  const auto again = ReplayApart(*small, {});
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->replay);
  EXPECT_EQ(again->death, end->death);
  // The tick of the start may have to stay; the one that dies has no rung.
  EXPECT_LE(shrinker.size().ticks, 2u);
  EXPECT_EQ(shrinker.size().messages, 1u);
  EXPECT_EQ(shrinker.size().requests, 0u);
  EXPECT_EQ(small->header.shrunk.failure, end->death);
  EXPECT_EQ(small->header.shrunk.rungs + 1, shrinker.size().ticks);
}

}  // namespace
}  // namespace quorate::sim
