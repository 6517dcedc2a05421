// SPDX-License-Identifier: Apache-2.0
// The planted bugs as tests/planted lists them, and what it took to find each: the simulator's own
// benchmark.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace quorate::sim {

// A bug, the scenario whose seeds must find it, and what is wrong in words.
struct BugRow {
  std::string bug;
  std::string scenario;
  std::string what;
  friend bool operator==(const BugRow&, const BugRow&) = default;
};
// One row a line: bug, scenario, then the words; '#' begins a remark. InvalidArgument with the line
// that is wrong.
absl::StatusOr<std::vector<BugRow>> ParseBugRows(std::string_view text);

// Of one range of seeds.
struct BugFind {
  uint64_t seed = 0;
  uint64_t seeds = 0;    // that were run, this one too
  double seconds = 0.0;  // one after the other
  std::string failure;   // "oracle: kind"
};
struct BugResult {
  BugRow row;
  std::vector<std::optional<BugFind>> finds;  // by range; nothing: not found in it
  // After shrinking, where that was asked for.
  std::optional<uint64_t> faults;
  std::optional<uint64_t> nodes;
  std::optional<uint64_t> operations;
  double shrink_seconds = 0.0;

  [[nodiscard]] bool found_everywhere() const;
};

// What the columns are called, and what stands in them. Seeds and seconds are medians; of an even
// number of ranges the higher. Where most ranges do not find it there is none.
[[nodiscard]] std::vector<std::string> BugColumns(bool shrunk);
[[nodiscard]] std::vector<std::string> BugCells(const BugResult& result, bool shrunk);
// The line above the rows, and the one under it.
[[nodiscard]] std::string BugTableHead(bool shrunk);
[[nodiscard]] std::string Describe(const BugResult& result, bool shrunk);
// Over all rows: the median of the medians, the largest number of seeds.
[[nodiscard]] std::string Summary(const std::vector<BugResult>& results);

}  // namespace quorate::sim
