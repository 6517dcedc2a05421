// SPDX-License-Identifier: Apache-2.0
#include "sim/check/problem.h"

#include <algorithm>
#include <tuple>

namespace quorate::sim::check {

std::vector<Problem> SplitByKey(const History& history, ValueId initial) {
  std::vector<Problem> problems(history.keys.size());
  std::vector<uint32_t> sizes(history.keys.size(), 0);
  for (const Operation& operation : history.operations) ++sizes[operation.key];
  for (size_t key = 0; key < problems.size(); ++key) {
    problems[key].starts = {initial};
    problems[key].entries.reserve(sizes[key]);
  }
  for (size_t i = 0; i < history.operations.size(); ++i) {
    const Operation& operation = history.operations[i];
    if (operation.returned == kNever && !Changes(operation.action)) continue;
    problems[operation.key].entries.push_back(
        {operation.action, operation.value, operation.expected, static_cast<uint32_t>(i),
         operation.called, operation.returned, operation.returned == kNever});
  }
  const auto by_call = [](const Entry& a, const Entry& b) {
    return std::tie(a.called, a.operation) < std::tie(b.called, b.operation);
  };
  for (Problem& problem : problems) {
    if (!std::is_sorted(problem.entries.begin(), problem.entries.end(), by_call)) {
      std::sort(problem.entries.begin(), problem.entries.end(), by_call);
    }
  }
  return problems;
}

}  // namespace quorate::sim::check
