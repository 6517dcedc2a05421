// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/topology.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/hash/digest.h"

namespace quorate::topology {
namespace {

// Frozen: digests name epochs.
constexpr uint64_t kDigestSeed = 0x746f706f6c6f6779;

// The pool's index, or pools.size().
size_t IndexOf(std::span<const PoolSpec> pools, PoolId id) {
  const auto found = std::lower_bound(pools.begin(), pools.end(), id,
                                      [](const PoolSpec& pool, PoolId i) { return pool.id < i; });
  return found != pools.end() && found->id == id ? static_cast<size_t>(found - pools.begin())
                                                 : pools.size();
}

}  // namespace

Topology::Topology(TopologySpec spec) : spec_(std::move(spec)) {
  header_ = {spec_.epoch, spec_.state, hash::Digest(EncodeSpec(spec_), kDigestSeed),
             spec_.parent_digest};
  for (uint32_t i = 0; i < spec_.seats.size(); ++i) {
    const SeatSpec& seat = spec_.seats[i];
    const bool new_centre = data_centres_.empty() || data_centres_.back() != seat.data_centre;
    if (new_centre) data_centres_.push_back(seat.data_centre);
    const uint16_t data_centre = static_cast<uint16_t>(data_centres_.size() - 1);
    if (new_centre || racks_.back().name != seat.rack) racks_.push_back({data_centre, seat.rack});
    members_.push_back({seat.node, data_centre, static_cast<uint16_t>(racks_.size() - 1), i});
  }
  by_node_ = members_;
  std::sort(by_node_.begin(), by_node_.end(),
            [](const Replica& a, const Replica& b) { return a.node < b.node; });
}

absl::StatusOr<Topology> Topology::Create(TopologySpec spec) {
  MakeCanonical(spec);
  QUORATE_RETURN_IF_ERROR(Validate(spec));
  Topology result(std::move(spec));
  QUORATE_RETURN_IF_ERROR(result.BuildPlacements());
  return result;
}

absl::StatusOr<Topology> Topology::Decode(std::string_view bytes) {
  QUORATE_ASSIGN_OR_RETURN(TopologySpec spec, DecodeSpec(bytes));
  return Create(std::move(spec));
}

PlacementRule Topology::RuleOf(const PoolSpec& pool) const {
  PlacementRule rule{pool.distribution, hash::WidthBits(pool.hash), {}};
  const ReplicationRule& wanted = pool.replication;
  for (uint16_t i = 0; i < data_centres_.size(); ++i) {
    uint16_t replicas = wanted.per_data_centre;
    if (wanted.copy_per_rack) {
      replicas = static_cast<uint16_t>(std::count_if(
          racks_.begin(), racks_.end(), [&](const Rack& rack) { return rack.data_centre == i; }));
    } else if (!wanted.by_data_centre.empty()) {
      const auto found = wanted.by_data_centre.find(data_centres_[i]);
      replicas = found == wanted.by_data_centre.end() ? uint16_t{0} : found->second;
    }
    rule.replicas.push_back(replicas);
  }
  return rule;
}

absl::Status Topology::BuildPlacements() {
  for (const PoolSpec& pool : spec_.pools) {
    PlacementRule rule = RuleOf(pool);
    const auto known =
        std::find_if(placements_.begin(), placements_.end(),
                     [&](const Placement& placement) { return placement.rule() == rule; });
    placement_of_.push_back(static_cast<size_t>(known - placements_.begin()));
    if (known != placements_.end()) continue;
    absl::StatusOr<Placement> built = Placement::Build(spec_, members_, std::move(rule));
    if (!built.ok()) {
      return ResourceExhausted("pool " + pool.name + ": " + MessageOf(built.status()));
    }
    placements_.push_back(*std::move(built));
  }
  return absl::OkStatus();
}

const Replica* Topology::FindNode(NodeId node) const {
  const auto found = std::lower_bound(by_node_.begin(), by_node_.end(), node,
                                      [](const Replica& a, NodeId id) { return a.node < id; });
  return found != by_node_.end() && found->node == node ? &*found : nullptr;
}

const SeatSpec* Topology::FindSeat(NodeId node) const {
  const Replica* member = FindNode(node);
  return member == nullptr ? nullptr : &spec_.seats[member->seat];
}

std::vector<NodeId> Topology::PeersOf(NodeId self) const {
  std::vector<NodeId> peers;
  for (const Replica& member : members_) {
    if (member.node != self) peers.push_back(member.node);
  }
  return peers;
}

const PoolSpec* Topology::FindPool(PoolId pool) const {
  const size_t index = IndexOf(spec_.pools, pool);
  return index == spec_.pools.size() ? nullptr : &spec_.pools[index];
}

const PoolSpec* Topology::FindPool(std::string_view name) const {
  for (const PoolSpec& pool : spec_.pools) {
    if (pool.name == name) return &pool;
  }
  return nullptr;
}

const Placement* Topology::PlacementOf(PoolId pool) const {
  const size_t index = IndexOf(spec_.pools, pool);
  return index == spec_.pools.size() ? nullptr : &placements_[placement_of_[index]];
}

ReplicaSet Topology::ReplicasOf(PoolId pool, Place place) const {
  const Placement* placement = PlacementOf(pool);
  return placement == nullptr ? ReplicaSet() : placement->ReplicasOf(place);
}

ReplicaSet Topology::ReplicasIn(PoolId pool, Place place, uint16_t data_centre) const {
  const Placement* placement = PlacementOf(pool);
  if (placement == nullptr || data_centre >= data_centres_.size()) return {};
  return placement->ReplicasIn(place, data_centre);
}

uint16_t Topology::ReplicaCount(PoolId pool, uint16_t data_centre) const {
  const Placement* placement = PlacementOf(pool);
  if (placement == nullptr || data_centre >= data_centres_.size()) return 0;
  return placement->rule().replicas[data_centre];
}

bool Topology::Owns(NodeId node, PoolId pool, Place place) const {
  const Placement* placement = PlacementOf(pool);
  return placement != nullptr && placement->Owns(node, place);
}

std::vector<PlaceRange> Topology::OwnedRanges(NodeId node, PoolId pool) const {
  const Placement* placement = PlacementOf(pool);
  return placement == nullptr ? std::vector<PlaceRange>() : placement->OwnedRanges(node);
}

// The seat that is furthest above its fair share, where that is almost twice as much or more.
void Topology::AppendShareWarning(size_t pool, std::vector<std::string>& warnings) const {
  const Placement& placement = placements_[placement_of_[pool]];
  if (placement.rule().distribution == Distribution::kSingle) return;
  const std::vector<uint64_t> shares = placement.Shares(members_.size());
  std::vector<uint64_t> weights(data_centres_.size());
  for (const Replica& member : members_) {
    weights[member.data_centre] += spec_.seats[member.seat].weight;
  }
  uint64_t worst_percent = 0;
  std::string worst;
  for (const Replica& member : members_) {
    const SeatSpec& seat = spec_.seats[member.seat];
    const uint64_t replicas = placement.rule().replicas[member.data_centre];
    const uint64_t whole = uint64_t{1} << 32;
    const uint64_t fair =
        std::min(whole, whole * replicas * seat.weight / weights[member.data_centre]);
    if (fair == 0 || shares[member.seat] * 100 / fair <= std::max<uint64_t>(worst_percent, 190)) {
      continue;
    }
    worst_percent = shares[member.seat] * 100 / fair;
    worst = Format(
        "pool %s: seat %s holds %d%% of the keys, where its fair share is %d%%; its "
        "tokens, or those of its rack, are unevenly spread over the ring",
        spec_.pools[pool].name, seat.address, shares[member.seat] * 100 / whole,
        fair * 100 / whole);
  }
  if (!worst.empty()) warnings.push_back(std::move(worst));
}

std::vector<std::string> Topology::Warnings() const {
  std::vector<std::string> warnings;
  for (size_t i = 0; i < spec_.pools.size(); ++i) {
    const PoolSpec& pool = spec_.pools[i];
    const std::string hash_warning = hash::SpreadWarning(pool.hash);
    if (!hash_warning.empty()) warnings.push_back("pool " + pool.name + ": " + hash_warning);
    AppendShareWarning(i, warnings);
  }
  return warnings;
}

}  // namespace quorate::topology
