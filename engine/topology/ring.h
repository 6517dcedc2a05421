// SPDX-License-Identifier: Apache-2.0
// One data centre's seats as points on a ring of places. A point owns the places above the one
// before it, up to and including its own [Dynomite: (previous, token]]; the first owns those above
// the last.
//
// A token is as wide as the pool's hash. The places of its keys differ below that width, so the
// point of a token lies at the last of them: then comparing places decides as comparing tokens
// would.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/topology/topology_spec.h"

namespace quorate::topology {

struct RingPoint {
  Place last;          // the last place it owns
  uint64_t order = 0;  // decides between points with one place, evenly and for ever
  uint32_t seat = 0;   // an index into the seats of the spec
  friend bool operator==(const RingPoint&, const RingPoint&) = default;
};

// Both give the points in ring order, for the seats [begin, end) of a canonical spec.
// The seats' tokens; for a seat without any, `virtual_tokens` per weight that depend on nothing but
// the cluster and the seat, so that a seat that comes or goes moves its own share only.
[[nodiscard]] std::vector<RingPoint> VnodeRing(const TopologySpec& spec, uint32_t begin,
                                               uint32_t end, int width_bits);
// The continuum of libketama: per seat about kKetamaPoints, scaled by its share of the weight, four
// 32-bit points of the MD5 of "address-0", "address-1", ... At least four.
[[nodiscard]] std::vector<RingPoint> KetamaRing(const TopologySpec& spec, uint32_t begin,
                                                uint32_t end);

// A number of the seat's own, the same in every topology of the cluster it is part of.
[[nodiscard]] uint64_t SeatSeed(const TopologySpec& spec, uint32_t seat);

}  // namespace quorate::topology
