// SPDX-License-Identifier: Apache-2.0
// Tries numbered things in processes of their own, several at a time, until one does. The first in
// their order is taken, not the first that is done: so what comes out does not depend on how many
// run side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "sim/tool/children.h"

namespace quorate::sim {

struct Search {
  std::optional<Children::Ended> found;  // its tag is the number
  uint64_t started = 0;
  double seconds = 0.0;  // of those up to the one that was found, one after the other
};

// Things 0 to count - 1; `work` runs in the child, `does` judges its answer here. Ends with what it
// has after `seconds_max` of real time.
absl::StatusOr<Search> FirstOf(size_t count, uint32_t jobs, double seconds_max,
                               const std::function<Bytes(size_t)>& work,
                               const std::function<bool(const Children::Ended&)>& does);

}  // namespace quorate::sim
