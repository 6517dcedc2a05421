// SPDX-License-Identifier: Apache-2.0
// What a failure is about, read off its own words: the pool and the key, the operations that are
// named, and the events between which they were under way.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/sim_time.h"
#include "sim/world/failure.h"

namespace quorate::sim {

struct Subject {
  std::string key;                                 // empty where it is about none
  std::string pool;                                // its name; empty: any
  std::vector<uint64_t> operations;                // rising
  std::vector<std::pair<EventId, EventId>> spans;  // of those

  [[nodiscard]] bool Names(uint64_t operation) const;
  [[nodiscard]] bool Spans(EventId event) const;
};

[[nodiscard]] Subject SubjectOf(const Failure& failure);

}  // namespace quorate::sim
