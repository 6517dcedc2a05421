// SPDX-License-Identifier: Apache-2.0
// What clients did and were told, in no world in particular: the input of the checkers. It comes
// from a file (parse.h) or from a run (sim/oracle).
//
// Time is a place: called and returned are compared by number alone, and places of calls are even,
// of returns odd. Where both happened at one time the call comes first, so the two overlap: what is
// not known to be ordered is not taken for ordered.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "sim/check/value_table.h"

namespace quorate::sim::check {

enum class Model : uint8_t {
  kRegister,  // read, write, compare-and-set; nil at first
  kKv,        // get, put, append; empty at first, and nil is the same as empty
};

enum class Action : uint8_t {
  kRead,     // `value` was seen
  kWrite,    // of `value`
  kCas,      // `expected` was there and was replaced by `value`
  kCasMiss,  // something else than `expected` was there, nothing was changed
  kAppend,   // of `value`
};

using Place = uint64_t;
inline constexpr Place kNever = UINT64_MAX;
// Before everything: where the beginning was "written".
inline constexpr Place kBeginning = 1;

// Requires: time < kTimeMax.
[[nodiscard]] inline Place PlaceOfCall(uint64_t time) { return 2 * time + 2; }
[[nodiscard]] inline Place PlaceOfReturn(uint64_t time) { return 2 * time + 3; }
[[nodiscard]] inline uint64_t TimeOf(Place place) { return (place - 2) / 2; }

// An operation with an unknown outcome has returned == kNever: it may take effect at any later
// time, or never. One that certainly had no effect is not in a history.
struct Operation {
  uint32_t key = 0;  // of History::keys
  uint32_t process = 0;
  Action action = Action::kRead;
  ValueId value = kNil;  // of History::values
  ValueId expected = kNil;
  Place called = 0;
  Place returned = kNever;
  uint32_t line = 0;  // of the call in the file; 0 where there is none
};

struct History {
  ValueTable values;
  ValueTable keys;
  std::vector<Operation> operations;
};

// Takes nil for empty where the model does. InvalidArgument names the first line with an operation
// that the model does not have.
absl::Status Normalise(History& history, Model model);
[[nodiscard]] ValueId InitialOf(Model model, ValueTable& values);

[[nodiscard]] std::string_view NameOf(Action action);
[[nodiscard]] inline bool Changes(Action action) {
  return action == Action::kWrite || action == Action::kCas || action == Action::kAppend;
}

// "line 7: what"; the form of every complaint about a history.
[[nodiscard]] absl::Status AtLine(uint32_t line, std::string_view what);

}  // namespace quorate::sim::check
