// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/reduce.h"

#include <algorithm>
#include <numeric>

namespace quorate::sim {
namespace {

// Candidates that are handed over at once: each is a copy of the list.
constexpr size_t kCandidatesMax = 16;

Subset Without(const Subset& whole, size_t begin, size_t length) {
  Subset rest(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(begin));
  const size_t end = std::min(whole.size(), begin + length);
  rest.insert(rest.end(), whole.begin() + static_cast<ptrdiff_t>(end), whole.end());
  return rest;
}

// Takes away windows of that length, from the end: what comes late matters least to what comes
// before it. True if any went.
bool Sweep(Subset& kept, size_t length, const FirstThatHolds& test) {
  bool went = false;
  size_t end = kept.size();  // what lies behind it has been tried
  while (end > 0) {
    std::vector<Subset> candidates;
    std::vector<size_t> begins;
    for (size_t at = end; at > 0 && begins.size() < kCandidatesMax; at = begins.back()) {
      begins.push_back(at > length ? at - length : 0);
      candidates.push_back(Without(kept, begins.back(), at - begins.back()));
    }
    const std::optional<size_t> found = test(candidates);
    end = begins[found.value_or(begins.size() - 1)];
    if (!found) continue;
    kept = std::move(candidates[*found]);
    went = true;
  }
  return went;
}

}  // namespace

Subset Reduce(size_t size, const FirstThatHolds& test) {
  Subset kept(size);
  std::iota(kept.begin(), kept.end(), size_t{0});
  if (size == 0) return kept;
  if (test({Subset{}})) return {};
  for (size_t length = (size + 1) / 2; length > 1; length = (length + 1) / 2) {
    length = std::min(length, std::max<size_t>(1, (kept.size() + 1) / 2));
    if (length == 1) break;
    Sweep(kept, length, test);
  }
  while (kept.size() > 1 && Sweep(kept, 1, test)) continue;
  return kept;
}

Subset ReduceGroups(const std::vector<std::string>& group_of, const FirstThatHolds& test) {
  std::vector<std::string> groups = group_of;
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  std::vector<size_t> numbers;  // of each item's group
  numbers.reserve(group_of.size());
  for (const std::string& name : group_of) {
    const auto at = std::lower_bound(groups.begin(), groups.end(), name);
    numbers.push_back(static_cast<size_t>(at - groups.begin()));
  }
  const auto items_of = [&](const Subset& kept) {
    std::vector<bool> stays(groups.size());
    for (const size_t group : kept) stays[group] = true;
    Subset items;
    for (size_t item = 0; item < numbers.size(); ++item) {
      if (stays[numbers[item]]) items.push_back(item);
    }
    return items;
  };
  return items_of(Reduce(groups.size(), [&](const std::vector<Subset>& subsets) {
    std::vector<Subset> items;
    items.reserve(subsets.size());
    for (const Subset& subset : subsets) items.push_back(items_of(subset));
    return test(items);
  }));
}

}  // namespace quorate::sim
