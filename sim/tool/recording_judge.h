// SPDX-License-Identifier: Apache-2.0
// Executes cuts of a recording, each in a process of its own. One fails as it must where the same
// check fails with the same words; or, where a bug is planted, where a tick differs from the ladder
// that the same cut has without the bug. Without the bug it must come to its end: otherwise
// something else would be made small.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/planted_bug.h"
#include "sim/recording/shrinker.h"
#include "sim/tool/replay_apart.h"

namespace quorate::sim {

class ForkedRecordingJudge final : public RecordingJudge {
 public:
  // `death`: the words of the check; empty: a tick differs. `seconds`: until nothing is run any
  // more.
  ForkedRecordingJudge(std::string death, PlantedBug planted, uint32_t jobs, double seconds);

  absl::StatusOr<ShrinkBase> BaseOf(Bytes file) override;
  std::optional<Judged> FirstThatFails(const ShrinkBase& base,
                                       const std::vector<DraftCut>& cuts) override;

  // What a replay must end with, in words.
  [[nodiscard]] std::string failure() const;
  [[nodiscard]] uint64_t runs() const { return runs_; }
  [[nodiscard]] double seconds() const;  // since the beginning

 private:
  // In the child: the file, or nothing.
  [[nodiscard]] Bytes Examine(const ShrinkBase& base, const DraftCut& cut) const;
  // The file of what was executed, if it fails as it must; nothing behind that is in it.
  [[nodiscard]] Bytes Verify(const recording::Recording& cut,
                             const std::vector<Bytes>& ticks) const;
  [[nodiscard]] bool Fails(const ReplayedApart& end) const;
  // Without a bug the check fails in whatever is replayed.
  [[nodiscard]] bool dies_itself() const { return planted_ == PlantedBug::kNone; }

  const std::string death_;
  const PlantedBug planted_;
  const uint32_t jobs_;
  const double began_;
  const double seconds_max_;
  uint64_t runs_ = 0;
};

}  // namespace quorate::sim
