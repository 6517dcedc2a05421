// SPDX-License-Identifier: Apache-2.0
// What is kept of the recording of a shard for its page.
#include "sim/page/recording_collector.h"

#include <gtest/gtest.h>

#include <memory>

#include "sim/page/limits.h"
#include "sim/page/page.h"
#include "sim/recording/event_list.h"
#include "sim/recording/shard_replayer.h"
#include "tests/sim/recording/recorded_world.h"

namespace quorate::sim {
namespace {

class CollectedRecording : public testing::Test {
 protected:
  CollectedRecording()
      : world_(RecordedWorld::Make("kv-3", 1, 4s, false, size_t{1} << 24)),
        recording_(world_->largest()),
        topology_(*topology::Topology::Decode(recording_.header.topology)) {}

  std::unique_ptr<RecordingCollector> Look(RecordingPlan plan, uint64_t events_max = UINT64_MAX) {
    auto collector =
        std::make_unique<RecordingCollector>(recording_.header, topology_, std::move(plan));
    const auto replay = ReplayShard(recording_, {PlantedBug::kNone, {collector.get()}, events_max});
    EXPECT_TRUE(replay.ok());
    collector->Finish();
    return collector;
  }

  std::unique_ptr<RecordedWorld> world_;
  const recording::Recording& recording_;
  const topology::Topology topology_;
};

TEST_F(CollectedRecording, HoldsEveryTickMessageAndOperation) {
  const auto replay = ReplayShard(recording_);
  ASSERT_TRUE(replay.ok());
  const auto collector = Look({});
  const PageContent& content = collector->content();
  ASSERT_LT(collector->events(), kPageEventsMax) << "choose a shorter world";
  uint64_t ticks = 0, arrived = 0;
  for (const auto& [id, entry] : content.events) {
    if (entry.kind == "tick") ++ticks;
    if (entry.kind == "message-arrived") ++arrived;
    EXPECT_LT(entry.event.cause, id);
  }
  EXPECT_EQ(ticks, replay->ticks);
  EXPECT_EQ(arrived, replay->messages);
  EXPECT_EQ(content.operations.size(), replay->requests);
  EXPECT_FALSE(content.plan.failure);
  size_t answered = 0;
  for (const auto& [number, operation] : content.operations) {
    if (operation.verdict == PageVerdict::kOk) ++answered;
  }
  EXPECT_GT(answered, content.operations.size() / 2);
}

// Nobody can draw what a process did that died; what went in is known.
TEST_F(CollectedRecording, ATickInWhichItDiedIsTheFailure) {
  RecordingPlan plan;
  plan.failure = Failure{FailureKind::kAborted, "process", "it goes on", "it died", EventId{}};
  plan.failing_tick = 101;
  uint64_t begins = 0, events = 0, ticks = 0;
  ASSERT_TRUE(ForEachEvent(recording_, [&](const RecordedEvent& event) {
                if (event.kind == recording::EventKind::kEndTick && ++ticks == 101) begins = events;
                ++events;
              }).ok());
  const auto collector = Look(plan, begins);
  const PageContent& content = collector->content();
  ASSERT_TRUE(content.plan.failure);
  const PageEvent& last = content.events.at(content.plan.failure->event);
  EXPECT_EQ(last.kind, "tick");
  EXPECT_EQ(last.tick, 101u);
  EXPECT_EQ(last.note, "tick 101: the process died in it");
  EXPECT_TRUE(last.chain);
  EXPECT_EQ(content.plan.chain.back(), content.plan.failure->event);
  EXPECT_EQ(last.event.id.value, collector->events());
}

TEST_F(CollectedRecording, TimesThatAreAskedForAreKept) {
  RecordingPlan plan;
  plan.times = {SimTime{1'000'000}, SimTime{2'000'000}};
  const auto collector = Look(plan);
  ASSERT_FALSE(collector->content().events.empty());
  for (const auto& [id, entry] : collector->content().events) {
    EXPECT_GE(entry.event.time.us, 1'000'000u);
    EXPECT_LE(entry.event.time.us, 2'000'000u);
  }
}

TEST_F(CollectedRecording, WhatConcernsAKeyIsKeptFromAnywhere) {
  RecordingPlan plan;
  plan.key = "string:1";
  plan.times.from = SimTime{3'000'000};
  const auto collector = Look(plan);
  size_t early = 0, named = 0;
  for (const auto& [id, entry] : collector->content().events) {
    if (entry.event.time.us >= 3'000'000) continue;
    EXPECT_TRUE(entry.story);
    ++early;
    if (entry.key == "string:1") ++named;
  }
  EXPECT_GT(named, 3u);
  EXPECT_GT(early, named) << "answers, ticks and commits belong to it, too";
}

TEST_F(CollectedRecording, StaysInItsLimitsHoweverLongItIs) {
  RecordingPlan plan;
  plan.key = "k";
  RecordingCollector collector(recording_.header, topology_, plan);
  const std::string value(10'000, 'v');
  constexpr uint64_t kTicks = 3 * kPageEventsMax;
  for (uint64_t tick = 1; tick <= kTicks; ++tick) {
    collector.TickBegan(tick, {Instant(Duration(static_cast<int64_t>(tick))), {}});
    collector.Asked({}, ClientId{tick % 100}, {tick},
                    {"SET", tick % 2 == 0 ? "k" : "other", value});
    collector.Replied({}, ClientId{tick % 100}, {tick}, "+OK\r\n");
    collector.TickEnded(tick, 1, 1);
  }
  collector.Finish();
  const PageContent& content = collector.content();
  EXPECT_EQ(content.events.size(), kPageEventsMax + kPageStoryMax);
  EXPECT_LE(content.operations.size(), 2 * kPageOperationsMax);
  EXPECT_GT(content.left_out.story, 0u);
  EXPECT_GT(content.left_out.operations, 0u);
  PageRun run;
  run.nodes = static_cast<uint32_t>(collector.places().size());
  run.events = collector.events();
  EXPECT_LT(MakePage(content, run, ChooseLanes(content, run.nodes, {})).size(), kPageBytesMax);
}

}  // namespace
}  // namespace quorate::sim
