// SPDX-License-Identifier: Apache-2.0
// What may fail together. Recovery is demanded of every run, so faults that take a node out of
// service (or its clock or disk) are bounded per preference list and data centre: never more than a
// minority of its replicas at one time. The atlas knows all lists and answers whether a set of
// nodes keeps that bound.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/topology/topology.h"

namespace quorate::sim {

class FaultAtlas {
 public:
  // `nodes` gives the identity of each node of the world, by index; all are members.
  FaultAtlas(const topology::Topology& topology, PoolId pool, std::span<const NodeId> nodes);

  // True where each list has at most a minority of its replicas of any data centre in `down`
  // (rising indexes). O(lists that hold one of them).
  [[nodiscard]] bool Survives(std::span<const uint32_t> down) const;
  // The nodes of a list, by index. Requires: list < lists().
  [[nodiscard]] std::span<const uint32_t> NodesOf(size_t list) const {
    return {&members_[list * list_size_], list_size_};
  }
  [[nodiscard]] size_t lists() const { return list_size_ == 0 ? 0 : members_.size() / list_size_; }
  [[nodiscard]] uint32_t nodes() const { return static_cast<uint32_t>(lists_of_.size()); }
  [[nodiscard]] uint16_t rack(uint32_t node) const { return racks_[node]; }
  [[nodiscard]] uint16_t data_centre(uint32_t node) const { return data_centres_[node]; }

 private:
  [[nodiscard]] bool ListSurvives(size_t list, std::span<const uint32_t> down) const;

  size_t list_size_ = 0;
  std::vector<uint32_t> members_;  // per list, grouped by data centre
  std::vector<std::vector<uint32_t>> lists_of_;
  std::vector<uint16_t> racks_;
  std::vector<uint16_t> data_centres_;
};

}  // namespace quorate::sim
