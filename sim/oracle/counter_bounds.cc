// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/counter_bounds.h"

#include <algorithm>
#include <iterator>

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
    : entry_(entry), promises_(promises) {
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
    if (add.delta > 0) raises_.push_back(&add);
  }
  for (const Access& access : entry.accesses) {
    const std::optional<int64_t> number = SeenBy(access);
    if (!number.has_value()) continue;
    const Reach read_from = promises.Without(promises.Of(access.read, access.local),
                                             access.invoked_at, access.completed_at, entry.crashes);
    const bool adds = access.act == Act::kAdd;
    answers_.push_back({access.completed, &access, read_from,
                        adds ? HeldBy(access, entry, promises) : read_from, *number});
  }
  std::stable_sort(answers_.begin(), answers_.end(),
                   [](const Answer& a, const Answer& b) { return a.done < b.done; });
  std::stable_sort(raises_.begin(), raises_.end(),
                   [](const Access* a, const Access* b) { return a->invoked < b->invoked; });
  invoked_.Seal();
  for (auto& [reach, sums] : acknowledged_) sums.Seal();
}

WideInteger CounterBounds::RaisedBetween(EventId from, EventId to, const Reach& met) const {
  WideInteger sum = 0;
  auto at = std::upper_bound(raises_.begin(), raises_.end(), from,
                             [](EventId event, const Access* add) { return event < add->invoked; });
  for (; at != raises_.end() && (*at)->invoked < to; ++at) {
    const Access& add = **at;
    if (add.completed < to && promises_.Meet(HeldBy(add, entry_, promises_), met)) sum += add.delta;
  }
  return sum;
}

// What was completed before and the answer must have met.
WideInteger CounterBounds::DecrementsSeenBy(const Access& answer) const {
  const Reach met = promises_.Of(answer.read, answer.local);
  WideInteger seen = 0;
  for (const auto& [reach, sums] : acknowledged_) {
    if (promises_.Meet(reach, met)) seen += sums.Before(answer.invoked).first;
  }
  return seen;
}

// From the latest answer before that the observer must have met: what it showed stays, but for
// decrements that it may not have seen.
std::optional<WideInteger> CounterBounds::FloorOf(const Access& observer) const {
  const Reach met = promises_.Of(observer.read, observer.local);
  const auto after =
      std::lower_bound(answers_.begin(), answers_.end(), observer.invoked,
                       [](const Answer& answer, EventId at) { return answer.done < at; });
  const auto latest =
      std::find_if(std::make_reverse_iterator(after), answers_.rend(), [&](const Answer& answer) {
        return promises_.Meet(answer.read_from, met) && promises_.Meet(answer.written_to, met);
      });
  if (latest == answers_.rend()) return std::nullopt;
  const WideInteger lowered =
      invoked_.Before(observer.completed).first - DecrementsSeenBy(*latest->access);
  WideInteger floor = latest->number + lowered + RaisedBetween(latest->done, observer.invoked, met);
  if (observer.act == Act::kAdd && observer.delta > 0) floor += observer.delta;
  return floor;
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
  const WideInteger low = certain_positive + negative;
  return {std::max(low, FloorOf(observer).value_or(low)), positive + certain_negative};
}

std::optional<int64_t> CounterBounds::SeenBy(const Access& observer) {
  if (observer.fate != Fate::kAcknowledged) return std::nullopt;
  if (observer.act == Act::kRead && !observer.value.has_value()) return 0;
  if (!observer.value.has_value()) return std::nullopt;
  return IntegerOf(*observer.value);
}

}  // namespace quorate::sim
