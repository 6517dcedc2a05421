// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/base_sums.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "sim/oracle/limits.h"

namespace quorate::sim {
namespace {

bool IsBase(const Access& access) {
  return access.fate != Fate::kRefused && (access.act == Act::kWrite || access.act == Act::kDelete);
}

bool Empty(const Reach& reach) { return reach.in_all == 0; }

// The latest; what costs little is asked first.
const Access* SupersederOf(const Access* base, const Register& entry, const Promises& promises,
                           const Access& end) {
  for (auto it = entry.accesses.rbegin(); it != entry.accesses.rend(); ++it) {
    const Access& later = *it;
    if (!IsBase(later) || later.fate != Fate::kAcknowledged || &later == base) continue;
    if (later.completed >= end.invoked) continue;
    if (base != nullptr && EndOf(*base, later) >= later.invoked) continue;
    if (Empty(HeldBy(later, entry, promises))) continue;
    if (base == nullptr || Supersedes(later, *base, entry, promises)) return &later;
  }
  return nullptr;
}

// Whether an acknowledged increment must have been made on `base` or a later one.
bool MadeOn(const Access& add, const Access* base, const Register& entry,
            const Promises& promises) {
  if (base == nullptr) return true;
  return base->completed < add.invoked &&
         promises.Meet(HeldBy(*base, entry, promises), promises.Of(add.read, add.local));
}

void SortIncrements(PossibleEnd& possibility, const Register& entry, const Promises& promises,
                    const Access& end) {
  for (const Access& add : entry.accesses) {
    if (add.act != Act::kAdd || add.fate == Fate::kRefused || add.invoked > end.completed) continue;
    const Access* base = possibility.base;
    if (base != nullptr && add.completed < base->invoked) continue;
    // With a base that should be gone, what came after that shows nothing.
    const bool after =
        possibility.superseder != nullptr && add.invoked > possibility.superseder->completed;
    const bool certain = !after && add.fate == Fate::kAcknowledged && add.completed < end.invoked &&
                         !Empty(HeldBy(add, entry, promises)) && MadeOn(add, base, entry, promises);
    (certain ? possibility.certain : possibility.possible).push_back(&add);
  }
}

// Whether some of `possible` sum up to `missing`. Exact while few sums are possible.
bool Sums(const std::vector<const Access*>& possible, WideInteger missing) {
  std::set<WideInteger> sums = {0};
  WideInteger low = 0;
  WideInteger high = 0;
  bool exact = true;
  for (const Access* add : possible) {
    (add->delta < 0 ? low : high) += add->delta;
    if (!exact) continue;
    std::set<WideInteger> more;
    for (const WideInteger sum : sums) more.insert(sum + add->delta);
    sums.merge(more);
    exact = sums.size() <= kReachableSumsMax;
  }
  return exact ? sums.contains(missing) : low <= missing && missing <= high;
}

}  // namespace

std::optional<int64_t> IntegerOf(std::string_view text) {
  int64_t value = 0;
  const auto [last, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || last != text.data() + text.size()) return std::nullopt;
  return value;
}

Reach HeldBy(const Access& access, const Register& entry, const Promises& promises) {
  const Reach reach = promises.Of(access.write, access.local);
  return promises.Without(reach, access.invoked_at, access.completed_at, entry.crashes);
}

bool Supersedes(const Access& later, const Access& earlier, const Register& entry,
                const Promises& promises) {
  if (EndOf(earlier, later) >= later.invoked) return false;
  const Reach held = HeldBy(earlier, entry, promises);
  if (!promises.Meet(held, promises.Of(later.write, later.local))) return false;
  return later.act != Act::kDelete || promises.Meet(held, promises.Of(later.read, later.local));
}

std::optional<PossibleEnd::Bounds> PossibleEnd::bounds() const {
  Bounds bounds;
  if (value.has_value()) {
    const std::optional<int64_t> number = IntegerOf(*value);
    if (!number.has_value()) return std::nullopt;
    bounds = {*number, *number};
  }
  for (const Access* add : certain) {
    bounds.low += add->delta;
    bounds.high += add->delta;
  }
  for (const Access* add : possible) (add->delta < 0 ? bounds.low : bounds.high) += add->delta;
  return bounds;
}

bool PossibleEnd::Explains(const std::optional<Bytes>& seen) const {
  if (seen == value && certain.empty()) return true;
  if (!seen.has_value() || (certain.empty() && possible.empty())) return false;
  const std::optional<int64_t> number = IntegerOf(*seen);
  const std::optional<int64_t> begin = value.has_value() ? IntegerOf(*value) : 0;
  if (!number.has_value() || !begin.has_value()) return false;
  WideInteger missing = WideInteger{*number} - *begin;
  for (const Access* add : certain) missing -= add->delta;
  return Sums(possible, missing);
}

std::vector<PossibleEnd> PossibleEnds(const Register& entry, const Promises& promises,
                                      const Access& end) {
  std::vector<PossibleEnd> ends;
  const bool sums = std::any_of(entry.accesses.begin(), entry.accesses.end(),
                                [](const Access& access) { return access.act == Act::kAdd; });
  const auto consider = [&](const Access* base) {
    PossibleEnd possibility;
    possibility.base = base;
    if (base != nullptr && base->act == Act::kWrite) possibility.value = base->value;
    if (!sums && possibility.value != end.value) return;
    possibility.superseder = SupersederOf(base, entry, promises, end);
    SortIncrements(possibility, entry, promises, end);
    ends.push_back(std::move(possibility));
  };
  consider(nullptr);
  for (const Access& access : entry.accesses) {
    if (IsBase(access) && access.invoked < end.completed) consider(&access);
  }
  return ends;
}

}  // namespace quorate::sim
