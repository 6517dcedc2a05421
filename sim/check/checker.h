// SPDX-License-Identifier: Apache-2.0
// Whether a history is linearizable: key by key, by zones where they decide, else by search.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/check/history.h"
#include "sim/check/limits.h"
#include "sim/check/problem.h"
#include "sim/check/window.h"

namespace quorate::sim::check {

struct Findings {
  Verdict verdict = Verdict::kLinearizable;
  uint32_t key = 0;              // which is wrong, or is not known
  std::optional<Window> window;  // exactly where the verdict is kNotLinearizable
  uint64_t keys_by_zones = 0;
  uint64_t keys_by_search = 0;
  uint64_t keys_unknown = 0;
};

// The first wrong key, else the first that is not known within `steps_max` steps for each key.
// Adds texts to history.values. InvalidArgument: an operation is not in the model.
absl::StatusOr<Findings> CheckHistory(History& history, Model model,
                                      uint64_t steps_max = kSearchStepsDefault);

// The verdict and why, for people; several lines, the first begins with the verdict.
[[nodiscard]] std::string Describe(const History& history, const Findings& findings,
                                   uint64_t steps_max);

}  // namespace quorate::sim::check
