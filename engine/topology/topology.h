// SPDX-License-Identifier: Apache-2.0
// Who owns what: one epoch of a cluster, complete and immutable. The world makes one per process
// (the simulator one per digest) and lends it to shards; it answers by look-up only.
//
// Indexes of data centres, racks and seats count in the order of their names (racks and seats
// within their data centre), and are valid within one epoch.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/status.h"
#include "engine/hash/place.h"
#include "engine/topology/epochs.h"
#include "engine/topology/placement.h"
#include "engine/topology/topology_spec.h"

namespace quorate::topology {

struct Rack {
  uint16_t data_centre = 0;
  std::string name;
  friend bool operator==(const Rack&, const Rack&) = default;
};

// From a key of the pool to its place.
[[nodiscard]] inline hash::KeyPlacer PlacerOf(const PoolSpec& pool) {
  return {pool.hash, pool.tag};
}

class Topology {
 public:
  // InvalidArgument with the first thing that is wrong with the spec; ResourceExhausted where it
  // asks for more than limits.h allows.
  static absl::StatusOr<Topology> Create(TopologySpec spec);
  // From the bytes of Encode; DataLoss for others.
  static absl::StatusOr<Topology> Decode(std::string_view bytes);
  Topology(Topology&&) = default;
  Topology& operator=(Topology&&) = default;

  [[nodiscard]] Bytes Encode() const { return EncodeSpec(spec_); }
  // Of the encoding: equal for equal clusters, in whatever order they were written.
  [[nodiscard]] EpochHeader header() const { return header_; }
  [[nodiscard]] Epoch epoch() const { return header_.number; }
  [[nodiscard]] uint64_t digest() const { return header_.digest; }
  [[nodiscard]] const std::string& cluster() const { return spec_.cluster; }
  // Canonical. A changed copy makes the next epoch.
  [[nodiscard]] const TopologySpec& spec() const { return spec_; }

  [[nodiscard]] std::span<const SeatSpec> seats() const { return spec_.seats; }
  [[nodiscard]] std::span<const Rack> racks() const { return racks_; }
  [[nodiscard]] std::span<const std::string> data_centres() const { return data_centres_; }
  // Node, data centre, rack and seat of a node; null where it is no member. O(log nodes).
  [[nodiscard]] const Replica* FindNode(NodeId node) const;
  [[nodiscard]] const SeatSpec* FindSeat(NodeId node) const;
  // All nodes but `self`, by seat.
  [[nodiscard]] std::vector<NodeId> PeersOf(NodeId self) const;

  [[nodiscard]] std::span<const PoolSpec> pools() const { return spec_.pools; }
  [[nodiscard]] const PoolSpec* FindPool(PoolId pool) const;
  [[nodiscard]] const PoolSpec* FindPool(std::string_view name) const;
  // Null for an unknown pool. O(log pools).
  [[nodiscard]] const Placement* PlacementOf(PoolId pool) const;

  // The preference list; empty for an unknown pool. O(log tokens), no allocation.
  [[nodiscard]] ReplicaSet ReplicasOf(PoolId pool, Place place) const;
  [[nodiscard]] ReplicaSet ReplicasIn(PoolId pool, Place place, uint16_t data_centre) const;
  // How many replicas each key has in a data centre.
  [[nodiscard]] uint16_t ReplicaCount(PoolId pool, uint16_t data_centre) const;
  [[nodiscard]] bool Owns(NodeId node, PoolId pool, Place place) const;
  [[nodiscard]] std::vector<PlaceRange> OwnedRanges(NodeId node, PoolId pool) const;

  // What is legal but not wise, a sentence each: hashes that do not spread, seats with a share of
  // the ring far from their weight's.
  [[nodiscard]] std::vector<std::string> Warnings() const;

 private:
  explicit Topology(TopologySpec spec);
  [[nodiscard]] PlacementRule RuleOf(const PoolSpec& pool) const;
  absl::Status BuildPlacements();
  void AppendShareWarning(size_t pool, std::vector<std::string>& warnings) const;

  TopologySpec spec_;
  EpochHeader header_;
  std::vector<std::string> data_centres_;
  std::vector<Rack> racks_;
  std::vector<Replica> members_;       // by seat
  std::vector<Replica> by_node_;       // the same by NodeId
  std::vector<Placement> placements_;  // one per different rule
  std::vector<size_t> placement_of_;   // by pool
};

}  // namespace quorate::topology
