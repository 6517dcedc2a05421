// SPDX-License-Identifier: Apache-2.0
// The first look at a run: how many events it has and which caused which, so that the second look
// knows what to keep.
#pragma once

#include <optional>

#include "sim/page/subject.h"
#include "sim/trace/causes.h"

namespace quorate::sim {

// Of the simulated time, what is wanted; all of it where nothing is said.
struct PageTimes {
  std::optional<SimTime> from;
  std::optional<SimTime> until;
};

// What the second look keeps.
struct PagePlan {
  std::vector<EventId> chain;  // rising; the failure is the last
  std::optional<Failure> failure;
  Subject subject;
  EventId first;  // from here on everything
  EventId last;   // to here
  EventId end;    // nothing is wanted after this
  uint64_t chain_left_out = 0;
  uint64_t window_left_out = 0;  // events of the time that was asked for
};

class Survey final : public WorldObserver {
 public:
  explicit Survey(PageTimes times) : times_(times) {}
  void Happened(const WorldEvent& event) override;

  // `key` takes the place of the failure's own where it is not empty.
  [[nodiscard]] PagePlan Plan(const std::optional<Failure>& failure, const std::string& key) const;

 private:
  const PageTimes times_;
  Causes causes_;
  EventId first_;  // of the times
  EventId last_;
};

}  // namespace quorate::sim
