// SPDX-License-Identifier: Apache-2.0
#include "io/config/topology_of.h"

#include <algorithm>
#include <map>

#include "engine/topology/seed_line.h"

namespace quorate::io {
namespace {

constexpr uint16_t kReplicasDefault = 3;
// What a node alone calls its place. No peer ever connects there.
constexpr const char* kAloneAddress = "localhost:7380";

std::map<std::string, uint64_t> SeatsPerDataCentre(const NodeConfig& config) {
  std::map<std::string, uint64_t> seats;
  for (const SeatConfig& seat : config.seats) ++seats[seat.data_centre];
  if (seats.empty()) seats[SeatConfig().data_centre] = 1;
  return seats;
}

topology::ReplicationRule RuleOf(const NodeConfig& config, const PoolConfig& pool) {
  if (pool.replication) return *pool.replication;
  uint64_t replicas = kReplicasDefault;
  for (const auto& [name, seats] : SeatsPerDataCentre(config)) replicas = std::min(replicas, seats);
  topology::ReplicationRule rule;
  rule.per_data_centre = static_cast<uint16_t>(replicas);
  return rule;
}

absl::StatusOr<topology::SeatSpec> SeatOf(const NodeConfig& config, const SeatConfig& seat,
                                          int width_bits) {
  topology::SeatSpec spec;
  spec.node = NodeIdOf(config, seat);
  spec.address = seat.address;
  spec.rack = seat.rack;
  spec.data_centre = seat.data_centre;
  spec.weight = seat.weight;
  const auto tokens = topology::ParseTokens(seat.tokens, width_bits);
  if (!tokens.ok()) {
    return InvalidArgument("tokens of seat " + seat.name + ": " + MessageOf(tokens.status()));
  }
  spec.tokens = *tokens;
  return spec;
}

absl::Status CheckSelf(const NodeConfig& config, NodeId self) {
  const SeatConfig* own = OwnSeat(config);
  if (own == nullptr) return InvalidArgument("no seat is this node's");
  const NodeId bound = NodeIdOf(config, *own);
  if (bound == self) return absl::OkStatus();
  return FailedPrecondition(Format(
      "the data directory belongs to node %016x, but seat %s of cluster %s is bound to node "
      "%016x: use the directory that belongs to the seat, or set the seat's node_id on every "
      "node",
      self.value, own->name, config.cluster, bound.value));
}

}  // namespace

uint64_t ReplicasOf(const NodeConfig& config, const PoolConfig& pool) {
  const topology::ReplicationRule rule = RuleOf(config, pool);
  uint64_t most = 0;
  if (rule.copy_per_rack) {
    std::map<std::string, std::map<std::string, int>> racks;
    for (const SeatConfig& seat : config.seats) racks[seat.data_centre][seat.rack] = 1;
    for (const auto& [name, of_name] : racks) most += of_name.size();
    return std::max<uint64_t>(most, 1);
  }
  for (const auto& [name, seats] : SeatsPerDataCentre(config)) {
    const auto own = rule.by_data_centre.find(name);
    if (rule.by_data_centre.empty()) {
      most += rule.per_data_centre;
    } else if (own != rule.by_data_centre.end()) {
      most += own->second;
    }
  }
  return most;
}

NodeId DerivedNodeId(std::string_view cluster, std::string_view seat, uint64_t disk) {
  // The first disk is the seat itself, as in a file of Dynomite, which knows no others.
  std::string name(seat);
  if (disk != 1) name += "#" + std::to_string(disk);
  return topology::StaticNodeId(cluster, name);
}

NodeId NodeIdOf(const NodeConfig& config, const SeatConfig& seat) {
  return seat.node_id ? *seat.node_id : DerivedNodeId(config.cluster, seat.name, seat.disk);
}

absl::StatusOr<topology::TopologySpec> TopologyOf(const NodeConfig& config, NodeId self) {
  topology::TopologySpec spec;
  spec.cluster = config.cluster;
  spec.virtual_tokens = config.virtual_tokens;
  // Tokens are as wide as what they are compared with.
  const int width_bits = hash::WidthBits(config.pools.front().hash);
  if (config.seats.empty()) {
    SeatConfig alone;
    alone.name = alone.address = kAloneAddress;
    alone.node_id = self;
    QUORATE_ASSIGN_OR_RETURN(topology::SeatSpec seat, SeatOf(config, alone, width_bits));
    spec.seats.push_back(std::move(seat));
  } else {
    QUORATE_RETURN_IF_ERROR(CheckSelf(config, self));
  }
  for (const SeatConfig& seat : config.seats) {
    QUORATE_ASSIGN_OR_RETURN(topology::SeatSpec bound, SeatOf(config, seat, width_bits));
    spec.seats.push_back(std::move(bound));
  }
  for (const PoolConfig& pool : config.pools) {
    topology::PoolSpec made;
    made.id = PoolId{static_cast<uint16_t>(spec.pools.size())};
    made.name = pool.name;
    made.kind = pool.kind;
    made.hash = pool.hash;
    made.tag = pool.tag;
    made.distribution = pool.distribution;
    made.replication = RuleOf(config, pool);
    made.partitions = pool.partitions;
    spec.pools.push_back(std::move(made));
  }
  topology::MakeCanonical(spec);
  QUORATE_RETURN_IF_ERROR(topology::Validate(spec));
  return spec;
}

}  // namespace quorate::io
