// SPDX-License-Identifier: Apache-2.0
#include "sim/world/quorum_left.h"

#include <map>

#include "engine/base/check.h"
#include "engine/topology/topology.h"

namespace quorate::sim {
namespace {

using topology::Consistency;

struct Count {
  uint32_t there = 0;
  uint32_t all = 0;

  void Add(bool is_there) {
    there += is_there ? 1 : 0;
    ++all;
  }
  [[nodiscard]] bool some() const { return there > 0; }
  [[nodiscard]] bool most() const { return there > all / 2; }
  [[nodiscard]] bool every() const { return there == all; }
};

// `doubtful`: whether those that may answer count.
bool Suffice(std::span<const CoreReplica> replicas, Consistency level, uint16_t local,
             bool doubtful) {
  Count whole;
  std::map<uint16_t, Count> of_data_centre;
  for (const CoreReplica& replica : replicas) {
    const bool there =
        replica.absence == Absence::kNone || (doubtful && replica.absence == Absence::kDoubtful);
    whole.Add(there);
    of_data_centre[replica.data_centre].Add(there);
  }
  switch (level) {
    case Consistency::kAny:
    case Consistency::kOne:
      return whole.some();
    case Consistency::kQuorum:
      return whole.most();
    case Consistency::kAll:
      return whole.every();
    case Consistency::kLocalOne:
    case Consistency::kDcOne:
      return of_data_centre[local].some();
    case Consistency::kLocalQuorum:
    case Consistency::kDcQuorum:
    case Consistency::kDcSafeQuorum:
      return of_data_centre[local].most();
    case Consistency::kEachQuorum:
    case Consistency::kDcEachSafeQuorum:
      for (const auto& [data_centre, count] : of_data_centre) {
        if (!count.most()) return false;
      }
      return true;
  }
  QUORATE_CHECK(false);
}

}  // namespace

QuorumLeft QuorumLeftOf(std::span<const CoreReplica> replicas, Consistency level, uint16_t local) {
  if (Suffice(replicas, level, local, /*doubtful=*/false)) return QuorumLeft::kYes;
  return Suffice(replicas, level, local, /*doubtful=*/true) ? QuorumLeft::kMaybe : QuorumLeft::kNo;
}

QuorumLeft QuorumLeftFor(const WorldView& world, PoolId pool, std::string_view key,
                         Consistency level, NodeIndex asked) {
  const topology::Topology& topology = world.topology();
  const topology::PoolSpec* spec = topology.FindPool(pool);
  const topology::Replica* member = topology.FindNode(world.node_id(asked));
  QUORATE_CHECK(spec != nullptr && member != nullptr);
  std::vector<CoreReplica> replicas;
  for (const topology::Replica& replica :
       topology.ReplicasOf(pool, topology::PlacerOf(*spec)(key))) {
    replicas.push_back({replica.data_centre, world.absence(world.IndexOf(replica.node))});
  }
  return QuorumLeftOf(replicas, level, member->data_centre);
}

}  // namespace quorate::sim
