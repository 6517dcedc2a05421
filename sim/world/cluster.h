// SPDX-License-Identifier: Apache-2.0
// The nodes of a world: their lives, the ticks of their shards, the messages between them and their
// storage. A shard has a tick when something came in or its deadline is reached, and while a tick
// takes its time more gathers for the next one; an idle node costs nothing.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/base/mark.h"
#include "engine/base/probe_table.h"
#include "engine/topology/topology.h"
#include "sim/fault/effects.h"
#include "sim/net/codec_check.h"
#include "sim/net/sim_network.h"
#include "sim/world/agenda.h"
#include "sim/world/failure.h"
#include "sim/world/sim_node.h"
#include "sim/world/world_config.h"

namespace quorate::sim {

// The part of a tick that belongs to clients.
class TickClients {
 public:
  virtual ~TickClients() = default;
  virtual void TakeInput(NodeIndex node, uint16_t shard, ClientInput& input) = 0;
  // After EndTick, whose effects leave at `out`. True where the shard must tick again.
  virtual bool AfterTick(NodeIndex node, uint16_t shard, SimTime out) = 0;
  // The life of the node ended: its sessions go, before its shards.
  virtual void NodeEnded(NodeIndex node) = 0;
  // Another engine takes the place of a shard's. The session of a client forgets what its shard
  // keeps in it; then all sessions of the shard speak to the new one.
  virtual commands::Client* SessionOf(ClientId client) = 0;
  virtual void MoveTo(NodeIndex node, uint16_t shard, node::Shard& engine) = 0;
};

// Of the world that a cluster is in. All outlive the cluster.
struct ClusterSurroundings {
  const WorldConfig& config;
  const DrawEpochs& epochs;
  const topology::Topology& topology;
  const Schedule& schedule;
  EffectCounter& effects;
  Agenda& agenda;
};

class Cluster {
 public:
  // `fail` is told of what must not happen.
  Cluster(const ClusterSurroundings& world, std::vector<NodeId> node_ids,
          std::vector<NodeSite> sites, std::function<void(Failure)> fail);
  ~Cluster();

  void SetClients(TickClients& clients) { clients_ = &clients; }

  // Lives.
  void Start(NodeIndex node);
  void Crash(NodeIndex node, CrashKind kind, uint64_t draw);
  // Begins an orderly end. Requires: it is up.
  // `fault`: of the schedule. It counts when the node has stopped, however late.
  void Stop(NodeIndex node, uint32_t fault);
  // A node whose commit failed for good serves no more: its operator starts it again.
  void RestartIfFailed(NodeIndex node);
  void Pause(NodeIndex node) { nodes_[node.value].paused = true; }
  void Resume(NodeIndex node);
  // The storage remembers what it holds, and will at each start, until a rollback has taken it back
  // to that.
  void TakeImage(NodeIndex node);
  // False where nothing had come since. Requires: it is down.
  bool RollBack(NodeIndex node, uint64_t draw);
  // Two nodes find each other's disks, or one an empty one. Requires: they are down.
  void SwapDisks(NodeIndex a, NodeIndex b);
  void WipeDisk(NodeIndex node);
  // Whether a shard of it has given up.
  [[nodiscard]] bool Unhealthy(NodeIndex node) const;
  // The clocks of a node were set: deadlines may be due.
  void ClockChanged(NodeIndex node);

  // Actions.
  // Fetches the memory that this will look at.
  void FetchAheadOf(const Scheduled& next);
  void FetchAheadOf(const SimShard& shard) const;
  void OnTick(NodeIndex node, uint16_t shard, uint64_t generation);
  void OnTimer(NodeIndex node, uint16_t shard, uint64_t life);
  void OnMessage(NodeIndex node, uint32_t peer, uint32_t slot);
  void OnSiblingMessage(NodeIndex node, uint32_t slot, uint64_t life);
  void OnStorage(NodeIndex node, uint64_t life);
  void OnStorageSync(NodeIndex node, uint64_t life);
  // What the last ticks of a node that stops have sent is on its way.
  void OnStopped(NodeIndex node, uint64_t life);

  // Something waits for the next tick of a shard. Requires: the node is up.
  void AddInput(NodeIndex node, uint16_t shard, TickInput input);

  // Whether a connection between this node and a client loses what is sent on it, unnoticed; one
  // that did so `before` goes on.
  bool IsHalfOpen(NodeIndex node, bool before);

  [[nodiscard]] SimNode& node(NodeIndex index) { return nodes_[index.value]; }
  [[nodiscard]] const SimNode& node(NodeIndex index) const { return nodes_[index.value]; }
  [[nodiscard]] uint32_t size() const { return static_cast<uint32_t>(nodes_.size()); }
  [[nodiscard]] NodeIndex IndexOf(NodeId id) const;
  [[nodiscard]] SimNetwork& network() { return network_; }
  [[nodiscard]] uint64_t messages_in_flight() const { return messages_.used(); }
  [[nodiscard]] uint64_t commits_in_flight() const;
  // Of clients and nodes, on all nodes; looks at each.
  [[nodiscard]] uint64_t operations_in_flight() const;
  // When the last message that is on its way between nodes, or was, arrives.
  [[nodiscard]] SimTime last_arrival() const { return last_arrival_; }
  // Every node of the core is up, healthy and has loaded its rows.
  [[nodiscard]] bool all_serve() const;
  // Which nodes are not, for a message.
  [[nodiscard]] std::string DescribeUnready() const;
  [[nodiscard]] uint64_t codec_checks() const { return codec_.checked(); }
  // What the shards of all lives have reached.
  [[nodiscard]] Marks marks() const;

 private:
  [[nodiscard]] std::unique_ptr<StorageDevice> MakeDevice(uint32_t node) const;
  [[nodiscard]] static bool HasStopped(const SimNode& node);
  [[nodiscard]] uint16_t ShardsOf(NodeIndex node, uint32_t life) const;
  [[nodiscard]] node::ShardOptions OptionsOf(NodeIndex node, const node::NodeRecord& record,
                                             uint16_t shard, uint16_t shards) const;
  [[nodiscard]] NodeId FreshId(NodeIndex node) const;
  absl::Status RefuseForeign(NodeIndex node);
  absl::Status TryStart(NodeIndex node, Duration& took);
  void CheckIncarnation(NodeIndex node, Incarnation incarnation);
  // Its sessions and shards go, and what waited for them.
  void EndLife(NodeIndex node);
  void StartFailed(NodeIndex node, const absl::Status& status, Duration took);
  void RequestTick(NodeIndex node, uint16_t shard, SimTime at);
  void RunTick(NodeIndex node, uint16_t shard);
  void MakeEngine(NodeIndex node, uint16_t shard, const node::ShardOptions& options);
  void CheckStopping(NodeIndex node, uint16_t shard);
  void ResumeShard(NodeIndex node, uint16_t shard);
  bool CrashInTick(NodeIndex node, uint16_t shard, SimTime out);
  void Hold(const SimNode& node, SimShard& shard);
  void TakeInputs(NodeIndex node, uint16_t shard);
  void CountTickEffects(const SimNode& node);
  void ArmTimer(NodeIndex node, uint16_t shard);
  void SendAll(NodeIndex node, uint16_t shard, std::vector<Outbox::Item>& items, SimTime out);
  void SendToPeer(NodeIndex from, uint16_t shard, NodeIndex to, Outbox::Item& item, SimTime out);
  bool Corrupt(Outbox::Item& item, uint64_t draw);
  void CheckCodec(const env::Target& target, const wire::Message& message);
  // Another release writes it.
  void WriteBy(const OtherRelease& release, Outbox::Item& item);
  void FailOnMismatch(const std::string& wrong);
  void DeliverMessage(NodeIndex node, uint32_t peer, uint32_t slot);
  // Records it, and tells those who watch what it carried.
  void TellOfMessage(EventKind kind, NodeIndex node, uint16_t shard, uint32_t peer,
                     const wire::Message& message);
  [[nodiscard]] static uint64_t ShardOf(const env::Target& target, size_t shards);
  void BeginStorage(NodeIndex node, SimTime at);
  void NoteFailedCommits(NodeIndex node, const std::vector<StorageResult>& results);
  void CountStorageEffects(NodeIndex node);

  const WorldConfig& config_;
  const DrawSeed seed_;  // of what happens; config_.seed is that of what the cluster is made of
  const topology::Topology& topology_;
  EffectCounter& effects_;
  Agenda& agenda_;
  const std::function<void(Failure)> fail_;
  TickClients* clients_ = nullptr;
  SimNetwork network_;
  CodecCheck codec_;
  Outbox outbox_;                // of the tick under way
  Slab<Outbox::Item> messages_;  // in flight
  SimTime last_arrival_;
  Marks marks_;  // of the lives that ended
  std::vector<SimNode> nodes_;
  std::vector<uint8_t> shard_counts_;   // by node, apart, to fetch a node without a look at it
  const Scheduled* fetched_ = nullptr;  // for what was fetched last
  ProbeTable<std::pair<NodeId, NodeIndex>> by_id_;
};

}  // namespace quorate::sim
