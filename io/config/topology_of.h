// SPDX-License-Identifier: Apache-2.0
// The first epoch of a cluster, from a configuration. Equal seats and pools give equal epochs,
// whichever node reads them, so a static cluster agrees without an exchange.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/status.h"
#include "engine/topology/topology_spec.h"
#include "io/config/node_config.h"

namespace quorate::io {

// How many replicas a key of the pool has, over all data centres.
[[nodiscard]] uint64_t ReplicasOf(const NodeConfig& config, const PoolConfig& pool);

// The id derived for the node of a seat with its `disk`. "name#2" is how a certificate names the
// second disk of a seat.
[[nodiscard]] NodeId DerivedNodeId(std::string_view cluster, std::string_view seat, uint64_t disk);

// The id bound to a seat of the configuration.
[[nodiscard]] NodeId NodeIdOf(const NodeConfig& config, const SeatConfig& seat);

// `self` is the node of this data directory, and the only one where the configuration has no seats.
// FailedPrecondition where the directory belongs to another node than the one bound to the own
// seat; InvalidArgument where the topology makes no sense.
[[nodiscard]] absl::StatusOr<topology::TopologySpec> TopologyOf(const NodeConfig& config,
                                                                NodeId self);

}  // namespace quorate::io
