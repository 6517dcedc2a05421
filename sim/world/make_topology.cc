// SPDX-License-Identifier: Apache-2.0
#include "sim/world/make_topology.h"

#include <algorithm>

#include "sim/core/draw.h"

namespace quorate::sim {

std::vector<NodeId> MakeNodeIds(const WorldConfig& config) {
  std::vector<NodeId> ids;
  for (uint32_t i = 0; i < config.nodes; ++i) {
    ids.push_back(NodeId{Draw(config.seed, Purpose::kNodeId, i) | 1});
  }
  return ids;
}

// Node i sits in data centre i mod d, and there in rack (i / d) mod r.
std::vector<NodeSite> MakeSites(const WorldConfig& config) {
  std::vector<NodeSite> sites;
  for (uint32_t i = 0; i < config.nodes; ++i) {
    const uint32_t data_centre = i % config.data_centres;
    const uint32_t rack = i / config.data_centres % config.racks;
    sites.push_back({static_cast<uint16_t>(data_centre),
                     static_cast<uint16_t>(data_centre * config.racks + rack)});
  }
  return sites;
}

absl::StatusOr<topology::Topology> MakeTopology(const WorldConfig& config,
                                                const std::vector<NodeId>& node_ids) {
  topology::TopologySpec spec;
  spec.cluster = "simulated";
  spec.virtual_tokens = config.virtual_tokens;
  const std::vector<NodeSite> sites = MakeSites(config);
  for (uint32_t i = 0; i < config.nodes; ++i) {
    topology::SeatSpec seat;
    seat.node = node_ids[i];
    seat.address = Format("node-%u.sim:7380", i);
    seat.rack = Format("rack-%u", sites[i].rack);
    seat.data_centre = Format("dc-%u", sites[i].data_centre);
    spec.seats.push_back(std::move(seat));
  }
  for (size_t i = 0; i < config.pools.size(); ++i) {
    topology::PoolSpec pool;
    pool.id = PoolIdOf(i);
    pool.name = kPoolNames[i];
    pool.hash = config.pools[i].hash;
    pool.replication.per_data_centre = config.pools[i].replicas;
    pool.partitions = config.pools[i].partitions;
    spec.pools.push_back(std::move(pool));
  }
  topology::MakeCanonical(spec);
  return topology::Topology::Create(std::move(spec));
}

FaultAtlas MakeAtlas(const WorldConfig& config, const topology::Topology& topology,
                     const std::vector<NodeId>& node_ids) {
  std::vector<FaultAtlas::Pool> pools;
  for (size_t i = 0; i < config.pools.size(); ++i) {
    pools.push_back({PoolIdOf(i), config.pools[i].keeps_majorities});
  }
  return {topology, pools, node_ids};
}

Schedule MakeSchedule(const WorldConfig& config, const topology::Topology& topology,
                      const std::vector<NodeId>& node_ids) {
  if (config.schedule) return *config.schedule;
  FaultPlan plan = config.faults;
  plan.from = SimTime{} + std::min(config.calm, config.duration);
  plan.until = SimTime{} + config.duration;
  return GenerateSchedule(config.seed, plan, MakeAtlas(config, topology, node_ids));
}

}  // namespace quorate::sim
