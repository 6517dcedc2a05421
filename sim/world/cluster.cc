// SPDX-License-Identifier: Apache-2.0
#include "sim/world/cluster.h"

#include <algorithm>

#include "sim/core/draw.h"
#include "sim/storage/disk_device.h"
#include "sim/world/limits.h"

namespace quorate::sim {
namespace {

constexpr uint64_t kIdSalt = 0x6e6f64656964;

NodeClock MakeClock(const WorldConfig& config, uint32_t node) {
  const uint64_t draw = Draw(config.seed, Purpose::kNodeClock, node);
  const Duration offset = Uniform(draw, -config.clock_offset_max, config.clock_offset_max);
  const auto bound = Duration(config.clock_drift_ppm_max);
  const Duration drift = Uniform(Mix(draw, 1), -bound, bound);
  return {offset, static_cast<int32_t>(drift.count()), config.clock_grain};
}

}  // namespace

Cluster::Cluster(const ClusterSurroundings& world, std::vector<NodeId> node_ids,
                 std::vector<NodeSite> sites, std::function<void(Failure)> fail)
    : config_(world.config),
      seed_(world.epochs.seed()),
      topology_(world.topology),
      effects_(world.effects),
      agenda_(world.agenda),
      fail_(std::move(fail)),
      network_(seed_, world.epochs.delays(),
               Geography(config_.seed, config_.delays, std::move(sites)), world.schedule, effects_,
               config_.sample_all_messages),
      codec_(wire::ClusterTag(topology_.cluster()), topology_.epoch(), config_.planted),
      nodes_(node_ids.size()),
      shard_counts_(node_ids.size()) {
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].id = node_ids[i];
    nodes_[i].clock = MakeClock(config_, i);
    nodes_[i].storage = std::make_unique<NodeStorage>(MakeDevice(i));
    nodes_[i].log = std::make_unique<NodeLog>(NodeIndex{i}, agenda_);
    by_id_.Add(Mix(nodes_[i].id.value, kIdSalt), {nodes_[i].id, NodeIndex{i}});
  }
  for (const Fault& fault : world.schedule.faults) {
    if (fault.kind != FaultKind::kCrash || fault.amount > Duration(0)) continue;
    for (const uint32_t node : fault.nodes) nodes_[node].crashes.push_back(fault.from);
  }
  for (SimNode& node : nodes_) std::sort(node.crashes.rbegin(), node.crashes.rend());
}

Cluster::~Cluster() = default;

NodeIndex Cluster::IndexOf(NodeId id) const {
  const auto* const held =
      by_id_.Find(Mix(id.value, kIdSalt), [id](const auto& entry) { return entry.first == id; });
  return held == nullptr ? kNoNode : held->second;
}

uint64_t Cluster::commits_in_flight() const {
  uint64_t commits = 0;
  for (const SimNode& node : nodes_) commits += node.storage->commits_in_flight();
  return commits;
}

uint64_t Cluster::operations_in_flight() const {
  uint64_t operations = 0;
  for (const SimNode& node : nodes_) {
    for (const SimShard& shard : node.shards) {
      operations += shard.engine->stats().operations_in_flight;
    }
  }
  return operations;
}

Marks Cluster::marks() const {
  Marks all = marks_;
  for (const SimNode& node : nodes_) {
    for (const SimShard& shard : node.shards) all.Add(shard.engine->marks());
  }
  return all;
}

namespace {

bool Serves(const SimNode& node) {
  return node.up && !node.paused && !node.stopping &&
         std::all_of(node.shards.begin(), node.shards.end(), [](const SimShard& shard) {
           return shard.started && !shard.engine->loading() && shard.engine->health().ok() &&
                  !shard.engine->disk_full();
         });
}

}  // namespace

bool Cluster::all_serve() const {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [](const SimNode& node) { return node.frozen || Serves(node); });
}

bool Cluster::Unhealthy(NodeIndex index) const {
  const auto& shards = nodes_[index.value].shards;
  return std::any_of(shards.begin(), shards.end(),
                     [](const SimShard& shard) { return !shard.engine->health().ok(); });
}

std::string Cluster::DescribeUnready() const {
  std::string text;
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i].frozen || Serves(nodes_[i])) continue;
    text += Format("%snode %u is %s", text.empty() ? "" : ", ", i,
                   nodes_[i].up ? "up and does not serve" : "down");
  }
  return text.empty() ? "all nodes serve, and clients wait" : text;
}

std::unique_ptr<StorageDevice> Cluster::MakeDevice(uint32_t node) const {
  if (config_.storage == StorageKind::kDisk) {
    return std::make_unique<DiskDevice>(config_.seed, node, config_.planted);
  }
  return std::make_unique<MemoryDevice>(seed_, node, config_.memory,
                                        config_.planted == PlantedBug::kLoseLastCommit);
}

bool Cluster::HasStopped(const SimNode& node) {
  if (!node.stopping || node.storage->busy()) return false;
  return std::all_of(node.shards.begin(), node.shards.end(),
                     [](const SimShard& shard) { return shard.engine->stopped(); });
}

}  // namespace quorate::sim
