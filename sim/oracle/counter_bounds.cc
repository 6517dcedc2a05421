// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/counter_bounds.h"

#include <algorithm>

namespace quorate::sim {

void CounterBounds::Sums::Seal() {
  std::stable_sort(steps_.begin(), steps_.end(),
                   [](const Step& a, const Step& b) { return a.at < b.at; });
  for (size_t i = 1; i < steps_.size(); ++i) {
    steps_[i].negative += steps_[i - 1].negative;
    steps_[i].positive += steps_[i - 1].positive;
  }
}

std::pair<WideInteger, WideInteger> CounterBounds::Sums::Before(EventId end) const {
  const auto after = std::lower_bound(steps_.begin(), steps_.end(), end,
                                      [](const Step& step, EventId at) { return step.at < at; });
  if (after == steps_.begin()) return {0, 0};
  return {(after - 1)->negative, (after - 1)->positive};
}

CounterBounds::CounterBounds(const Register& entry, const Promises& promises)
    : promises_(promises) {
  bool other = false;
  for (const Access& access : entry.accesses) {
    if (access.act == Act::kRead || access.fate == Fate::kRefused) continue;
    other |= access.act != Act::kAdd;
    apply_ |= access.act == Act::kAdd;
  }
  apply_ &= !other;
  if (!apply_) return;
  for (const Access& add : entry.accesses) {
    if (add.act != Act::kAdd || add.fate == Fate::kRefused) continue;
    invoked_.Add(add.invoked, add.delta);
    if (add.fate != Fate::kAcknowledged) continue;
    acknowledged_[HeldBy(add, entry, promises)].Add(add.completed, add.delta);
  }
  invoked_.Seal();
  for (auto& [reach, sums] : acknowledged_) sums.Seal();
}

PossibleEnd::Bounds CounterBounds::Of(const Access& observer) const {
  WideInteger certain_negative = 0;
  WideInteger certain_positive = 0;
  const Reach met = promises_.Of(observer.read, observer.local);
  for (const auto& [reach, sums] : acknowledged_) {
    if (!promises_.Meet(reach, met)) continue;
    const auto [negative, positive] = sums.Before(observer.invoked);
    certain_negative += negative;
    certain_positive += positive;
  }
  auto [negative, positive] = invoked_.Before(observer.completed);
  if (observer.act == Act::kAdd) {  // its own part is certain
    WideInteger& part = observer.delta < 0 ? certain_negative : certain_positive;
    part += observer.delta;
  }
  return {certain_positive + negative, positive + certain_negative};
}

std::optional<int64_t> CounterBounds::SeenBy(const Access& observer) {
  if (observer.fate != Fate::kAcknowledged) return std::nullopt;
  if (observer.act == Act::kRead && !observer.value.has_value()) return 0;
  if (!observer.value.has_value()) return std::nullopt;
  return IntegerOf(*observer.value);
}

}  // namespace quorate::sim
