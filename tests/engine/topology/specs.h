// SPDX-License-Identifier: Apache-2.0
// Small clusters for tests.
#pragma once

#include <string>

#include "engine/base/check.h"
#include "engine/topology/topology.h"

namespace quorate::topology {

inline SeatSpec MakeSeat(uint64_t node, const std::string& rack, const std::string& data_centre) {
  SeatSpec seat;
  seat.node = NodeId{node};
  seat.address = "host" + std::to_string(node) + ":8101";
  seat.rack = rack;
  seat.data_centre = data_centre;
  return seat;
}

inline PoolSpec MakePool(uint16_t replicas) {
  PoolSpec pool;
  pool.name = "main";
  pool.replication.per_data_centre = replicas;
  return pool;
}

// `nodes` seats in one data centre over `racks` racks in turn, one pool.
inline TopologySpec MakeSpec(int nodes, int racks, uint16_t replicas) {
  TopologySpec spec;
  spec.cluster = "test";
  for (int i = 0; i < nodes; ++i) {
    spec.seats.push_back(
        MakeSeat(static_cast<uint64_t>(i + 1), "rack" + std::to_string(i % racks), "dc1"));
  }
  spec.pools.push_back(MakePool(replicas));
  return spec;
}

// The topology of a spec that is known to be right.
inline Topology MakeTopology(TopologySpec spec) {
  absl::StatusOr<Topology> topology = Topology::Create(std::move(spec));
  QUORATE_CHECK(topology.ok());
  return *std::move(topology);
}

}  // namespace quorate::topology
