// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/recording_command.h"

#include <cstdio>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "engine/hash/digest.h"
#include "sim/recording/shard_replayer.h"
#include "sim/recording/tick_story.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/recording_input.h"
#include "sim/tool/steady_seconds.h"
#include "sim/world/failure.h"

namespace quorate::sim {

namespace {

// Of a recording that was made small not every tick has a rung.
std::string DescribeEqual(const recording::Shrunk& shrunk, const ShardReplay& replay) {
  if (shrunk.failure.empty() || replay.ticks <= shrunk.rungs) {
    return Format("equal over %u ticks", replay.ticks);
  }
  return Format("equal over %u ticks, and through %u behind them that have no rung", shrunk.rungs,
                replay.ticks - shrunk.rungs);
}

}  // namespace

int ReplayRecordingFile(const std::string& path, bool planted, const Arguments& arguments) {
  RecordingInput opened;
  if (const absl::Status status = OpenRecording(path, planted, arguments, opened); !status.ok()) {
    return RefuseRecording(path, status);
  }
  std::printf("recording: %s%s\n", Describe(opened.recording.header).c_str(),
              opened.recording.unfinished ? ", its last block never finished" : "");
  const double began = SteadySeconds();
  const absl::StatusOr<ShardReplay> replay = ReplayShard(opened.recording, {opened.planted, {}});
  const double seconds = SteadySeconds() - began;
  if (!replay.ok()) return RefuseRecording(path, replay.status());
  if (replay->differs) {
    std::printf("replay: %s\n", DescribeDifference(*replay).c_str());
  } else {
    std::printf("replay: %s\n", DescribeEqual(opened.recording.header.shrunk, *replay).c_str());
  }
  std::printf(
      "%s recording shard=%u segment=%llu ticks=%llu requests=%llu messages=%llu "
      "wall=%.3fs hash=%016llx\n",
      replay->differs ? "FAILED" : "ok", opened.recording.header.options.shard.value,
      static_cast<unsigned long long>(opened.recording.header.segment),
      static_cast<unsigned long long>(replay->ticks),
      static_cast<unsigned long long>(replay->requests),
      static_cast<unsigned long long>(replay->messages), seconds,
      static_cast<unsigned long long>(replay->hash));
  return replay->differs ? ExitCodeOf(FailureKind::kDiverged) : kExitOk;
}

int WhyTick(const std::string& path, std::string_view wanted, bool planted,
            const Arguments& arguments) {
  RecordingInput opened;
  if (const absl::Status status = OpenRecording(path, planted, arguments, opened); !status.ok()) {
    return RefuseRecording(path, status);
  }
  uint64_t tick = 0;
  if (wanted.empty()) {
    const absl::StatusOr<ShardReplay> replay = ReplayShard(opened.recording, {opened.planted, {}});
    if (!replay.ok()) return RefuseRecording(path, replay.status());
    if (!replay->differs) {
      std::printf("it goes as recorded: name a tick\n");
      return kExitHolds;
    }
    std::printf("%s\n", DescribeDifference(*replay).c_str());
    tick = replay->differs.value_or(0);
  } else {
    const absl::StatusOr<uint64_t> parsed = ParseTick(wanted);
    if (!parsed.ok()) return RefuseRecording(path, parsed.status());
    tick = *parsed;
  }
  if (const absl::Status known = CheckTick(opened.recording, tick); !known.ok()) {
    return RefuseRecording(path, known);
  }
  TickStory story;
  const absl::StatusOr<std::unique_ptr<ShardReplayer>> replayer =
      ShardReplayer::Create(opened.recording, {opened.planted, {&story}});
  if (!replayer.ok()) return RefuseRecording(path, replayer.status());
  absl::StatusOr<bool> more = true;
  while ((*replayer)->tick() + 1 < tick && *more) {
    more = (*replayer)->Step();
    if (!more.ok()) return RefuseRecording(path, more.status());
  }
  if (*more) more = (*replayer)->Step();
  if (!more.ok()) return RefuseRecording(path, more.status());
  if ((*replayer)->tick() != tick) {
    return RefuseRecording(
        path, FailedPrecondition(Format("it %s, before tick %u",
                                        DescribeDifference((*replayer)->result()), tick)));
  }
  for (const std::string& line : story.lines()) {
    std::printf("tick %llu %s\n", static_cast<unsigned long long>(tick), line.c_str());
  }
  return kExitOk;
}

namespace {

// What went into each tick and came out of it, as one number.
absl::StatusOr<std::map<uint64_t, uint64_t>> TicksOf(const RecordingInput& opened) {
  std::map<uint64_t, uint64_t> ticks;
  TickStory story;
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<ShardReplayer> replayer,
                           ShardReplayer::Create(opened.recording, {opened.planted, {&story}}));
  for (bool more = true; more;) {
    QUORATE_ASSIGN_OR_RETURN(more, replayer->Step());
    if (!more) break;
    uint64_t& hash = ticks[replayer->tick()];
    for (const std::string& line : story.lines()) hash = hash::Digest(line, hash);
  }
  return ticks;
}

}  // namespace

int DiffRecordings(const std::string& a, const std::string& b, const Arguments& arguments) {
  std::vector<std::map<uint64_t, uint64_t>> ticks;
  for (const std::string& path : {a, b}) {
    RecordingInput opened;
    if (const absl::Status status = OpenRecording(path, false, arguments, opened); !status.ok()) {
      return RefuseRecording(path, status);
    }
    const absl::StatusOr<std::map<uint64_t, uint64_t>> found = TicksOf(opened);
    if (!found.ok()) return RefuseRecording(path, found.status());
    ticks.push_back(*found);
  }
  uint64_t shared = 0;
  for (const auto& [tick, hash] : ticks[0]) {
    const auto other = ticks[1].find(tick);
    if (other == ticks[1].end()) continue;
    ++shared;
    if (other->second == hash) continue;
    std::printf("they part at tick %llu\n", static_cast<unsigned long long>(tick));
    for (const std::string& path : {a, b}) {
      std::printf("%s:\n", path.c_str());
      static_cast<void>(WhyTick(path, std::to_string(tick), false, arguments));
    }
    return kExitDiffers;
  }
  std::printf("equal: %llu ticks are in both\n", static_cast<unsigned long long>(shared));
  return kExitOk;
}

}  // namespace quorate::sim
