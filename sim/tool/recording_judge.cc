// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/recording_judge.h"

#include <algorithm>
#include <utility>

#include "adapters/recording/limits.h"
#include "adapters/recording/shard_build.h"
#include "sim/scenario/bug_name.h"
#include "sim/tool/first_of.h"
#include "sim/tool/steady_seconds.h"

namespace quorate::sim {
namespace {

// Of the first ticks, in blocks of the usual size.
Bytes FileOf(const recording::Recording& cut, const std::vector<Bytes>& ticks, uint64_t count,
             recording::Shrunk shrunk) {
  recording::Recording whole = cut;
  whole.header.build = recording::ShardBuild();
  whole.header.shrunk = std::move(shrunk);
  whole.ticks.clear();
  std::vector<Bytes> blocks;
  for (uint64_t tick = 0; tick < count && tick < ticks.size(); ++tick) {
    if (blocks.empty() || blocks.back().size() >= recording::kBlockBytes) blocks.emplace_back();
    blocks.back() += ticks[tick];
  }
  for (const Bytes& block : blocks) whole.ticks.push_back(block);
  return recording::WriteRecording(whole);
}

absl::Status Replay(const recording::Recording& recording, Mender& mender, uint64_t events_max) {
  return ReplayShard(recording, {PlantedBug::kNone, {&mender}, events_max, nullptr, &mender})
      .status();
}

// The checkpoint without the keys that are not kept.
absl::StatusOr<Bytes> StateWith(const ShrinkBase& base, const Subset& kept) {
  std::vector<CheckpointKey> keys;
  keys.reserve(kept.size());
  for (const size_t key : kept) keys.push_back(base.keys[key]);
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<ShardReplayer> replayer,
                           ShardReplayer::Create(base.draft.recording(), {}));
  Bytes state;
  replayer->shard().Save(state, false, [&keys](PoolId pool, std::string_view key) {
    return std::binary_search(keys.begin(), keys.end(), CheckpointKey(pool, key));
  });
  return state;
}

}  // namespace

ForkedRecordingJudge::ForkedRecordingJudge(std::string death, PlantedBug planted, uint32_t jobs,
                                           double seconds)
    : death_(std::move(death)),
      planted_(planted),
      jobs_(jobs),
      began_(SteadySeconds()),
      seconds_max_(seconds) {}

double ForkedRecordingJudge::seconds() const { return SteadySeconds() - began_; }

std::string ForkedRecordingJudge::failure() const {
  return death_.empty() ? "a tick differs" : death_;
}

bool ForkedRecordingJudge::Fails(const ReplayedApart& end) const {
  if (!death_.empty()) return !end.replay && end.death == death_;
  return end.replay && end.replay->differs;
}

absl::StatusOr<ShrinkBase> ForkedRecordingJudge::BaseOf(Bytes file) {
  QUORATE_ASSIGN_OR_RETURN(RecordingDraft draft, RecordingDraft::Of(std::move(file)));
  ShrinkBase base{std::move(draft), {}, {}};
  AnswersOf unknown;
  const recording::Recording& recording = base.draft.recording();
  QUORATE_ASSIGN_OR_RETURN(
      const ReplayedApart end,
      ReplayApart(recording, {PlantedBug::kNone, {}, UINT64_MAX, nullptr, &unknown}));
  if (!end.replay && !dies_itself()) {
    return FailedPrecondition("without the bug it dies, too: " + end.death);
  }
  const uint64_t events_max = end.replay ? UINT64_MAX : end.event;
  QUORATE_ASSIGN_OR_RETURN(
      const std::unique_ptr<ShardReplayer> replayer,
      ShardReplayer::Create(
          recording, {PlantedBug::kNone, {&base.answers}, events_max, nullptr, &base.answers}));
  if (recording.header.state_bytes > 0 && events_max > 0) {
    for (const node::PoolOptions& pool : recording.header.options.pools) {
      replayer->shard().ForEachObject(pool.pool, [&](std::string_view key, std::string_view) {
        base.keys.emplace_back(pool.pool, key);
      });
    }
    std::sort(base.keys.begin(), base.keys.end());
  }
  for (bool more = true; more;) {
    QUORATE_ASSIGN_OR_RETURN(more, replayer->Step());
  }
  return base;
}

Bytes ForkedRecordingJudge::Examine(const ShrinkBase& base, const DraftCut& cut) const {
  recording::Recording left;
  left.header = base.draft.recording().header;
  left.header.shrunk = {};
  left.state = base.draft.recording().state;
  if (cut.keys) {
    absl::StatusOr<Bytes> state = StateWith(base, *cut.keys);
    if (!state.ok()) return {};
    left.state = *std::move(state);
    left.header.state_bytes = left.state.size();
  }
  const Bytes ticks = base.draft.Assemble(cut);
  left.ticks = {ticks};
  uint64_t events_max = UINT64_MAX;
  if (dies_itself()) {
    Mender mender(cut.events, base.answers);
    const absl::StatusOr<ReplayedApart> end =
        ReplayApart(left, {PlantedBug::kNone, {&mender}, UINT64_MAX, nullptr, &mender});
    if (!end.ok() || !Fails(*end)) return {};
    events_max = end->event;
  }
  Mender mender(cut.events, base.answers);
  if (!Replay(left, mender, events_max).ok()) return {};
  return Verify(left, mender.ticks());
}

Bytes ForkedRecordingJudge::Verify(const recording::Recording& cut,
                                   const std::vector<Bytes>& ticks) const {
  recording::Shrunk shrunk;
  shrunk.failure = failure();
  if (!dies_itself()) shrunk.planted = NameOf(planted_);
  shrunk.rungs = ticks.size();
  const Bytes all = FileOf(cut, ticks, ticks.size(), shrunk);
  const absl::StatusOr<recording::Recording> recording = recording::ReadRecording(all);
  if (!recording.ok()) return {};
  const absl::StatusOr<ReplayedApart> end = ReplayApart(*recording, {planted_, {}});
  if (!end.ok() || !Fails(*end)) return {};
  const uint64_t failing = end->tick - cut.header.ticks;
  // Nobody knows how a tick would end that nobody comes through.
  shrunk.rungs = dies_itself() ? failing - 1 : failing;
  return FileOf(cut, ticks, failing, shrunk);
}

std::optional<RecordingJudge::Judged> ForkedRecordingJudge::FirstThatFails(
    const ShrinkBase& base, const std::vector<DraftCut>& cuts) {
  absl::StatusOr<Search> search = FirstOf(
      cuts.size(), jobs_, seconds_max_ - seconds(),
      [&](size_t cut) { return Examine(base, cuts[cut]); },
      [](const Children::Ended& ended) { return ended.finished && !ended.answer.empty(); });
  // A machine that refuses leaves no time.
  if (!search.ok()) return std::nullopt;
  runs_ += search->started;
  std::optional<Children::Ended>& found = search->found;
  if (!found) return std::nullopt;
  return Judged{found->tag, std::move(found->answer)};
}

}  // namespace quorate::sim
