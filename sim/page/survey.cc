// SPDX-License-Identifier: Apache-2.0
#include "sim/page/survey.h"

#include <algorithm>

#include "sim/page/limits.h"

namespace quorate::sim {

void Survey::Happened(const WorldEvent& event) {
  causes_.Happened(event);
  if (times_.from && event.time < *times_.from) return;
  if (times_.until && event.time > *times_.until) return;
  if (first_ == EventId{}) first_ = event.id;
  last_ = event.id;
}

PagePlan Survey::Plan(const std::optional<Failure>& failure, const std::string& key) const {
  PagePlan plan;
  plan.failure = failure;
  plan.end = {causes_.events()};
  plan.first = first_;
  plan.last = last_;
  if (failure) {
    plan.subject = SubjectOf(*failure);
    plan.chain = causes_.Chain(failure->event, kPageChainMax);
    plan.chain_left_out = causes_.Depth(failure->event) - plan.chain.size();
    std::reverse(plan.chain.begin(), plan.chain.end());
    const uint64_t after = failure->event.value + kPageEventsAfter;
    if (!times_.until && first_ <= failure->event) plan.last = {std::min(last_.value, after)};
  }
  if (!key.empty()) plan.subject.key = key;
  const uint64_t wanted = first_ == EventId{} ? 0 : plan.last.value - plan.first.value + 1;
  if (wanted > kPageEventsMax) {
    plan.window_left_out = wanted - kPageEventsMax;
    plan.first = {plan.last.value - kPageEventsMax + 1};
  }
  // Nobody misses what was not asked for.
  if (!times_.from) plan.window_left_out = 0;
  return plan;
}

}  // namespace quorate::sim
