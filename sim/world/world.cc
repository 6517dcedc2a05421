// SPDX-License-Identifier: Apache-2.0
#include "sim/world/world.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/core/limits.h"
#include "sim/fault/limits.h"
#include "sim/world/limits.h"
#include "sim/world/make_topology.h"

namespace quorate::sim {
namespace {

absl::Status Validate(const WorldConfig& config) {
  if (config.nodes == 0 || config.nodes > kWorldNodesMax) {
    return InvalidArgument(Format("a world has 1 to %u nodes", kWorldNodesMax));
  }
  if (config.data_centres == 0 || config.racks == 0) return InvalidArgument("no racks");
  if (config.pools.empty() || config.pools.size() > kWorldPoolsMax) {
    return InvalidArgument(Format("a world has 1 to %u pools", kWorldPoolsMax));
  }
  for (const PoolConfig& pool : config.pools) {
    if (config.nodes / config.data_centres >= pool.replicas) continue;
    return InvalidArgument(Format("%u nodes in %u data centres cannot hold %u replicas each",
                                  config.nodes, config.data_centres, pool.replicas));
  }
  if (config.shards_min == 0 || config.shards_min > config.shards_max ||
      config.shards_max > kShardsPerNodeMax) {
    return InvalidArgument("shards per node out of bounds");
  }
  if (config.epochs.size() > kEpochsMax ||
      !std::is_sorted(config.epochs.begin(), config.epochs.end(),
                      [](const DrawEpoch& a, const DrawEpoch& b) { return a.from < b.from; })) {
    return InvalidArgument(Format("a run has at most %u epochs, in their order", kEpochsMax));
  }
  if (config.clients == 0) return InvalidArgument("no clients");
  if (config.sweep_clients < config.pools.size()) return InvalidArgument("a pool without a sweep");
  if (config.duration <= Duration(0)) return InvalidArgument("no time to run");
  for (const ScriptedOperation& operation : config.script) {
    if (operation.client >= config.clients || operation.prescription.node >= config.nodes ||
        operation.prescription.pool.value >= config.pools.size() || operation.command.empty()) {
      return InvalidArgument("a recorded operation of a client, node or pool that is not there");
    }
  }
  if (config.schedule) {
    QUORATE_RETURN_IF_ERROR(quorate::sim::Validate(*config.schedule));
    if (config.schedule->nodes != config.nodes) {
      return InvalidArgument(Format("a fault schedule for %u nodes in a world of %u",
                                    config.schedule->nodes, config.nodes));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<World>> World::Create(WorldConfig config,
                                                     std::vector<WorldObserver*> observers) {
  QUORATE_RETURN_IF_ERROR(Validate(config));
  std::vector<NodeId> ids = MakeNodeIds(config);
  QUORATE_ASSIGN_OR_RETURN(topology::Topology topology, MakeTopology(config, ids));
  return std::unique_ptr<World>(
      new World(std::move(config), std::move(topology), std::move(ids), std::move(observers)));
}

World::World(WorldConfig config, topology::Topology topology, std::vector<NodeId> node_ids,
             std::vector<WorldObserver*> observers)
    : config_(std::move(config)),
      topology_(std::move(topology)),
      schedule_(MakeSchedule(config_, topology_, node_ids)),
      epochs_(config_.seed, config_.epochs),
      effects_(schedule_),
      agenda_(std::move(observers), config_.memory_meter),
      workload_(epochs_.seed(), config_.workload, config_.clients) {
  for (size_t i = 0; i < config_.pools.size(); ++i) {
    const PoolConfig& pool = config_.pools[i];
    pools_.push_back(
        {PoolIdOf(i), kPoolNames[i], pool.durability, pool.evicts, pool.request_timeout});
    written_.emplace_back(config_.workload.keys);
  }
  const ClusterSurroundings world = {config_, epochs_, topology_, schedule_, effects_, agenda_};
  cluster_ = std::make_unique<Cluster>(world, std::move(node_ids), MakeSites(config_),
                                       [this](Failure failure) { Fail(std::move(failure)); });
  connections_ = std::make_unique<Connections>(epochs_.seed(), agenda_, *cluster_);
  cluster_->SetClients(*connections_);
  executor_ =
      std::make_unique<FaultExecutor>(epochs_.seed(), schedule_, effects_, agenda_, *cluster_);
  if (config_.script.empty()) {
    source_ = std::make_unique<WorkloadSource>(workload_);
  } else {
    source_ = std::make_unique<ScriptSource>(config_.script, config_.clients);
  }
  ClientHost& host = *this;
  for (uint32_t i = 0; i < std::max(config_.clients, config_.sweep_clients); ++i) {
    clients_.push_back(std::make_unique<SimClient>(epochs_.seed(), i, config_.client, host));
  }
  open_.resize(clients_.size());
}

// Sessions refer to shards.
World::~World() { connections_.reset(); }

RunResult World::Run() {
  Begin();
  while (Step()) {
  }
  return End();
}

void World::Begin() {
  QUORATE_CHECK(!over_);
  agenda_.TellAll([&](WorldObserver& observer) { observer.RunBegan(*this); });
  epochs_.Advance(agenda_.now());
  BeginFaults();
}

bool World::Step() {
  if (!Goes()) return false;
  const Scheduled what = agenda_.Next();
  epochs_.Advance(agenda_.now());
  if (const Scheduled* next = agenda_.Likely()) cluster_->FetchAheadOf(*next);
  Execute(what);
  return true;
}

void World::DrawAnew(const DrawEpoch& epoch) {
  QUORATE_CHECK(epoch.from > agenda_.now());
  epochs_.Add(epoch);
}

RunResult World::End() {
  over_ = true;
  const uint64_t hash = agenda_.hash().value();
  for (const std::deque<OperationInvoked>& of_client : open_) {
    for (const OperationInvoked& operation : of_client) {
      agenda_.TellAll([&](WorldObserver& observer) { observer.LeftOpen(operation); });
    }
  }
  agenda_.TellAll([&](WorldObserver& observer) { observer.RunEnded(*this, hash); });
  RunResult result;
  result.events = agenda_.events();
  result.operations = workload_operations_;
  result.acknowledged = acknowledged_;
  result.sweep_operations = operations_ - workload_operations_;
  result.effective_faults = effects_.effective_faults();
  result.effects = effects_.of_kinds();
  result.marks = cluster_->marks();
  result.simulated = agenda_.now();
  result.hash = hash;
  result.ladder = agenda_.hash().ladder();
  result.codec_checks = cluster_->codec_checks();
  result.failure = failure_;
  return result;
}

bool World::Goes() const {
  if (over_ || failure_.has_value() || agenda_.empty()) return false;
  const std::vector<WorldObserver*>& observers = agenda_.observers();
  return std::all_of(observers.begin(), observers.end(),
                     [](const WorldObserver* observer) { return observer->wants_more(); });
}

void World::Fail(Failure failure) {
  if (!failure_) failure_ = std::move(failure);
}

void World::Execute(const Scheduled& what) {
  if (agenda_.events() > config_.events_max) {
    Stalled("a run ends", Format("%u events", agenda_.events()));
    return;
  }
  switch (what.action) {
    case Action::kTick:
    case Action::kTimer:
    case Action::kMessage:
    case Action::kSiblingMessage:
    case Action::kStorage:
    case Action::kStorageSync:
    case Action::kStart:
    case Action::kStopped:
      return ExecuteForNode(what);
    case Action::kConnect:
    case Action::kToNode:
    case Action::kToClient:
    case Action::kCloseAtNode:
    case Action::kClosedAtClient:
    case Action::kOpenedAtClient: {
      const MemoryOf clients(agenda_.memory(), MemoryPart::kClients);
      return ExecuteForConnection(what);
    }
    case Action::kClientWake: {
      const MemoryOf clients(agenda_.memory(), MemoryPart::kClients);
      SimClient& client = *clients_[what.peer];
      if (!client.Expects(what.argument)) return;
      agenda_.Happened(EventKind::kClientWakes, kNoNode, 0, what.peer, 0);
      client.OnWake(agenda_.now());
      return;
    }
    case Action::kFaultBegins:
      return executor_->OnBegin(what.peer);
    case Action::kFaultEnds:
      return executor_->OnEnd(what.peer);
    case Action::kCrashDue:
      return executor_->OnCrashDue(NodeIndex{what.node}, what.peer);
    case Action::kPhase:
      return CheckPhase();
  }
}

void World::ExecuteForNode(const Scheduled& what) {
  const NodeIndex node{what.node};
  switch (what.action) {
    case Action::kTick:
      return cluster_->OnTick(node, what.shard, what.argument);
    case Action::kTimer:
      return cluster_->OnTimer(node, what.shard, what.argument);
    case Action::kMessage:
      return cluster_->OnMessage(node, what.peer, what.slot);
    case Action::kSiblingMessage:
      return cluster_->OnSiblingMessage(node, what.slot, what.argument);
    case Action::kStorage:
      return cluster_->OnStorage(node, what.argument);
    case Action::kStorageSync:
      return cluster_->OnStorageSync(node, what.argument);
    case Action::kStart:
      cluster_->RestartIfFailed(node);
      return executor_->StartIfFree(node);
    case Action::kStopped:
      cluster_->OnStopped(node, what.argument);
      return executor_->StartIfFree(node);
    default:
      QUORATE_CHECK(false);
  }
}

void World::ExecuteForConnection(const Scheduled& what) {
  switch (what.action) {
    case Action::kConnect:
      return connections_->OnConnect(what.argument);
    case Action::kToNode:
      return connections_->OnBytesAtNode(what.argument, what.slot);
    case Action::kToClient:
      return connections_->OnBytesAtClient(what.argument, what.slot);
    case Action::kCloseAtNode:
      return connections_->OnCloseAtNode(what.argument);
    case Action::kClosedAtClient:
      return connections_->OnClosedAtClient(what.argument);
    case Action::kOpenedAtClient:
      return connections_->OnOpenedAtClient(what.argument);
    default:
      QUORATE_CHECK(false);
  }
}

// Clients.

void World::Connect(SimClient& client, uint32_t node) {
  connections_->Open(client, NodeIndex{node});
}

void World::Send(SimClient& client, Bytes bytes) { connections_->Send(client, std::move(bytes)); }

void World::Disconnect(SimClient& client) { connections_->Close(client); }

void World::WakeAt(SimClient& client, SimTime time, uint64_t generation) {
  agenda_.At(time, {.argument = generation, .action = Action::kClientWake, .peer = client.id()});
}

void World::Invoked(SimClient& client, const Operation& operation) {
  ++operations_;
  const PoolId pool = client.config().pool;
  for (const KeyRef key : operation.writes) written_[pool.value].Add(key);
  if (phase_ < Phase::kSweep && task_ == Task::kNone) ++workload_operations_;
  const topology::ConsistencyOverride& levels = client.config().levels;
  const OperationInvoked& invoked = open_[client.id()].emplace_back(OperationInvoked{
      operations_, client.id(), connections_->NodeOf(client), agenda_.now(), agenda_.current(),
      phase_, operation.command, levels.read.value_or(config_.pools[pool.value].read),
      levels.write.value_or(config_.pools[pool.value].write), pool});
  agenda_.TellAll([&](WorldObserver& observer) { observer.Invoked(invoked); });
}

void World::Completed(SimClient& client, const resp::Reply* reply, bool timed_out) {
  static_assert(static_cast<int>(OperationOutcome::kReply) == 0);
  const resp::Reply nothing;
  OperationOutcome outcome = OperationOutcome::kReply;
  if (reply == nullptr) {
    outcome = timed_out ? OperationOutcome::kTimeout : OperationOutcome::kDisconnected;
  } else if (!reply->IsError() && phase_ < Phase::kSweep && task_ == Task::kNone) {
    ++acknowledged_;
  }
  std::deque<OperationInvoked>& open = open_[client.id()];
  QUORATE_CHECK(!open.empty());
  const OperationCompleted completed{open.front(), agenda_.now(), agenda_.current(), outcome,
                                     reply == nullptr ? nothing : *reply};
  agenda_.TellAll([&](WorldObserver& observer) { observer.Completed(completed); });
  open.pop_front();
}

void World::ProtocolBroken(SimClient& client, std::string_view what) {
  Fail({FailureKind::kProtocol, "protocol", "every byte to a client belongs to a reply it awaits",
        Format("client %u: %s", client.id(), what), agenda_.current()});
}

// What a look shows.

uint16_t World::shards(NodeIndex node) const {
  return static_cast<uint16_t>(cluster_->node(node).shards.size());
}

const node::Shard* World::shard(NodeIndex node, uint16_t index) const {
  const SimNode& content = cluster_->node(node);
  return content.up && index < content.shards.size() ? content.shards[index].engine.get() : nullptr;
}

NodeLook World::LookAt(NodeIndex index) const {
  const SimNode& node = cluster_->node(index);
  NodeLook look{node.up,
                node.paused,
                node.stopping,
                node.storage_failed,
                node.clock.At(agenda_.now()),
                connections_->OpenAt(index),
                {}};
  for (const SimShard& shard : node.shards) look.inboxes.push_back(shard.inbox.size());
  return look;
}

uint64_t World::operations_in_flight() const {
  uint64_t operations = 0;
  for (const auto& client : clients_) operations += client->outstanding();
  return operations;
}

}  // namespace quorate::sim
