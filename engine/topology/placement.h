// SPDX-License-Identifier: Apache-2.0
// Where the keys of a pool live: for every place its preference list, computed once. The ring is
// cut into rows at every point of every data centre, so a look-up is one binary search and gives a
// view of the finished list.
//
// The lists hold the same number of replicas in each row: first those of the first data centre by
// name, then those of the second, and so on, each in the order in which they are to be asked.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/status.h"
#include "engine/topology/preference.h"
#include "engine/topology/topology_spec.h"

namespace quorate::topology {

// A view into a topology: valid as long as that is.
using ReplicaSet = std::span<const Replica>;

// Places first to last, both included.
struct PlaceRange {
  Place first;
  Place last;
  friend bool operator==(const PlaceRange&, const PlaceRange&) = default;
};

// What of a pool decides about placement: pools with equal rules share one table.
struct PlacementRule {
  Distribution distribution = Distribution::kVnode;
  int width_bits = 64;
  std::vector<uint16_t> replicas;  // per data centre
  friend bool operator==(const PlacementRule&, const PlacementRule&) = default;
};

class Placement {
 public:
  // Requires: a canonical, valid spec, and one Replica per seat of it. ResourceExhausted where the
  // table would be larger than limits.h allows.
  static absl::StatusOr<Placement> Build(const TopologySpec& spec, std::span<const Replica> seats,
                                         PlacementRule rule);

  [[nodiscard]] const PlacementRule& rule() const { return rule_; }
  [[nodiscard]] ReplicaSet ReplicasOf(Place place) const {
    return {&replicas_[RowOf(place) * list_size_], list_size_};
  }
  // Those of one data centre.
  [[nodiscard]] ReplicaSet ReplicasIn(Place place, uint16_t data_centre) const {
    return ReplicasOf(place).subspan(offsets_[data_centre], rule_.replicas[data_centre]);
  }
  [[nodiscard]] bool Owns(NodeId node, Place place) const;
  // The places whose lists hold the node: sorted, not touching each other. Under `modula` owners
  // alternate from token to token, so there a node that owns anything gets the whole ring, and Owns
  // decides per key.
  [[nodiscard]] std::vector<PlaceRange> OwnedRanges(NodeId node) const;
  // Of each seat, the part of the ring whose lists hold it, in 1 / 2^32 of the ring.
  [[nodiscard]] std::vector<uint64_t> Shares(size_t seats) const;
  [[nodiscard]] size_t rows() const { return replicas_.size() / list_size_; }
  // The list of one row, for whoever looks at all of them. Requires: row < rows().
  [[nodiscard]] ReplicaSet ListOf(size_t row) const {
    return {&replicas_[row * list_size_], list_size_};
  }

 private:
  explicit Placement(PlacementRule rule);
  [[nodiscard]] size_t RowOf(Place place) const;
  void IndexRows();
  [[nodiscard]] bool ByRemainder() const { return rule_.distribution == Distribution::kModula; }
  // The places of a row; the first row has a second part, behind the last point.
  [[nodiscard]] PlaceRange RangeOf(size_t row) const;
  [[nodiscard]] bool HasTail() const { return lasts_.back() != Place{~uint64_t{0}}; }
  [[nodiscard]] bool RowHolds(size_t row, NodeId node) const;

  PlacementRule rule_;
  size_t list_size_ = 0;
  std::vector<size_t> offsets_;  // per data centre, into a list
  std::vector<Place> lasts_;     // per row its last place, rising; empty under modula
  // Per value of the leading bits of a place, as many as tell rows apart, the first row that does
  // not end before such places begin; and one more.
  std::vector<uint32_t> first_rows_;
  int leading_bits_ = 0;
  std::vector<Replica> replicas_;  // per row a list
};

}  // namespace quorate::topology
