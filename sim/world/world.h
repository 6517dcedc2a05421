// SPDX-License-Identifier: Apache-2.0
// A simulated cluster with its clients and faults: a function of its configuration, from which one
// run follows, event by event. First faults while clients work; then everything heals and clients
// finish; then every key ever written is read at level ALL; then the world comes to rest and those
// who watched judge it. Where faults stay, what heals is a core, and probes show what it can do.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/client/operation_source.h"
#include "sim/client/probe_source.h"
#include "sim/client/walk_source.h"
#include "sim/world/agenda.h"
#include "sim/world/cluster.h"
#include "sim/world/connections.h"
#include "sim/world/failure.h"
#include "sim/world/fault_executor.h"
#include "sim/world/world_config.h"

namespace quorate::sim {

struct RunResult {
  uint64_t events = 0;
  uint64_t operations = 0;    // of the workload
  uint64_t acknowledged = 0;  // of those, answered without an error
  uint64_t sweep_operations = 0;
  uint64_t effective_faults = 0;  // that changed something
  FaultEffects effects{};
  Marks marks;
  SimTime simulated;
  uint64_t hash = 0;
  std::vector<uint64_t> ladder;
  uint64_t codec_checks = 0;
  std::optional<Failure> failure;  // of the world itself, not of an observer
};

// What of a node is its world's.
struct NodeLook {
  bool up = false;
  bool paused = false;
  bool stopping = false;
  bool storage_failed = false;
  Clocks clocks;
  size_t connections = 0;
  std::vector<size_t> inboxes;  // what waits for the next tick of each shard
};

class World final : public WorldView, private ClientHost {
 public:
  // InvalidArgument for a configuration that makes no cluster. The observers outlive the world.
  static absl::StatusOr<std::unique_ptr<World>> Create(WorldConfig config,
                                                       std::vector<WorldObserver*> observers);
  ~World() override;

  // The whole run. Once.
  RunResult Run();
  // The same in pieces, for those who stop on the way: Begin, then Step until it gives false, then
  // End. A step is one action: all that happens in its course, which may be nothing.
  void Begin();
  bool Step();
  RunResult End();
  // Between steps: from that time on what happens is drawn otherwise, as if the epoch had stood in
  // the configuration. Requires: it begins in the future, and not before another one.
  void DrawAnew(const DrawEpoch& epoch);

  [[nodiscard]] const Schedule& schedule() const { return schedule_; }
  [[nodiscard]] const WorldConfig& config() const { return config_; }

  [[nodiscard]] uint32_t nodes() const override { return cluster_->size(); }
  [[nodiscard]] NodeId node_id(NodeIndex node) const override { return cluster_->node(node).id; }
  [[nodiscard]] NodeIndex IndexOf(NodeId node) const override { return cluster_->IndexOf(node); }
  [[nodiscard]] uint16_t shards(NodeIndex node) const override;
  [[nodiscard]] const node::Shard* shard(NodeIndex node, uint16_t index) const override;
  [[nodiscard]] uint32_t lives(NodeIndex node) const override { return cluster_->node(node).life; }
  [[nodiscard]] const topology::Topology& topology() const override { return topology_; }
  [[nodiscard]] std::span<const PoolLook> pools() const override { return pools_; }
  [[nodiscard]] uint64_t seed() const override { return config_.seed; }
  [[nodiscard]] SimTime now() const override { return agenda_.now(); }
  [[nodiscard]] Phase phase() const override { return phase_; }
  [[nodiscard]] const FaultEffects& effects() const override { return effects_.of_kinds(); }
  [[nodiscard]] bool as_in_production() const override {
    return config_.limits == node::ShardLimits() && !config_.points.any();
  }
  [[nodiscard]] bool frozen(NodeIndex node) const override { return cluster_->node(node).frozen; }
  [[nodiscard]] Absence absence(NodeIndex node) const override {
    return executor_->AbsenceOf(node);
  }
  [[nodiscard]] uint64_t messages_in_flight() const override {
    return cluster_->messages_in_flight();
  }
  [[nodiscard]] uint64_t commits_in_flight() const override {
    return cluster_->commits_in_flight();
  }
  [[nodiscard]] uint64_t operations_in_flight() const override;
  [[nodiscard]] NodeLook LookAt(NodeIndex node) const;

 private:
  // What is asked of all pools once the world has healed, one after the other.
  enum class Task : uint8_t { kNone, kProbe, kSweep, kWalk };
  struct TaskPromise;
  static TaskPromise PromiseOf(Task task);

  World(WorldConfig config, topology::Topology topology, std::vector<NodeId> node_ids,
        std::vector<WorldObserver*> observers);

  void Execute(const Scheduled& what);
  void ExecuteForNode(const Scheduled& what);
  void ExecuteForConnection(const Scheduled& what);
  [[nodiscard]] bool Goes() const;
  void Fail(Failure failure);

  // Phases.
  void BeginFaults();
  void CheckPhase();
  void BeginPhase(Phase phase);
  void BeginProbes();
  // Of a pool.
  [[nodiscard]] std::vector<Bytes> ProbedKeys(PoolId pool) const;
  [[nodiscard]] bool MayLackQuorum(uint32_t client, std::string_view key) const;
  void BeginSweep();
  void BeginWalk();
  [[nodiscard]] bool TaskGivenUp();
  void CheckTasks(Duration since);
  void BeginRest();
  [[nodiscard]] bool CutsPower() const;
  void BeginPowerCut();
  void Stalled(std::string_view promised, std::string seen);
  void CheckPhaseIn(Duration delay);
  [[nodiscard]] bool AwaitsLate() const;
  [[nodiscard]] bool AllClientsIdle() const;
  [[nodiscard]] PoolId PoolOf(uint32_t client) const {
    return PoolIdOf(client % config_.pools.size());
  }
  // The first clients of a pool, no more than so many.
  [[nodiscard]] std::vector<uint32_t> ClientsOf(PoolId pool, size_t most) const;
  [[nodiscard]] ClientConfig SweepConfig(PoolId pool) const;

  // Clients.
  void Connect(SimClient& client, uint32_t node) override;
  void Send(SimClient& client, Bytes bytes) override;
  void Disconnect(SimClient& client) override;
  void WakeAt(SimClient& client, SimTime time, uint64_t generation) override;
  void Invoked(SimClient& client, const Operation& operation) override;
  void Completed(SimClient& client, const resp::Reply* reply, bool timed_out) override;
  void ProtocolBroken(SimClient& client, std::string_view what) override;

  const WorldConfig config_;
  const topology::Topology topology_;
  const Schedule schedule_;
  DrawEpochs epochs_;
  std::vector<PoolLook> pools_;
  EffectCounter effects_;
  Agenda agenda_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Connections> connections_;
  std::unique_ptr<FaultExecutor> executor_;
  const Workload workload_;
  std::unique_ptr<OperationSource> source_;
  std::vector<WrittenKeys> written_;  // of each pool
  Task task_ = Task::kNone;
  std::vector<std::unique_ptr<TaskSource>> tasks_;  // of each pool, of the task under way
  SimTime task_began_;
  std::vector<std::unique_ptr<SimClient>> clients_;
  std::vector<std::deque<OperationInvoked>> open_;  // by client, as it asked
  Phase phase_ = Phase::kFaults;
  SimTime phase_began_;
  SimTime late_until_;  // when the last message of before the healing arrives
  uint64_t operations_ = 0;
  uint64_t workload_operations_ = 0;
  uint64_t acknowledged_ = 0;
  std::optional<Failure> failure_;
  bool over_ = false;
};

}  // namespace quorate::sim
