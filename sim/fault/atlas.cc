// SPDX-License-Identifier: Apache-2.0
#include "sim/fault/atlas.h"

#include <algorithm>
#include <map>

#include "engine/base/check.h"

namespace quorate::sim {

FaultAtlas::FaultAtlas(const topology::Topology& topology, std::span<const Pool> pools,
                       std::span<const NodeId> nodes)
    : lists_of_(nodes.size()) {
  std::map<NodeId, uint32_t> index_of;
  for (const NodeId node : nodes) {
    const topology::Replica* member = topology.FindNode(node);
    QUORATE_CHECK(member != nullptr);
    index_of.emplace(node, static_cast<uint32_t>(racks_.size()));
    racks_.push_back(member->rack);
    data_centres_.push_back(member->data_centre);
  }
  for (const Pool& pool : pools) {
    const topology::Placement* placement = topology.PlacementOf(pool.id);
    QUORATE_CHECK(placement != nullptr);
    for (size_t row = 0; row < placement->rows(); ++row) {
      const auto number = static_cast<uint32_t>(lists());
      for (const topology::Replica& replica : placement->ListOf(row)) {
        const auto found = index_of.find(replica.node);
        QUORATE_CHECK(found != index_of.end());
        members_.push_back(found->second);
        if (pool.bounded) lists_of_[found->second].push_back(number);
      }
      begins_.push_back(static_cast<uint32_t>(members_.size()));
    }
  }
}

bool FaultAtlas::ListSurvives(size_t list, std::span<const uint32_t> down) const {
  const std::span<const uint32_t> members = NodesOf(list);
  for (size_t begin = 0; begin < members.size();) {
    size_t end = begin;
    size_t lost = 0;
    const uint16_t data_centre = data_centres_[members[begin]];
    for (; end < members.size() && data_centres_[members[end]] == data_centre; ++end) {
      if (std::binary_search(down.begin(), down.end(), members[end])) ++lost;
    }
    if (lost > (end - begin - 1) / 2) return false;
    begin = end;
  }
  return true;
}

bool FaultAtlas::Survives(std::span<const uint32_t> down) const {
  for (const uint32_t node : down) {
    for (const uint32_t list : lists_of_[node]) {
      if (!ListSurvives(list, down)) return false;
    }
  }
  return true;
}

}  // namespace quorate::sim
