// SPDX-License-Identifier: Apache-2.0
// Why a key is not linearizable, in as few operations as there are: the shortest span of time whose
// operations have no order, whatever happened outside it.
//
// A span is judged by itself so that what it shows is wrong for certain: operations that began
// before it or end after it may have an effect within, or not; and it may begin with any value that
// could have been written before.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/check/problem.h"
#include "sim/check/zones.h"

namespace quorate::sim::check {

struct Window {
  Place from = 0;
  Place to = kNever;
  std::vector<uint32_t> within;    // of History::operations, by call: these have no order
  std::vector<uint32_t> culprits;  // of them: have no order, whether the others were or not
  std::vector<uint32_t> overlap;   // may have an effect within, and do not help
  bool at_start = false;           // nothing was before: it begins with the initial value
  bool shortest = false;           // proven; otherwise neither end of it can be cut
};

class WindowFinder {
 public:
  // Requires: the problem is not linearizable; `by_zones` says that zones decided that.
  WindowFinder(const Problem& problem, ValueTable& values, bool by_zones);

  // Once.
  [[nodiscard]] Window Find();

 private:
  struct Part {
    Problem problem;
    std::vector<uint32_t> within;
    std::vector<uint32_t> overlap;
  };
  [[nodiscard]] Part PartOf(Place from, Place to);
  [[nodiscard]] std::vector<ValueId> StartsOf(const Problem& part, Place from);
  [[nodiscard]] bool WrittenBefore(ValueId value, Place from) const;
  [[nodiscard]] bool IsWrong(const Problem& part);
  [[nodiscard]] std::vector<uint32_t> CulpritsOf(Part part);
  // Certainly not linearizable by itself. Leaves the number of operations within in within_.
  [[nodiscard]] bool Wrong(Place from, Place to);
  // A wrong part, from one call up to the place of another: the whole, or a small one where halves
  // lead there.
  struct Range {
    size_t begin;  // of calls_
    Place to;
  };
  [[nodiscard]] Range Halve();
  // The first return until which the range is wrong.
  [[nodiscard]] size_t FirstWrongEnd(const Range& range);
  // The last call from which on it is wrong until `to`; at least `least`, from which it is.
  [[nodiscard]] size_t LastWrongBegin(size_t least, Place to);

  const Problem& problem_;
  ValueTable& values_;
  const bool by_zones_;
  ZoneChecker zones_;
  std::vector<Place> calls_;                              // of all entries
  std::vector<Place> returns_;                            // of required entries, sorted
  std::vector<Place> returned_max_;                       // of required entries up to each entry
  std::vector<uint32_t> optional_;                        // entries
  std::vector<std::pair<ValueId, Place>> first_written_;  // by value
  Place first_append_ = kNever;
  size_t within_ = 0;
  uint64_t work_ = 0;
};

}  // namespace quorate::sim::check
