// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/shrink_recording.h"

#include <cstdio>
#include <utility>

#include "sim/recording/shrinker.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"
#include "sim/tool/input.h"
#include "sim/tool/recording_input.h"
#include "sim/tool/recording_judge.h"
#include "sim/tool/shrink_command.h"

namespace quorate::sim {
namespace {

void Print(const ForkedRecordingJudge& judge, const RecordingSize& before,
           const RecordingSize& after, const std::string& file, const std::string& bug) {
  const std::string program = bug == "none" ? "quorate-sim" : "quorate-sim-planted";
  const std::string with = bug == "none" ? "" : " --bug " + bug;
  std::printf("failure:   %s\nbefore:    %s\nafter:     %s\nreplay:    %s replay %s%s\n",
              judge.failure().c_str(), Describe(before).c_str(), Describe(after).c_str(),
              program.c_str(), file.c_str(), with.c_str());
  std::printf(
      "shrunk recording ticks=%llu clients=%zu requests=%zu messages=%zu rows=%zu "
      "runs=%llu wall=%.1f s\n",
      static_cast<unsigned long long>(after.ticks), after.clients, after.requests, after.messages,
      after.rows, static_cast<unsigned long long>(judge.runs()), judge.seconds());
}

bool Holds(const ReplayedApart& end) { return end.replay && !end.replay->differs; }

// What keeps a failure from being made small; ok where nothing does.
absl::Status Judge(const ReplayedApart& end, const RecordingInput& input) {
  const std::optional<ShardReplay>& replay = end.replay;
  if (!replay || !replay->differs || input.planted != PlantedBug::kNone) return absl::OkStatus();
  return FailedPrecondition(
      Format("it %s, and what made its ladder is not here: only a replay that dies, or one with "
             "--bug, is made small",
             DescribeDifference(*replay)));
}

}  // namespace

int ShrinkRecording(const std::string& path, bool planted, const Arguments& arguments) {
  RecordingInput input;
  absl::Status status = OpenRecording(path, planted, arguments, input);
  if (!status.ok()) return RefuseRecording(path, status);
  const absl::StatusOr<ReplayedApart> end = ReplayApart(input.recording, {input.planted, {}});
  status = end.ok() ? Judge(*end, input) : end.status();
  if (!status.ok()) return RefuseRecording(path, status);
  if (Holds(*end)) {
    std::printf("it goes as recorded: there is nothing to make small\n");
    return kExitHolds;
  }
  ForkedRecordingJudge judge(end->death, input.planted, arguments.jobs, ShrinkSeconds(arguments));
  absl::StatusOr<ShrinkBase> base = judge.BaseOf(std::move(input.bytes));
  if (!base.ok()) return RefuseRecording(path, base.status());
  const auto told = [&judge](const RecordingSize& size) {
    std::fprintf(stderr, "shrink: %.1f s, %llu runs: %s\n", judge.seconds(),
                 static_cast<unsigned long long>(judge.runs()), Describe(size).c_str());
  };
  RecordingShrinker shrinker(*std::move(base), judge, told);
  const RecordingSize before = shrinker.size();
  status = shrinker.Run();
  if (!status.ok()) return RefuseRecording(path, status);
  if (shrinker.file().empty()) {
    return RefuseRecording(
        path, FailedPrecondition("it did not fail in the same way once more, in that time: " +
                                 judge.failure()));
  }
  const std::string file = arguments.keep.empty() ? path + ".small" : arguments.keep;
  status = WriteFile(file, shrinker.file());
  if (!status.ok()) return RefuseInput("shrink", absl::UnavailableError(MessageOf(status)));
  Print(judge, before, shrinker.size(), file, arguments.bug);
  return kExitOk;
}

}  // namespace quorate::sim
