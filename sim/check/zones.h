// SPDX-License-Identifier: Apache-2.0
// Linearizability of a register whose written values are all different, by zones: O(n log n),
// whatever the concurrency (Gibbons and Korach 1997, "Testing shared memories", section 4).
//
// All operations on one value are its cluster: its write, or the beginning, and its reads. A
// cluster whose first return is before its last call has a forward zone between the two, in which
// its value must stand; any other has a backward zone, its last call to its first return, and
// happens in one point of it. There is an order exactly if
//   1. no read returns before the write of its value is called, or reads what was never written;
//   2. no two forward zones overlap;
//   3. no backward zone lies within a forward one.
//
// A write with an unknown outcome that nobody read may be left out; one that was read happened.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/check/problem.h"

namespace quorate::sim::check {

class ZoneChecker {
 public:
  // Nothing where this does not decide: other operations than reads and writes, or a value that was
  // written twice. Exact otherwise; never kUnknown.
  [[nodiscard]] std::optional<Verdict> Check(const Problem& problem);

 private:
  struct Cluster {
    Place written = kNever;  // the call of its write; kNever: none seen
    Place first_return = kNever;
    Place last_call = 0;
    bool read = false;
    bool happened = false;  // one of it is not optional
    bool touched = false;
  };
  struct Zone {
    Place from;
    Place to;
  };
  Cluster& ClusterOf(ValueId value);
  // False where a condition of applying fails.
  bool Gather(const Problem& problem);
  [[nodiscard]] bool ReadsAreOfWrites(const Problem& problem);
  [[nodiscard]] bool ZonesAgree();

  // Kept between checks: many small problems with values of one large table.
  std::vector<Cluster> clusters_;
  std::vector<ValueId> touched_;
  std::vector<Zone> forward_;
  std::vector<Zone> backward_;
};

}  // namespace quorate::sim::check
