// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/shrink_judge.h"

#include <utility>

#include "sim/tool/first_of.h"
#include "sim/tool/observed.h"
#include "sim/tool/steady_seconds.h"
#include "sim/trace/replay.h"

namespace quorate::sim {

ForkedJudge::ForkedJudge(Failure wanted, uint32_t jobs, double seconds)
    : wanted_(std::move(wanted)), jobs_(jobs), began_(SteadySeconds()), seconds_max_(seconds) {}

double ForkedJudge::seconds() const { return SteadySeconds() - began_; }

Bytes ForkedJudge::Examine(const RunRecipe& recipe) const {
  const absl::StatusOr<Observed> observed = Observe(recipe);
  if (!observed.ok() || !SameFailure(observed->trace.failure, wanted_)) return {};
  if (!recipe.planted.empty()) {
    RunRecipe clean = recipe;
    clean.planted.clear();
    const absl::StatusOr<Observed> without = Observe(clean);
    if (!without.ok() || without->trace.failure) return {};
  }
  return EncodeObserved(observed);
}

std::optional<Sighting> ForkedJudge::Judge(const RunRecipe& recipe,
                                           const Children::Ended& ended) const {
  if (!ended.finished) {
    if (wanted_.kind != FailureKind::kAborted) return std::nullopt;
    return Sighting{recipe.duration, {}};
  }
  absl::StatusOr<Observed> observed = DecodeObserved(ended.answer);
  if (!observed.ok()) return std::nullopt;
  return Sighting{observed->time, std::move(observed->trace.recipe.operations)};
}

std::optional<Sighted> ForkedJudge::FirstThatFails(const std::vector<RunRecipe>& candidates) {
  const absl::StatusOr<Search> search = FirstOf(
      candidates.size(), jobs_, seconds_max_ - seconds(),
      [&](size_t candidate) { return Examine(candidates[candidate]); },
      [&](const Children::Ended& ended) {
        return Judge(candidates[ended.tag], ended).has_value();
      });
  // A machine that refuses leaves no time.
  if (!search.ok()) return std::nullopt;
  runs_ += search->started;
  if (!search->found) return std::nullopt;
  const size_t candidate = search->found->tag;
  return Sighted{candidate, *Judge(candidates[candidate], *search->found)};
}

}  // namespace quorate::sim
