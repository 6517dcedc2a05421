// SPDX-License-Identifier: Apache-2.0
// Executes a recording in a process of its own: if a check fails there, that is an answer like any
// other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "adapters/recording/format.h"
#include "engine/base/status.h"
#include "sim/recording/shard_replayer.h"

namespace quorate::sim {

struct ReplayedApart {
  // It came to its end, or to the first tick that differs.
  std::optional<ShardReplay> replay;
  uint32_t rung = 0;      // of the last tick
  uint32_t recorded = 0;  // the one it should have had
  // Else it died: with these words, at that event of the recording, from 0.
  std::string death;
  uint64_t event = 0;
  // Of the shard's life: in which it died, or the last that ended.
  uint64_t tick = 0;
};

// Errors: of the recording; Unavailable where the machine refuses.
absl::StatusOr<ReplayedApart> ReplayApart(const recording::Recording& recording,
                                          ReplayOptions options);

}  // namespace quorate::sim
