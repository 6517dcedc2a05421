// SPDX-License-Identifier: Apache-2.0
// A world with a topology and nothing in it: for oracles that are fed by hand.
#pragma once

#include <array>
#include <utility>

#include "engine/base/check.h"
#include "sim/world/world_events.h"
#include "tests/engine/topology/specs.h"

namespace quorate::sim {

class FakeWorld final : public WorldView {
 public:
  explicit FakeWorld(env::Durability durability = env::Durability::kAlways, uint16_t replicas = 3)
      : topology_(ThreeSeats(replicas)),
        pools_{PoolLook{PoolId{0}, "main", durability, false, 2s},
               PoolLook{PoolId{1}, "second", durability, false, 2s}} {}

  [[nodiscard]] uint32_t nodes() const override { return 3; }
  [[nodiscard]] NodeId node_id(NodeIndex node) const override { return NodeId{node.value + 1}; }
  [[nodiscard]] NodeIndex IndexOf(NodeId node) const override {
    return node.value >= 1 && node.value <= 3 ? NodeIndex{static_cast<uint32_t>(node.value - 1)}
                                              : kNoNode;
  }
  [[nodiscard]] uint16_t shards(NodeIndex) const override { return 1; }
  [[nodiscard]] const node::Shard* shard(NodeIndex, uint16_t) const override { return nullptr; }
  [[nodiscard]] uint32_t lives(NodeIndex) const override { return 1; }
  [[nodiscard]] const topology::Topology& topology() const override { return topology_; }
  [[nodiscard]] std::span<const PoolLook> pools() const override { return pools_; }
  [[nodiscard]] uint64_t seed() const override { return 1; }
  [[nodiscard]] SimTime now() const override { return SimTime{0}; }
  [[nodiscard]] Phase phase() const override { return Phase::kRest; }
  [[nodiscard]] const FaultEffects& effects() const override { return effects_; }
  [[nodiscard]] uint64_t messages_in_flight() const override { return messages; }
  [[nodiscard]] uint64_t commits_in_flight() const override { return 0; }
  [[nodiscard]] uint64_t operations_in_flight() const override { return 0; }

  [[nodiscard]] bool frozen(NodeIndex node) const override {
    return absences[node.value] != Absence::kNone;
  }
  [[nodiscard]] Absence absence(NodeIndex node) const override { return absences[node.value]; }

  [[nodiscard]] bool as_in_production() const override { return production; }

  uint64_t messages = 0;
  bool production = false;
  std::array<Absence, 3> absences{};

 private:
  static topology::Topology ThreeSeats(uint16_t replicas) {
    topology::TopologySpec spec = topology::MakeSpec(3, 3, replicas);
    topology::PoolSpec second = topology::MakePool(replicas);
    second.id = PoolId{1};
    second.name = "second";
    spec.pools.push_back(second);
    return topology::MakeTopology(std::move(spec));
  }

  topology::Topology topology_;
  std::array<PoolLook, 2> pools_;
  FaultEffects effects_{};
};

}  // namespace quorate::sim
