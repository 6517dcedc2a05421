// SPDX-License-Identifier: Apache-2.0
// Verifies: queues stay within their limits while the world runs, and when it is at rest nothing is
// left in them: no operation in flight at a shard, no message on the way, no commit outstanding, no
// client waiting. And every shard is healthy once nothing is wrong with its node any more.
//
// When: bounds every kQueueSampleEventsPerNode * nodes events; the rest at the end.
//
// Not: bytes of memory (the sanitizers and the run's own measure see those); messages and
// operations of shards where a node stays away.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/world/failure.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

struct QueueLimits {
  uint64_t operations_per_shard = 100'000;
  uint64_t messages_per_node = 200'000;  // in flight in the whole world, per node
  uint64_t commits_per_node = 100'000;
};

// What one look at a world counts.
struct QueueSizes {
  uint64_t nodes = 0;
  uint64_t shard_operations_max = 0;  // of the fullest shard
  uint64_t shard_operations = 0;      // of all
  // Some node is not of the core: deletions at deadlines wait for it and ask the others again and
  // again, up to a limit.
  bool frozen = false;
  uint64_t messages = 0;
  uint64_t commits = 0;
  uint64_t client_operations = 0;
  std::string fullest;    // names the fullest shard
  std::string unhealthy;  // names the first shard that refuses to serve, and why
};
[[nodiscard]] QueueSizes Measure(const WorldView& world);

[[nodiscard]] std::optional<Failure> CheckBounded(const QueueSizes& sizes,
                                                  const QueueLimits& limits, EventId now);
[[nodiscard]] std::optional<Failure> CheckAtRest(const QueueSizes& sizes, EventId now);

}  // namespace quorate::sim
