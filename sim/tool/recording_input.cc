// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/recording_input.h"

#include <charconv>
#include <cstdio>
#include <fstream>
#include <optional>

#include "adapters/recording/shard_build.h"
#include "sim/recording/event_list.h"
#include "sim/scenario/bug_name.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"

namespace quorate::sim {

namespace {

// FILE, FILE.1 and FILE.2 are segments of a node, the newest first.
std::string SegmentBefore(const std::string& path) {
  constexpr std::string_view kSecond = ".1";
  if (!path.ends_with(kSecond)) return path + std::string(kSecond);
  return path.substr(0, path.size() - kSecond.size()) + ".2";
}

// A segment whose checkpoint was never finished, and the one before it, as one file.
absl::StatusOr<Bytes> JoinedWithBefore(const std::string& path, const Bytes& bytes) {
  const std::string before_path = SegmentBefore(path);
  const absl::StatusOr<Bytes> before_bytes = ReadFile(before_path);
  if (!before_bytes.ok()) {
    return FailedPrecondition(
        Format("its checkpoint was never finished, and %s, where it could be begun at, cannot be "
               "read",
               before_path));
  }
  const absl::StatusOr<recording::Recording> before = recording::ReadRecording(*before_bytes);
  if (!before.ok()) {
    return FailedPrecondition(
        Format("its checkpoint was never finished, and of %s, where it could "
               "be begun at: %s",
               before_path, MessageOf(before.status())));
  }
  QUORATE_ASSIGN_OR_RETURN(const recording::Recording joined,
                           recording::ReadBehind(*before, bytes));
  return recording::WriteRecording(joined);
}

}  // namespace

bool IsRecordingFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  Bytes magic(recording::kMagic.size(), '\0');
  file.read(magic.data(), static_cast<std::streamsize>(magic.size()));
  return file.good() && magic == recording::kMagic;
}

absl::Status OpenRecording(const std::string& path, bool planted, const Arguments& arguments,
                           RecordingInput& out) {
  out.path = path;
  if (arguments.bug != "none") {
    const std::optional<PlantedBug> bug = ParsePlantedBug(arguments.bug);
    if (!bug) return absl::NotFoundError("there is no planted bug " + arguments.bug);
    if (!planted) return absl::NotFoundError("planted bugs need quorate-sim-planted");
    out.planted = *bug;
  }
  QUORATE_ASSIGN_OR_RETURN(out.bytes, ReadFile(path));
  absl::StatusOr<recording::Recording> read = recording::ReadRecording(out.bytes);
  if (read.status().code() == absl::StatusCode::kFailedPrecondition) {
    QUORATE_ASSIGN_OR_RETURN(out.bytes, JoinedWithBefore(path, out.bytes));
    read = recording::ReadRecording(out.bytes);
  }
  QUORATE_ASSIGN_OR_RETURN(out.recording, std::move(read));
  const std::string& build = out.recording.header.build;
  if (build == recording::ShardBuild() || arguments.any_build) return absl::OkStatus();
  return FailedPrecondition(
      Format("it was recorded by build %s and this is build %s, which may do otherwise; "
             "--any-build takes it all the same",
             build, std::string(recording::ShardBuild())));
}

int RefuseRecording(const std::string& path, const absl::Status& status) {
  std::fprintf(stderr, "quorate-sim: %s: %s\n", path.c_str(), MessageOf(status).c_str());
  return status.code() == absl::StatusCode::kNotFound ? kExitUsage : kExitInput;
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

absl::Status CheckTick(const recording::Recording& recording, uint64_t tick) {
  QUORATE_ASSIGN_OR_RETURN(const uint64_t ticks, CountTicks(recording));
  const uint64_t before = recording.header.ticks;
  if (tick > before && tick - before <= ticks) return absl::OkStatus();
  return InvalidArgument(
      Format("it has the ticks %u to %u, not %u", before + 1, before + ticks, tick));
}

namespace {

std::string DescribeShrunk(const recording::Shrunk& shrunk) {
  if (shrunk.failure.empty()) return {};
  return Format(
      ", made small for '%s'%s: no node recorded it, and its ladder is what that build "
      "made of it%s",
      shrunk.failure, shrunk.planted.empty() ? "" : " where " + shrunk.planted + " is planted",
      shrunk.planted.empty() ? " before that" : " without it");
}

}  // namespace

std::string Describe(const recording::Header& header) {
  return Format("shard %u of %u of node %016x, %s, values %s, build %s", header.options.shard.value,
                header.options.shards, header.options.record.node.value,
                header.state_bytes == 0 ? "from its start"
                                        : Format("from a checkpoint after tick %u", header.ticks),
                header.hides ? "hashed" : "whole", header.build) +
         DescribeShrunk(header.shrunk);
}

std::string DescribeDifference(const ShardReplay& replay) {
  std::string text = Format("differs at tick %u", replay.differs.value_or(0));
  if (!replay.looked_in.empty()) {
    text += Format("; since tick %u commands (%s) have looked into values that it holds as hashes",
                   replay.looked_at_tick, replay.looked_in);
  }
  return text;
}

}  // namespace quorate::sim
