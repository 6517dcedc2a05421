// SPDX-License-Identifier: Apache-2.0
// Recordings that are taken apart and put together again, whole and made small.
#include "sim/recording/shrinker.h"

#include <gtest/gtest.h>

#include <numeric>

#include "sim/recording/in_words.h"
#include "sim/recording/mender.h"
#include "sim/recording/shard_replayer.h"
#include "tests/sim/recording/recorded_world.h"

namespace quorate::sim {
namespace {

Subset AllOf(size_t count) {
  Subset all(count);
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

absl::Status Edit(const recording::Recording& recording, EventEditor& editor,
                  ReplayObserver& observer) {
  return ReplayShard(recording, {PlantedBug::kNone, {&observer}, UINT64_MAX, nullptr, &editor})
      .status();
}

std::string Joined(const std::vector<std::string_view>& parts) {
  std::string all;
  for (const std::string_view part : parts) all += part;
  return all;
}

std::string Joined(const std::vector<Bytes>& parts) {
  return Joined(std::vector<std::string_view>(parts.begin(), parts.end()));
}

// Where nothing goes nothing is to be mended, and the ladder is the one that was recorded.
TEST(Mender, ChangesNothingWhereNothingIsGone) {
  for (const bool hides : {false, true}) {
    const auto world = RecordedWorld::Make("kv-hot", 3, 6s, hides, 200'000);
    for (const recording::Recording& recording : world->recordings()) {
      const auto draft = RecordingDraft::Of(recording::WriteRecording(recording));
      ASSERT_TRUE(draft.ok()) << MessageOf(draft.status());
      const DraftCut whole{AllOf(draft->events().size()), AllOf(draft->rows().size()), {}};
      EXPECT_TRUE(draft->Assemble(whole) == Joined(recording.ticks));
      AnswersOf answers;
      ASSERT_TRUE(Edit(recording, answers, answers).ok());
      Mender mender(whole.events, answers);
      ASSERT_TRUE(Edit(recording, mender, mender).ok());
      EXPECT_TRUE(Joined(mender.ticks()) == Joined(recording.ticks));
    }
  }
}

// Without the first of its requests a shard asks under other numbers: the answers follow.
TEST(Mender, AnswersFindTheirQuestions) {
  const auto world = RecordedWorld::Make("kv-3", 1, 4s, false, size_t{1} << 24);
  const auto draft = RecordingDraft::Of(recording::WriteRecording(world->largest()));
  ASSERT_TRUE(draft.ok());
  AnswersOf answers;
  ASSERT_TRUE(Edit(draft->recording(), answers, answers).ok());
  DraftCut cut;
  size_t requests = 0;
  for (size_t i = 0; i < draft->events().size(); ++i) {
    const bool request = draft->events()[i].event.kind == recording::EventKind::kRequest;
    if (request && ++requests <= 5) continue;
    cut.events.push_back(i);
  }
  ASSERT_GT(requests, 50u);
  recording::Recording left = draft->recording();
  const Bytes ticks = draft->Assemble(cut);
  left.ticks = {ticks};

  class Answered final : public ReplayObserver {
   public:
    void Replied(PoolId, ClientId, commands::RequestSlot, std::string_view reply) override {
      if (!reply.starts_with('-')) ++count;
    }
    size_t count = 0;
  };
  const auto answered = [](const recording::Recording& recording, EventEditor* editor,
                           std::vector<ReplayObserver*> watchers) {
    Answered counted;
    watchers.push_back(&counted);
    EXPECT_TRUE(
        ReplayShard(recording, {PlantedBug::kNone, watchers, UINT64_MAX, nullptr, editor}).ok());
    return counted.count;
  };
  AnswersOf nothing;  // an editor that changes nothing
  const size_t of_all = answered(draft->recording(), nullptr, {});
  const size_t as_recorded = answered(left, &nothing, {});
  Mender mender(cut.events, answers);
  const size_t mended = answered(left, &mender, {&mender});
  EXPECT_GE(mended + 8, of_all);
  EXPECT_LT(as_recorded, of_all / 2) << "this is what there is to be mended";
}

// Fails where a client is told `reply` when it asks for `words`.
class ToldJudge final : public RecordingJudge, public ReplayObserver {
 public:
  ToldJudge(std::string words, std::string reply)
      : words_(std::move(words)), reply_(std::move(reply)) {}

  absl::StatusOr<ShrinkBase> BaseOf(Bytes file) override {
    QUORATE_ASSIGN_OR_RETURN(RecordingDraft draft, RecordingDraft::Of(std::move(file)));
    ShrinkBase base{std::move(draft), {}, {}};
    const recording::Recording& recording = base.draft.recording();
    QUORATE_RETURN_IF_ERROR(Edit(recording, base.answers, base.answers));
    if (recording.state.empty()) return base;
    QUORATE_ASSIGN_OR_RETURN(const auto loaded, ShardReplayer::Create(recording, {}));
    const PoolId pool = recording.header.options.pools.front().pool;
    loaded->shard().ForEachObject(
        pool, [&](std::string_view key, std::string_view) { base.keys.emplace_back(pool, key); });
    std::sort(base.keys.begin(), base.keys.end());
    return base;
  }

  std::optional<Judged> FirstThatFails(const ShrinkBase& base,
                                       const std::vector<DraftCut>& cuts) override {
    for (size_t i = 0; i < cuts.size(); ++i) {
      recording::Recording left = base.draft.recording();
      const Bytes ticks = base.draft.Assemble(cuts[i]);
      left.ticks = {ticks};
      if (cuts[i].keys) left.state = StateWith(base, *cuts[i].keys);
      left.header.state_bytes = left.state.size();
      Mender mender(cuts[i].events, base.answers);
      told_ = false;
      asked_.clear();
      if (!ReplayShard(left, {PlantedBug::kNone, {&mender, this}, UINT64_MAX, nullptr, &mender})
               .ok() ||
          !told_) {
        continue;
      }
      const Bytes mended = Joined(mender.ticks());
      left.ticks = {mended};
      return Judged{i, recording::WriteRecording(left)};
    }
    return std::nullopt;
  }

  [[nodiscard]] bool Fails(const recording::Recording& recording) {
    told_ = false;
    const auto replay = ReplayShard(recording, {PlantedBug::kNone, {this}});
    return replay.ok() && !replay->differs && told_;
  }

  void Asked(PoolId, ClientId client, commands::RequestSlot slot,
             const std::vector<std::string_view>& args) override {
    asked_[{client, slot.value}] = Shown(args);
  }
  void Replied(PoolId, ClientId client, commands::RequestSlot slot,
               std::string_view reply) override {
    told_ = told_ || (asked_[{client, slot.value}] == words_ && ShownReply(reply) == reply_);
  }

 private:
  static Bytes StateWith(const ShrinkBase& base, const Subset& kept) {
    const auto loaded = ShardReplayer::Create(base.draft.recording(), {});
    EXPECT_TRUE(loaded.ok());
    Bytes state;
    (*loaded)->shard().Save(state, false, [&](PoolId pool, std::string_view key) {
      const CheckpointKey wanted(pool, key);
      return std::any_of(kept.begin(), kept.end(),
                         [&](size_t index) { return base.keys[index] == wanted; });
    });
    return state;
  }

  const std::string words_;
  const std::string reply_;
  std::map<std::pair<ClientId, uint64_t>, std::string> asked_;
  bool told_ = false;
};

// The last reply to a GET that tells of a value.
class LastTold final : public ReplayObserver {
 public:
  void Asked(PoolId, ClientId client, commands::RequestSlot slot,
             const std::vector<std::string_view>& args) override {
    asked_[{client, slot.value}] = Shown(args);
  }
  void Replied(PoolId, ClientId client, commands::RequestSlot slot,
               std::string_view reply) override {
    const std::string& asked = asked_[{client, slot.value}];
    if (!asked.starts_with("GET") || !reply.starts_with('$') || reply.starts_with("$-")) return;
    words = asked;
    told = ShownReply(reply);
  }
  std::string words, told;

 private:
  std::map<std::pair<ClientId, uint64_t>, std::string> asked_;
};

TEST(RecordingShrinker, LeavesWhatTheFailureNeeds) {
  const auto world = RecordedWorld::Make("kv-3", 2, 12s, false, 40'000);
  size_t shrunk = 0;
  for (const recording::Recording& recording : world->recordings()) {
    LastTold last;
    ASSERT_TRUE(ReplayShard(recording, {PlantedBug::kNone, {&last}}).ok());
    if (recording.state.empty() || last.words.empty()) continue;
    ToldJudge judge(last.words, last.told);
    auto base = judge.BaseOf(recording::WriteRecording(recording));
    ASSERT_TRUE(base.ok()) << MessageOf(base.status());
    RecordingShrinker shrinker(*std::move(base), judge, [](const RecordingSize&) {});
    const RecordingSize before = shrinker.size();
    const absl::Status status = shrinker.Run();
    ASSERT_TRUE(status.ok()) << MessageOf(status);
    const auto small = recording::ReadRecording(shrinker.file());
    ASSERT_TRUE(small.ok()) << MessageOf(small.status());
    EXPECT_TRUE(judge.Fails(*small)) << last.words;
    const RecordingSize after = shrinker.size();
    EXPECT_LE(after.clients, 2u) << Describe(after);
    EXPECT_LE(after.requests, 4u) << Describe(after);
    EXPECT_LE(after.messages, 6u) << Describe(after);
    EXPECT_LE(after.rows, 2u) << Describe(after);
    EXPECT_LE(after.ticks, 12u) << Describe(after);
    EXPECT_GT(before.rows, 5u) << Describe(before);
    ++shrunk;
  }
  EXPECT_GT(shrunk, 0u);
}

TEST(RecordingDraft, RefusesWhatIsNoRecording) {
  EXPECT_FALSE(RecordingDraft::Of("nonsense").ok());
  const auto world = RecordedWorld::Make("kv-3", 1, 2s, false, size_t{1} << 24);
  recording::Recording bad = world->recordings().front();
  bad.ticks = {std::string_view("\x03\x01x", 3)};
  EXPECT_FALSE(RecordingDraft::Of(recording::WriteRecording(bad)).ok());
}

}  // namespace
}  // namespace quorate::sim
