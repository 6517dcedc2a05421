// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/topology_spec.h"

#include <algorithm>
#include <array>
#include <tuple>

namespace quorate::topology {
namespace {

constexpr std::array<std::string_view, 5> kDistributions = {"vnode", "ketama", "modula", "random",
                                                            "single"};
constexpr std::array<std::string_view, 2> kKinds = {"dynamo", "raft"};

// The index of `name`, or an error with all names.
template <size_t Size>
absl::StatusOr<size_t> IndexOf(std::string_view name, std::string_view what,
                               const std::array<std::string_view, Size>& names) {
  std::string valid;
  for (size_t i = 0; i < Size; ++i) {
    if (names[i] == name) return i;
    if (i > 0) valid += ", ";
    valid += names[i];
  }
  return InvalidArgument("unknown " + std::string(what) + " '" + std::string(name) +
                         "'; it is one of " + valid);
}

}  // namespace

std::string_view NameOf(Distribution distribution) {
  return kDistributions.at(static_cast<size_t>(distribution));
}

std::string_view NameOf(PoolKind kind) { return kKinds.at(static_cast<size_t>(kind)); }

absl::StatusOr<Distribution> ParseDistribution(std::string_view name) {
  QUORATE_ASSIGN_OR_RETURN(const size_t index, IndexOf(name, "distribution", kDistributions));
  return static_cast<Distribution>(index);
}

absl::StatusOr<PoolKind> ParsePoolKind(std::string_view name) {
  QUORATE_ASSIGN_OR_RETURN(const size_t index, IndexOf(name, "kind of pool", kKinds));
  return static_cast<PoolKind>(index);
}

void MakeCanonical(TopologySpec& spec) {
  std::sort(spec.seats.begin(), spec.seats.end(), [](const SeatSpec& a, const SeatSpec& b) {
    return std::tie(a.data_centre, a.rack, a.address, a.node) <
           std::tie(b.data_centre, b.rack, b.address, b.node);
  });
  for (SeatSpec& seat : spec.seats) std::sort(seat.tokens.begin(), seat.tokens.end());
  std::sort(spec.pools.begin(), spec.pools.end(), [](const PoolSpec& a, const PoolSpec& b) {
    return std::tie(a.id, a.name) < std::tie(b.id, b.name);
  });
}

}  // namespace quorate::topology
