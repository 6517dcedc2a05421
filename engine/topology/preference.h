// SPDX-License-Identifier: Apache-2.0
// Which N nodes of a data centre, given an order in which to take them: one per rack while there
// are racks without, then a second per rack, and so on, each round in the given order [Dynamo,
// section 4.3; Cassandra's NetworkTopologyStrategy]. With N = the number of racks that is
// Dynomite's layout: walking a ring from a token, the first node met of each rack is the owner in
// that rack's own ring.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/ids.h"

namespace quorate::topology {

// A node that holds a copy, and where it stands: indexes into the topology's data centres, racks,
// seats.
struct Replica {
  NodeId node;
  uint16_t data_centre = 0;
  uint16_t rack = 0;
  uint32_t seat = 0;
  friend bool operator==(const Replica&, const Replica&) = default;
};
static_assert(sizeof(Replica) == 16);

// For each position of a closed walk over seats (a seat may come more than once), the `replicas`
// seats to take when walking on from there: walk.size() lists in one vector. Linear in its size.
// Requires: `replicas` different seats on the walk, at least 1.
[[nodiscard]] std::vector<uint32_t> PreferenceLists(std::span<const uint32_t> walk,
                                                    std::span<const Replica> seats,
                                                    uint32_t replicas);

// The same for one list where each seat of [begin, end) has a rank, highest first, ties to the
// lower seat: appended to `out`. Requires: ranks.size() == end - begin >= replicas.
void AppendByRank(std::span<const uint64_t> ranks, uint32_t begin, std::span<const Replica> seats,
                  uint32_t replicas, std::vector<uint32_t>& out);

}  // namespace quorate::topology
