// SPDX-License-Identifier: Apache-2.0
// Runs with given faults in place of their own, each in a process of its own, until one fails: what
// came of each, counted by what the faults are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/fault/schedule.h"
#include "sim/tool/children.h"
#include "sim/trace/trace.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

// What a process says of its run: whether it held, and whether each fault did something.
enum class Verdict : char { kIdle = 'i', kHeld = 'h', kFailed = 'f' };

[[nodiscard]] RunRecipe WithFaults(RunRecipe recipe, std::vector<Fault> faults);
// Requires: the faults concern one thing each. `watcher` may be null.
[[nodiscard]] Verdict RunWithFaults(const RunRecipe& recipe, const std::vector<Fault>& faults,
                                    WorldObserver* watcher);
// Of a process that died too.
[[nodiscard]] Verdict VerdictOf(const Children::Ended& ended);

class Verdicts {
 public:
  // `until`: of the steady clock, when no more is begun.
  Verdicts(uint32_t jobs, double until) : jobs_(jobs), until_(until) {}

  // Things 0 to count - 1 in their order, up to the first that fails, which is given. `judge` runs
  // in a process of its own; `name` says what the thing is counted as.
  absl::StatusOr<std::optional<size_t>> Judge(size_t count,
                                              const std::function<Verdict(size_t)>& judge,
                                              const std::function<std::string(size_t)>& name);
  // A line for each name, in the order in which they came.
  void Print() const;
  [[nodiscard]] size_t judged() const { return judged_; }
  [[nodiscard]] size_t held() const;
  [[nodiscard]] uint32_t jobs() const { return jobs_; }
  [[nodiscard]] double seconds_left() const;

 private:
  struct Tally {
    std::string name;
    size_t held = 0;
    size_t idle = 0;
  };
  void Count(const std::string& name, Verdict verdict);

  const uint32_t jobs_;
  const double until_;
  std::vector<Tally> tallies_;
  size_t judged_ = 0;
};

}  // namespace quorate::sim
