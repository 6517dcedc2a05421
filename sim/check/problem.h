// SPDX-License-Identifier: Apache-2.0
// What a checker decides: the operations of one key, and what the key may have held before them.
// Keys do not know of each other, so a history is linearizable exactly if each of its keys is
// (Herlihy and Wing 1990, locality).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/check/history.h"

namespace quorate::sim::check {

enum class Verdict : uint8_t { kLinearizable, kNotLinearizable, kUnknown };

struct Entry {
  Action action = Action::kRead;
  ValueId value = kNil;
  ValueId expected = kNil;
  uint32_t operation = 0;  // of History::operations
  Place called = 0;
  Place returned = kNever;
  // May take effect between `called` and `returned`, or not at all.
  bool optional = false;
};

struct Problem {
  std::vector<Entry> entries;  // by `called`
  // What the key may hold at first; never empty. kOtherValue is a value that no operation names.
  std::vector<ValueId> starts;
};

inline constexpr ValueId kOtherValue = UINT32_MAX;

// One for each key, by number of the key. Reads without an answer say nothing and are left out.
// Requires: Normalise(history, model) was called.
[[nodiscard]] std::vector<Problem> SplitByKey(const History& history, ValueId initial);

}  // namespace quorate::sim::check
