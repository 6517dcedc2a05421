// SPDX-License-Identifier: Apache-2.0
// The cluster that a configuration asks for: nodes dealt out over data centres and racks.
#pragma once

#include <vector>

#include "engine/topology/topology.h"
#include "sim/fault/atlas.h"
#include "sim/net/geography.h"
#include "sim/world/world_config.h"

namespace quorate::sim {

// Of each node, by index.
[[nodiscard]] std::vector<NodeId> MakeNodeIds(const WorldConfig& config);
[[nodiscard]] std::vector<NodeSite> MakeSites(const WorldConfig& config);
absl::StatusOr<topology::Topology> MakeTopology(const WorldConfig& config,
                                                const std::vector<NodeId>& node_ids);
// What may fail together in it.
[[nodiscard]] FaultAtlas MakeAtlas(const WorldConfig& config, const topology::Topology& topology,
                                   const std::vector<NodeId>& node_ids);
// The schedule that is given, or one that is drawn. Requires: a topology of this configuration.
[[nodiscard]] Schedule MakeSchedule(const WorldConfig& config, const topology::Topology& topology,
                                    const std::vector<NodeId>& node_ids);

}  // namespace quorate::sim
