// SPDX-License-Identifier: Apache-2.0
// Runs the candidates of a shrinker, each in a process of its own. A candidate fails as it must
// where the same oracle finds the same kind of failure; and where a bug is planted, only if the run
// holds without it: otherwise something else would be made small.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/tool/children.h"
#include "sim/trace/shrink.h"
#include "sim/world/failure.h"

namespace quorate::sim {

class ForkedJudge final : public ShrinkJudge {
 public:
  // `seconds`: until nothing is run any more.
  ForkedJudge(Failure wanted, uint32_t jobs, double seconds);
  std::optional<Sighted> FirstThatFails(const std::vector<RunRecipe>& candidates) override;

  [[nodiscard]] uint64_t runs() const { return runs_; }
  [[nodiscard]] double seconds() const;  // since the beginning
  [[nodiscard]] bool has_time() const override { return seconds() < seconds_max_; }

 private:
  // In the child: the sighting, or nothing.
  [[nodiscard]] Bytes Examine(const RunRecipe& recipe) const;
  [[nodiscard]] std::optional<Sighting> Judge(const RunRecipe& recipe,
                                              const Children::Ended& ended) const;

  const Failure wanted_;
  const uint32_t jobs_;
  const double began_;
  const double seconds_max_;
  uint64_t runs_ = 0;
};

}  // namespace quorate::sim
