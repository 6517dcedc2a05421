// SPDX-License-Identifier: Apache-2.0
// Recordings as tools take them: a file, which this build may execute again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/recording/format.h"
#include "engine/base/planted_bug.h"
#include "engine/base/status.h"
#include "sim/recording/shard_replayer.h"
#include "sim/tool/arguments.h"

namespace quorate::sim {

struct RecordingInput {
  std::string path;
  Bytes bytes;
  recording::Recording recording;  // points into them
  PlantedBug planted = PlantedBug::kNone;
};

// Whether the file is one; false where it cannot be read.
[[nodiscard]] bool IsRecordingFile(const std::string& path);
// Fills `out`, which stays where it is. Errors: NotFound where the command line makes no sense, all
// others are of the file; another build is one, unless --any-build.
absl::Status OpenRecording(const std::string& path, bool planted, const Arguments& arguments,
                           RecordingInput& out);
// Says what is wrong with the file, in a line. The exit code.
int RefuseRecording(const std::string& path, const absl::Status& status);

// "12" or "#12".
absl::StatusOr<uint64_t> ParseTick(std::string_view text);
// InvalidArgument where the recording has no such tick.
absl::Status CheckTick(const recording::Recording& recording, uint64_t tick);

// What it is of, in words.
[[nodiscard]] std::string Describe(const recording::Header& header);
// Where it differs, and what may be to blame. Requires: it does.
[[nodiscard]] std::string DescribeDifference(const ShardReplay& replay);

}  // namespace quorate::sim
