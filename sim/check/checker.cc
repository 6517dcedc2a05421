// SPDX-License-Identifier: Apache-2.0
#include "sim/check/checker.h"

#include <vector>

#include "sim/check/search.h"
#include "sim/check/zones.h"

namespace quorate::sim::check {

absl::StatusOr<Findings> CheckHistory(History& history, Model model, uint64_t steps_max) {
  QUORATE_RETURN_IF_ERROR(Normalise(history, model));
  const ValueId initial = InitialOf(model, history.values);
  const std::vector<Problem> problems = SplitByKey(history, initial);
  Findings findings;
  ZoneChecker zones;
  for (uint32_t key = 0; key < problems.size(); ++key) {
    const Problem& problem = problems[key];
    if (problem.entries.empty()) continue;
    const std::optional<Verdict> by_zones = zones.Check(problem);
    Verdict verdict = Verdict::kUnknown;
    if (by_zones.has_value()) {
      ++findings.keys_by_zones;
      verdict = *by_zones;
    } else {
      ++findings.keys_by_search;
      verdict = Search(problem, history.values, steps_max).Run();
    }
    if (verdict == Verdict::kNotLinearizable) {
      findings.verdict = verdict;
      findings.key = key;
      findings.window = WindowFinder(problem, history.values, by_zones.has_value()).Find();
      return findings;
    }
    if (verdict == Verdict::kUnknown) {
      if (++findings.keys_unknown == 1) findings.key = key;
      findings.verdict = verdict;
    }
  }
  return findings;
}

}  // namespace quorate::sim::check
