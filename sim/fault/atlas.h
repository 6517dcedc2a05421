// SPDX-License-Identifier: Apache-2.0
// What may fail together. Recovery is demanded of every run, so faults that take a node out of
// service (or its clock or disk) are bounded per preference list and data centre: never more than a
// minority of its replicas at one time. The atlas knows the lists of all pools and answers whether
// a set of nodes keeps that bound for each pool that has it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/topology/topology.h"

namespace quorate::sim {

class FaultAtlas {
 public:
  struct Pool {
    PoolId id;
    bool bounded = true;
  };
  // `nodes` gives the identity of each node of the world, by index; all are members.
  FaultAtlas(const topology::Topology& topology, std::span<const Pool> pools,
             std::span<const NodeId> nodes);

  // True where each list that is bounded has at most a minority of its replicas of any data centre
  // in `down` (rising indexes). O(lists that hold one of them).
  [[nodiscard]] bool Survives(std::span<const uint32_t> down) const;
  // The nodes of a list, by index. Requires: list < lists().
  [[nodiscard]] std::span<const uint32_t> NodesOf(size_t list) const {
    return {&members_[begins_[list]], begins_[list + 1] - begins_[list]};
  }
  // Of all pools, bounded or not.
  [[nodiscard]] size_t lists() const { return begins_.size() - 1; }
  [[nodiscard]] uint32_t nodes() const { return static_cast<uint32_t>(lists_of_.size()); }
  [[nodiscard]] uint16_t rack(uint32_t node) const { return racks_[node]; }
  [[nodiscard]] uint16_t data_centre(uint32_t node) const { return data_centres_[node]; }

 private:
  [[nodiscard]] bool ListSurvives(size_t list, std::span<const uint32_t> down) const;

  std::vector<uint32_t> members_;                // per list, grouped by data centre
  std::vector<uint32_t> begins_ = {0};           // of each list among them, and the end
  std::vector<std::vector<uint32_t>> lists_of_;  // that are bounded, by node
  std::vector<uint16_t> racks_;
  std::vector<uint16_t> data_centres_;
};

}  // namespace quorate::sim
