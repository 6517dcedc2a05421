// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/recording_command.h"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <map>
#include <utility>
#include <vector>

#include "adapters/recording/format.h"
#include "adapters/recording/shard_build.h"
#include "engine/hash/digest.h"
#include "sim/recording/shard_replayer.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"
#include "sim/world/failure.h"

namespace quorate::sim {
namespace {

struct Opened {
  Bytes bytes;
  recording::Recording recording;  // points into them
  PlantedBug planted = PlantedBug::kNone;
};

int Refuse(const std::string& path, const absl::Status& status) {
  std::fprintf(stderr, "quorate-sim: %s: %s\n", path.c_str(), MessageOf(status).c_str());
  return kExitInput;
}

absl::Status Open(const std::string& path, bool planted, const Arguments& arguments, Opened& out) {
  QUORATE_ASSIGN_OR_RETURN(out.bytes, ReadFile(path));
  QUORATE_ASSIGN_OR_RETURN(out.recording, recording::ReadRecording(out.bytes));
  if (arguments.bug != "none") {
    const std::optional<PlantedBug> bug = ParsePlantedBug(arguments.bug);
    if (!bug) return InvalidArgument("there is no planted bug " + arguments.bug);
    if (!planted) return InvalidArgument("planted bugs need quorate-sim-planted");
    out.planted = *bug;
  }
  const std::string& build = out.recording.header.build;
  if (build == recording::ShardBuild() || arguments.any_build) return absl::OkStatus();
  return FailedPrecondition(
      Format("it was recorded by build %s and this is build %s, which may do otherwise; "
             "--any-build replays it all the same",
             build, std::string(recording::ShardBuild())));
}

std::string Describe(const recording::Header& header) {
  return Format("shard %u of %u of node %016x, %s, values %s, build %s", header.options.shard.value,
                header.options.shards, header.options.record.node.value,
                header.state_bytes == 0 ? "from its start"
                                        : Format("from a checkpoint after tick %u", header.ticks),
                header.hides ? "hashed" : "whole", header.build);
}

std::string DescribeDifference(const ShardReplay& replay) {
  std::string text = Format("differs at tick %u", *replay.differs);
  if (!replay.looked_in.empty()) {
    text += Format("; since tick %u commands (%s) have looked into values that it holds as hashes",
                   replay.looked_at_tick, replay.looked_in);
  }
  return text;
}

absl::StatusOr<uint64_t> ParseTick(std::string_view text) {
  if (text.starts_with('#')) text.remove_prefix(1);
  uint64_t tick = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), tick);
  if (error != std::errc() || end != text.data() + text.size() || tick == 0) {
    return InvalidArgument("'" + std::string(text) + "' is not the number of a tick");
  }
  return tick;
}

}  // namespace

bool IsRecordingFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Bytes magic(recording::kMagic.size(), '\0');
  file.read(magic.data(), static_cast<std::streamsize>(magic.size()));
  return file.good() && magic == recording::kMagic;
}

int ReplayRecordingFile(const std::string& path, bool planted, const Arguments& arguments) {
  Opened opened;
  if (const absl::Status status = Open(path, planted, arguments, opened); !status.ok()) {
    return Refuse(path, status);
  }
  std::printf("recording: %s%s\n", Describe(opened.recording.header).c_str(),
              opened.recording.unfinished ? ", its last block never finished" : "");
  const auto began = std::chrono::steady_clock::now();
  const absl::StatusOr<ShardReplay> replay = ReplayShard(opened.recording, opened.planted);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
  if (!replay.ok()) return Refuse(path, replay.status());
  if (replay->differs) {
    std::printf("replay: %s\n", DescribeDifference(*replay).c_str());
  } else {
    std::printf("replay: equal over %llu ticks\n", static_cast<unsigned long long>(replay->ticks));
  }
  std::printf(
      "%s recording shard=%u segment=%llu ticks=%llu requests=%llu messages=%llu "
      "wall=%.3fs hash=%016llx\n",
      replay->differs ? "FAILED" : "ok", opened.recording.header.options.shard.value,
      static_cast<unsigned long long>(opened.recording.header.segment),
      static_cast<unsigned long long>(replay->ticks),
      static_cast<unsigned long long>(replay->requests),
      static_cast<unsigned long long>(replay->messages), wall.count(),
      static_cast<unsigned long long>(replay->hash));
  return replay->differs ? ExitCodeOf(FailureKind::kDiverged) : kExitOk;
}

int WhyTick(const std::string& path, std::string_view wanted, bool planted,
            const Arguments& arguments) {
  Opened opened;
  if (const absl::Status status = Open(path, planted, arguments, opened); !status.ok()) {
    return Refuse(path, status);
  }
  uint64_t tick = 0;
  if (wanted.empty()) {
    const absl::StatusOr<ShardReplay> replay = ReplayShard(opened.recording, opened.planted);
    if (!replay.ok()) return Refuse(path, replay.status());
    if (!replay->differs) {
      std::printf("it goes as recorded: name a tick\n");
      return kExitHolds;
    }
    std::printf("%s\n", DescribeDifference(*replay).c_str());
    tick = *replay->differs;
  } else {
    const absl::StatusOr<uint64_t> parsed = ParseTick(wanted);
    if (!parsed.ok()) return Refuse(path, parsed.status());
    tick = *parsed;
  }
  size_t shown = 0;
  const absl::StatusOr<ShardReplay> replay =
      ReplayShard(opened.recording, opened.planted, [&](const TickEvent& event) {
        if (event.tick != tick) return;
        ++shown;
        std::printf("tick %llu %s\n", static_cast<unsigned long long>(tick), event.text.c_str());
      });
  if (!replay.ok()) return Refuse(path, replay.status());
  const uint64_t before = opened.recording.header.ticks;
  if (shown > 0) return kExitOk;
  return Refuse(path, InvalidArgument(Format("it has the ticks %u to %u, not %u", before + 1,
                                             before + replay->ticks, tick)));
}

namespace {

// The events of each tick, as one number.
absl::StatusOr<std::map<uint64_t, uint64_t>> TicksOf(const Opened& opened) {
  std::map<uint64_t, uint64_t> ticks;
  const absl::StatusOr<ShardReplay> replay =
      ReplayShard(opened.recording, opened.planted, [&ticks](const TickEvent& event) {
        uint64_t& hash = ticks[event.tick];
        hash = hash::Digest(event.text, hash);
      });
  if (!replay.ok()) return replay.status();
  return ticks;
}

}  // namespace

int DiffRecordings(const std::string& a, const std::string& b, const Arguments& arguments) {
  std::vector<std::map<uint64_t, uint64_t>> ticks;
  for (const std::string& path : {a, b}) {
    Opened opened;
    if (const absl::Status status = Open(path, false, arguments, opened); !status.ok()) {
      return Refuse(path, status);
    }
    const absl::StatusOr<std::map<uint64_t, uint64_t>> found = TicksOf(opened);
    if (!found.ok()) return Refuse(path, found.status());
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
