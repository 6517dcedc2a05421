// SPDX-License-Identifier: Apache-2.0
#include "sim/check/window.h"

#include <algorithm>
#include <set>
#include <string>

#include "sim/check/limits.h"
#include "sim/check/search.h"

namespace quorate::sim::check {
namespace {

// Everything that appends of `tails` can have made `value` of.
void AddBeginnings(ValueId value, const std::vector<ValueId>& tails, ValueTable& values,
                   std::set<ValueId>& out) {
  std::vector<ValueId> left = {value};
  while (!left.empty()) {
    const ValueId whole = left.back();
    left.pop_back();
    if (!out.insert(whole).second) continue;
    for (const ValueId tail : tails) {
      const std::string_view text = values.text(whole);
      const std::string_view end = values.text(tail);
      if (end.empty() || !text.ends_with(end)) continue;
      left.push_back(values.Intern(std::string(text.substr(0, text.size() - end.size()))));
    }
  }
}

}  // namespace

WindowFinder::WindowFinder(const Problem& problem, ValueTable& values, bool by_zones)
    : problem_(problem), values_(values), by_zones_(by_zones) {
  Place returned_max = 0;
  for (uint32_t i = 0; i < problem.entries.size(); ++i) {
    const Entry& entry = problem.entries[i];
    calls_.push_back(entry.called);
    if (!entry.optional) {
      returns_.push_back(entry.returned);
      returned_max = std::max(returned_max, entry.returned);
    } else {
      optional_.push_back(i);
    }
    returned_max_.push_back(returned_max);
    if (entry.action == Action::kAppend) first_append_ = std::min(first_append_, entry.called);
    if (Changes(entry.action)) first_written_.emplace_back(entry.value, entry.called);
  }
  std::sort(returns_.begin(), returns_.end());
  std::sort(first_written_.begin(), first_written_.end());
  const auto same_value = [](const auto& a, const auto& b) { return a.first == b.first; };
  first_written_.erase(std::unique(first_written_.begin(), first_written_.end(), same_value),
                       first_written_.end());
}

bool WindowFinder::WrittenBefore(ValueId value, Place from) const {
  if (value == problem_.starts.front() || first_append_ < from) return true;
  const auto at = std::lower_bound(first_written_.begin(), first_written_.end(),
                                   std::pair<ValueId, Place>(value, 0));
  return at != first_written_.end() && at->first == value && at->second < from;
}

std::vector<ValueId> WindowFinder::StartsOf(const Problem& part, Place from) {
  std::vector<ValueId> tails;
  for (const Entry& entry : part.entries) {
    if (entry.action == Action::kAppend) tails.push_back(entry.value);
  }
  std::set<ValueId> candidates;
  for (const Entry& entry : part.entries) {
    if (entry.action == Action::kRead) AddBeginnings(entry.value, tails, values_, candidates);
    if (entry.action == Action::kCas) candidates.insert(entry.expected);
  }
  std::vector<ValueId> starts;
  for (const ValueId value : candidates) {
    if (WrittenBefore(value, from)) starts.push_back(value);
  }
  starts.push_back(kOtherValue);
  return starts;
}

WindowFinder::Part WindowFinder::PartOf(Place from, Place to) {
  const std::vector<Entry>& all = problem_.entries;
  const auto begins = [](const Entry& entry, Place place) { return entry.called < place; };
  size_t first =
      static_cast<size_t>(std::lower_bound(all.begin(), all.end(), from, begins) - all.begin());
  while (first > 0 && returned_max_[first - 1] > from) --first;
  Part part;
  for (const uint32_t i : optional_) {
    if (i >= first) break;
    part.problem.entries.push_back(all[i]);
    part.overlap.push_back(all[i].operation);
  }
  for (size_t i = first; i < all.size() && all[i].called <= to; ++i) {
    Entry entry = all[i];
    if (entry.returned < from) continue;
    if (entry.called >= from && !entry.optional && entry.returned <= to) {
      part.within.push_back(entry.operation);
    } else {
      if (!Changes(entry.action)) continue;
      entry.optional = true;
      part.overlap.push_back(entry.operation);
    }
    part.problem.entries.push_back(entry);
  }
  part.problem.starts = from <= all.front().called ? problem_.starts : StartsOf(part.problem, from);
  return part;
}

bool WindowFinder::Wrong(Place from, Place to) {
  const Part part = PartOf(from, to);
  within_ = part.within.size();
  return IsWrong(part.problem);
}

bool WindowFinder::IsWrong(const Problem& part) {
  work_ += part.entries.size() + 1;
  if (by_zones_) return zones_.Check(part) == Verdict::kNotLinearizable;
  Search search(part, values_, kWindowSearchSteps + 8 * part.entries.size());
  const Verdict verdict = search.Run();
  work_ += search.steps();
  return verdict == Verdict::kNotLinearizable;
}

// One after the other need not have been, as long as the rest is wrong.
std::vector<uint32_t> WindowFinder::CulpritsOf(Part part) {
  if (part.within.size() > kWindowRowsMax) return part.within;
  std::vector<uint32_t> culprits;
  std::vector<Entry>& entries = part.problem.entries;
  for (size_t i = 0; i < entries.size();) {
    const Entry entry = entries[i];
    if (entry.optional) {
      ++i;
      continue;
    }
    const auto at = entries.begin() + static_cast<std::ptrdiff_t>(i);
    if (Changes(entry.action)) {
      at->optional = true;
    } else {
      entries.erase(at);
    }
    if (IsWrong(part.problem)) continue;
    if (Changes(entry.action)) {
      entries[i] = entry;
    } else {
      entries.insert(entries.begin() + static_cast<std::ptrdiff_t>(i), entry);
    }
    culprits.push_back(entry.operation);
    ++i;
  }
  return culprits;
}

// What is wrong is mostly short: then one of two halves, or of what lies across their border, is
// wrong as well.
WindowFinder::Range WindowFinder::Halve() {
  size_t begin = 0;
  size_t end = calls_.size();
  const auto place_of = [this](size_t call) {
    return call < calls_.size() ? calls_[call] : returns_.back();
  };
  for (bool smaller = true; smaller && end - begin > kWindowWholeMax;) {
    smaller = false;
    const size_t quarter = (end - begin) / 4;
    for (size_t i = 0; i < 3 && !smaller; ++i) {
      const size_t low = begin + i * quarter;
      const size_t high = i == 2 ? end : low + 2 * quarter;
      if (!Wrong(calls_[low], place_of(high))) continue;
      begin = low;
      end = high;
      smaller = true;
    }
  }
  return {begin, place_of(end)};
}

// A longer beginning of a wrong history is wrong, too.
size_t WindowFinder::FirstWrongEnd(const Range& range) {
  const Place from = calls_[range.begin];
  const auto first = std::lower_bound(returns_.begin(), returns_.end(), from);
  const auto behind = std::upper_bound(returns_.begin(), returns_.end(), range.to);
  auto low = static_cast<size_t>(first - returns_.begin());
  auto high = static_cast<size_t>(behind - returns_.begin()) - 1;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    if (Wrong(from, returns_[middle])) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

// Short windows first: most are.
size_t WindowFinder::LastWrongBegin(size_t least, Place to) {
  const auto end = std::lower_bound(calls_.begin(), calls_.end(), to);
  size_t high = static_cast<size_t>(end - calls_.begin());
  size_t low = high;
  for (size_t length = 1;; length *= 2) {
    low = length >= high - least ? least : high - length;
    if (low == least || Wrong(calls_[low], to)) break;
  }
  while (low + 1 < high) {
    const size_t middle = low + (high - low) / 2;
    if (Wrong(calls_[middle], to)) {
      low = middle;
    } else {
      high = middle;
    }
  }
  return low;
}

Window WindowFinder::Find() {
  const bool whole = calls_.size() <= kWindowWholeMax;
  const Range range = whole ? Range{0, returns_.back()} : Halve();
  size_t end = FirstWrongEnd(range);
  size_t begin = LastWrongBegin(range.begin, returns_[end]);
  Place from = calls_[begin];
  Place to = returns_[end];
  size_t fewest = PartOf(from, to).within.size();
  // Ends move on, and with each the last wrong begin, so that every window that cannot be cut is
  // seen.
  bool shortest = whole;
  while (whole && ++end < returns_.size()) {
    if (work_ > kWindowWorkMax) {
      shortest = false;
      break;
    }
    while (begin + 1 < calls_.size() && calls_[begin + 1] < returns_[end] &&
           Wrong(calls_[begin + 1], returns_[end])) {
      ++begin;
      if (within_ >= fewest) continue;
      fewest = within_;
      from = calls_[begin];
      to = returns_[end];
    }
  }
  Part part = PartOf(from, to);
  Window window;
  window.culprits = CulpritsOf(part);
  window.from = from;
  window.to = to;
  window.within = std::move(part.within);
  window.overlap = std::move(part.overlap);
  window.at_start = from <= problem_.entries.front().called;
  window.shortest = shortest;
  return window;
}

}  // namespace quorate::sim::check
