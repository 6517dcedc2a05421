// SPDX-License-Identifier: Apache-2.0
// Executes a recording again: makes the shard from what the header says, loads its checkpoint where
// there is one, and gives it what it was given. After each tick the rung must be the recorded one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/recording/format.h"
#include "engine/base/planted_bug.h"

namespace quorate::sim {

struct ShardReplay {
  uint64_t ticks = 0;
  uint64_t requests = 0;
  uint64_t messages = 0;
  uint64_t hash = 0;  // of all effects
  // The first tick that did not end as recorded, counted from the start of the shard's life.
  std::optional<uint64_t> differs;
  // The first request that looks into a value which the recording has left out, if any; what
  // follows may differ for that.
  std::string looked_in;
  uint64_t looked_at_tick = 0;
};

// What went into a tick, and the rung it ended with, in words; for people.
struct TickEvent {
  uint64_t tick = 0;
  std::string text;
};
using TickWatcher = std::function<void(const TickEvent&)>;

// Errors: DataLoss where the events make no sense.
absl::StatusOr<ShardReplay> ReplayShard(const recording::Recording& recording,
                                        PlantedBug planted = PlantedBug::kNone,
                                        const TickWatcher& watch = {});

}  // namespace quorate::sim
