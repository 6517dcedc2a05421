// SPDX-License-Identifier: Apache-2.0
// How far behind reads were to which nothing was promised of the last write: measured, not judged.
//
// A read counts if its level need not meet the last acknowledged write that had ended before it
// began. It is behind by the acknowledged writes and deletions that had ended before it began, and
// had begun after whoever wrote what it shows had ended: at least by so many. Where several may
// have written it, it is the one that is least behind. Time is since the first of them had ended.
//
// Not: registers that hold increments, reads of the sweep.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "engine/topology/consistency.h"
#include "sim/oracle/history.h"
#include "sim/oracle/promises.h"

namespace quorate::sim {

class Staleness {
 public:
  // The highest of each class but the last one, which has no end.
  static constexpr std::array<uint64_t, 4> kWrites = {1, 3, 7, 15};
  static constexpr std::array<uint64_t, 4> kMilliseconds = {10, 100, 1'000, 10'000};

  struct OfLevel {
    uint64_t reads = 0;
    uint64_t behind = 0;
    uint64_t missed_own = 0;  // behind a write of the client that reads
    std::array<uint64_t, kWrites.size() + 1> by_writes{};
    std::array<uint64_t, kMilliseconds.size() + 1> by_time{};
    uint64_t writes_max = 0;
    uint64_t us_max = 0;
    friend bool operator==(const OfLevel&, const OfLevel&) = default;
  };

  void Take(const Register& entry, const Promises& promises);
  void Add(const Staleness& other);
  [[nodiscard]] const OfLevel& Of(topology::Consistency level) const {
    return levels_[static_cast<size_t>(level)];
  }
  // A line for each level of which reads count.
  [[nodiscard]] std::string Describe() const;
  friend bool operator==(const Staleness&, const Staleness&) = default;

 private:
  std::array<OfLevel, topology::kConsistencyLevels> levels_{};  // by number
};

}  // namespace quorate::sim
