// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/leaks.h"

#include "engine/base/status.h"
#include "engine/node/shard.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kOracle = "leaks";

std::optional<Failure> Bounded(std::string_view what, uint64_t size, uint64_t limit, EventId now) {
  if (size <= limit) return std::nullopt;
  return Failure{FailureKind::kQueueUnbounded, std::string(kOracle),
                 Format("at most %u %s", limit, what), Format("%u", size), now};
}

std::optional<Failure> Zero(std::string_view what, uint64_t size, EventId now) {
  if (size == 0) return std::nullopt;
  return Failure{FailureKind::kLeak, std::string(kOracle), Format("no %s at rest", what),
                 Format("%u", size), now};
}

}  // namespace

QueueSizes Measure(const WorldView& world) {
  QueueSizes sizes;
  sizes.nodes = world.nodes();
  sizes.messages = world.messages_in_flight();
  sizes.commits = world.commits_in_flight();
  sizes.client_operations = world.operations_in_flight();
  for (uint32_t node = 0; node < world.nodes(); ++node) {
    if (world.frozen(NodeIndex{node})) {
      sizes.frozen = true;
      continue;
    }
    for (uint16_t index = 0; index < world.shards(NodeIndex{node}); ++index) {
      const node::Shard* shard = world.shard(NodeIndex{node}, index);
      if (shard == nullptr) continue;
      const uint64_t operations = shard->stats().operations_in_flight;
      sizes.shard_operations += operations;
      if (operations > sizes.shard_operations_max) {
        sizes.shard_operations_max = operations;
        sizes.fullest = Format("node %u shard %u", node, index);
      }
      if (sizes.unhealthy.empty() && !shard->health().ok()) {
        sizes.unhealthy = Format("node %u shard %u: %s", node, index, MessageOf(shard->health()));
      }
    }
  }
  return sizes;
}

std::optional<Failure> CheckBounded(const QueueSizes& sizes, const QueueLimits& limits,
                                    EventId now) {
  const std::string operations = Format("operations in flight (%s)", sizes.fullest);
  auto failure = Bounded(operations, sizes.shard_operations_max, limits.operations_per_shard, now);
  if (failure.has_value()) return failure;
  failure =
      Bounded("messages in flight", sizes.messages, limits.messages_per_node * sizes.nodes, now);
  if (failure.has_value()) return failure;
  return Bounded("commits in flight", sizes.commits, limits.commits_per_node * sizes.nodes, now);
}

std::optional<Failure> CheckAtRest(const QueueSizes& sizes, EventId now) {
  if (!sizes.unhealthy.empty()) {
    return Failure{FailureKind::kUnhealthy, std::string(kOracle),
                   "every shard serves once nothing is wrong", sizes.unhealthy, now};
  }
  auto failure = Zero("commits in flight", sizes.commits, now);
  if (failure.has_value()) return failure;
  failure = Zero("client operations", sizes.client_operations, now);
  if (failure.has_value() || sizes.frozen) return failure;
  const std::string operations = Format("operations in flight (%s)", sizes.fullest);
  failure = Zero(operations, sizes.shard_operations, now);
  if (failure.has_value()) return failure;
  return Zero("messages in flight", sizes.messages, now);
}

}  // namespace quorate::sim
