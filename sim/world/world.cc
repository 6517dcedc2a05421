// SPDX-License-Identifier: Apache-2.0
#include "sim/world/world.h"

#include <algorithm>

#include "engine/base/check.h"
#include "sim/core/draw.h"
#include "sim/fault/limits.h"
#include "sim/world/limits.h"
#include "sim/world/make_topology.h"
#include "sim/world/quorum_left.h"

namespace quorate::sim {
namespace {

absl::Status Validate(const WorldConfig& config) {
  if (config.nodes == 0 || config.nodes > kWorldNodesMax) {
    return InvalidArgument(Format("a world has 1 to %u nodes", kWorldNodesMax));
  }
  if (config.data_centres == 0 || config.racks == 0) return InvalidArgument("no racks");
  if (config.nodes / config.data_centres < config.replicas) {
    return InvalidArgument(Format("%u nodes in %u data centres cannot hold %u replicas each",
                                  config.nodes, config.data_centres, config.replicas));
  }
  if (config.shards_min == 0 || config.shards_min > config.shards_max ||
      config.shards_max > kShardsPerNodeMax) {
    return InvalidArgument("shards per node out of bounds");
  }
  if (config.clients == 0) return InvalidArgument("no clients");
  if (config.duration <= Duration(0)) return InvalidArgument("no time to run");
  for (const ScriptedOperation& operation : config.script) {
    if (operation.client >= config.clients || operation.prescription.node >= config.nodes ||
        operation.command.empty()) {
      return InvalidArgument("a recorded operation of a client or node that is not there");
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
      effects_(schedule_),
      agenda_(std::move(observers)),
      workload_(config_.seed, config_.workload, config_.clients),
      written_(config_.workload.keys) {
  cluster_ = std::make_unique<Cluster>(config_, topology_, std::move(node_ids), MakeSites(config_),
                                       schedule_, effects_, agenda_,
                                       [this](Failure failure) { Fail(std::move(failure)); });
  connections_ = std::make_unique<Connections>(config_.seed, agenda_, *cluster_);
  cluster_->SetClients(*connections_);
  executor_ =
      std::make_unique<FaultExecutor>(config_.seed, schedule_, effects_, agenda_, *cluster_);
  if (config_.script.empty()) {
    source_ = std::make_unique<WorkloadSource>(workload_);
  } else {
    source_ = std::make_unique<ScriptSource>(config_.script, config_.clients);
  }
  ClientHost& host = *this;
  for (uint32_t i = 0; i < std::max(config_.clients, config_.sweep_clients); ++i) {
    clients_.push_back(std::make_unique<SimClient>(config_.seed, i, config_.client, host));
  }
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
  BeginFaults();
}

bool World::Step() {
  if (!Goes()) return false;
  const Scheduled what = agenda_.Next();
  if (const Scheduled* next = agenda_.Likely()) cluster_->FetchAheadOf(*next);
  Execute(what);
  return true;
}

RunResult World::End() {
  over_ = true;
  const uint64_t hash = agenda_.hash().value();
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
      const MemoryOf clients(MemoryPart::kClients);
      return ExecuteForConnection(what);
    }
    case Action::kClientWake: {
      const MemoryOf clients(MemoryPart::kClients);
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

// Phases.

void World::BeginPhase(Phase phase) {
  phase_ = phase;
  phase_began_ = agenda_.now();
  agenda_.Happened(EventKind::kPhaseBegan, kNoNode, 0, static_cast<uint32_t>(phase), 0);
  agenda_.TellAll([&](WorldObserver& observer) { observer.PhaseBegan(phase, agenda_.now()); });
}

void World::CheckPhaseIn(Duration delay) {
  agenda_.At(agenda_.now() + delay, {.action = Action::kPhase});
}

void World::BeginFaults() {
  BeginPhase(Phase::kFaults);
  for (uint32_t i = 0; i < cluster_->size(); ++i) cluster_->Start(NodeIndex{i});
  executor_->Plan();
  for (uint32_t i = 0; i < config_.clients; ++i) {
    ClientConfig client = config_.client;
    client.nodes = config_.nodes;
    if (!config_.client_levels.empty()) {
      client.levels = config_.client_levels[i % config_.client_levels.size()];
    }
    clients_[i]->Start(*source_, client, agenda_.now());
  }
  CheckPhaseIn(config_.duration);
}

void World::CheckPhase() {
  const Duration since = agenda_.now() - phase_began_;
  switch (phase_) {
    case Phase::kFaults:
      BeginPhase(Phase::kHealed);
      executor_->Heal();
      for (const auto& client : clients_) client->Quiesce();
      break;
    case Phase::kHealed:
      if (probe_) {
        CheckProbes();
      } else if (AllClientsIdle() && cluster_->all_serve()) {
        BeginProbes();
      } else if (since > config_.heal_max) {
        Stalled("once everything is healed, nodes serve and clients finish",
                cluster_->DescribeUnready());
      }
      break;
    case Phase::kSweep:
      if (walk_) {
        CheckWalk(since);
      } else if (sweep_->given_up()) {
        Stalled("once everything is healed, every key of which a quorum is left can be read",
                *sweep_->given_up());
      } else if (sweep_->done() && AllClientsIdle()) {
        BeginWalk();
      } else if (sweep_->done()) {
        for (const auto& client : clients_) client->Quiesce();
      } else if (since > config_.sweep_max) {
        Stalled("the sweep ends in bounded time", Format("%u keys are left", sweep_->left()));
      }
      break;
    case Phase::kRest:
      // A key expires when it does, maybe now; a leak is what does not end.
      if (cluster_->messages_in_flight() + cluster_->commits_in_flight() +
                  cluster_->operations_in_flight() >
              0 &&
          (since < config_.rest + kRestMore || agenda_.now() <= cluster_->last_arrival())) {
        CheckPhaseIn(std::max(kPhaseCheck, cluster_->last_arrival() - agenda_.now()));
        return;
      }
      over_ = true;
      return;
  }
  CheckPhaseIn(phase_ == Phase::kRest ? config_.rest : kPhaseCheck);
}

ClientConfig World::SweepConfig() const {
  ClientConfig config = config_.client;
  config.nodes = config_.nodes;
  // What stalls takes the room of other requests for as long as it may, so there must not be many.
  const bool stalls = config_.probes > 0 && !IsWhole();
  config.think_mean = stalls ? kProbePause : Duration(1ms);
  config.pipeline_max = stalls ? 1 : 16;
  const bool whole = IsWhole();
  const auto level = whole ? topology::Consistency::kAll : topology::Consistency::kQuorum;
  config.levels = {level, level};
  for (uint32_t i = 0; i < config_.nodes && !whole; ++i) {
    config.avoid.push_back(cluster_->node(NodeIndex{i}).frozen);
  }
  return config;
}

// Where a key has no quorum left for what this client asks, or may have none, an error that says so
// is an answer.
bool World::MayLackQuorum(uint32_t client, std::string_view key) const {
  const SimClient& asker = *clients_[client];
  const topology::Consistency level = asker.config().levels.read.value_or(config_.read);
  return QuorumLeftFor(*this, key, level, connections_->NodeOf(asker)) != QuorumLeft::kYes;
}

// Half of them keys that have lost a quorum, as far as there are such.
std::vector<Bytes> World::ProbedKeys() const {
  uint32_t asked = 0;
  while (cluster_->node(NodeIndex{asked}).frozen) ++asked;
  std::vector<Bytes> lost;
  std::vector<Bytes> others;
  for (uint32_t i = 0; i < kProbedKeysMax; ++i) {
    Bytes key = Format("probe:%u", i);
    const QuorumLeft left =
        QuorumLeftFor(*this, key, topology::Consistency::kQuorum, NodeIndex{asked});
    (left == QuorumLeft::kNo ? lost : others).push_back(std::move(key));
  }
  const size_t wanted = config_.probes;
  const size_t rest = wanted - std::min(wanted, others.size());
  lost.resize(std::min(lost.size(), std::max((wanted + 1) / 2, rest)));
  others.resize(std::min(others.size(), wanted - lost.size()));
  lost.insert(lost.end(), others.begin(), others.end());
  return lost;
}

// A client for each level but ANY, of which hints will be enough.
void World::BeginProbes() {
  if (config_.probes == 0 || IsWhole()) return BeginSweep();
  const size_t probers = std::min<size_t>(clients_.size(), topology::kConsistencyLevels - 1);
  probe_ = std::make_unique<ProbeSource>(
      ProbedKeys(), static_cast<uint32_t>(probers),
      [this](uint32_t client, std::string_view key) { return MayLackQuorum(client, key); });
  probes_began_ = agenda_.now();
  ClientConfig config = SweepConfig();
  config.timeout = config_.request_timeout + kProbePatience;
  for (size_t i = 0; i < probers; ++i) {
    const auto level = static_cast<topology::Consistency>(i + 1);
    static_assert(static_cast<int>(topology::Consistency::kAny) == 0);
    config.levels = {level, level};
    clients_[i]->Leave();  // for a connection that no fault has met
    clients_[i]->Start(*probe_, config, agenda_.now());
  }
}

void World::CheckProbes() {
  if (probe_->given_up()) {
    Stalled("a core answers in time, and serves whatever a quorum is left for",
            *probe_->given_up());
  } else if (probe_->done() && AllClientsIdle()) {
    probe_.reset();
    BeginSweep();
  } else if (probe_->done()) {
    for (const auto& client : clients_) client->Quiesce();
  } else if (agenda_.now() - probes_began_ > config_.sweep_max) {
    Stalled("probes end in bounded time", "some are under way");
  }
}

void World::BeginSweep() {
  BeginPhase(Phase::kSweep);
  sweep_ = std::make_unique<SweepSource>(
      written_.List(),
      [this](uint32_t client, std::string_view key) { return MayLackQuorum(client, key); });
  for (uint32_t i = 0; i < clients_.size(); ++i) {
    if (i < config_.sweep_clients) {
      clients_[i]->Start(*sweep_, SweepConfig(), agenda_.now());
    } else {
      clients_[i]->Leave();
    }
  }
}

// Every node is asked for its keys, so none may have stayed away.
void World::BeginWalk() {
  const uint32_t walkers = std::min(config_.walkers, config_.clients);
  if (walkers == 0 || !IsWhole()) return BeginRest();
  walk_ = std::make_unique<WalkSource>(config_.seed, walkers);
  ClientConfig config = SweepConfig();
  config.pipeline_max = 1;
  config.levels = {};
  config.timeout = kWalkTimeout;
  for (uint32_t i = 0; i < clients_.size(); ++i) {
    if (i < walkers) {
      clients_[i]->Start(*walk_, config, agenda_.now());
    } else {
      clients_[i]->Leave();
    }
  }
}

void World::CheckWalk(Duration since) {
  if (walk_->given_up()) {
    Stalled("once everything is healed, all keys can be walked over", *walk_->given_up());
  } else if (walk_->done() && AllClientsIdle()) {
    BeginRest();
  } else if (walk_->done()) {
    for (const auto& client : clients_) client->Quiesce();
  } else if (since > config_.sweep_max) {
    Stalled("walks over all keys end in bounded time", "a walk is under way");
  }
}

void World::BeginRest() {
  BeginPhase(Phase::kRest);
  for (const auto& client : clients_) client->Leave();
}

bool World::AllClientsIdle() const {
  return std::all_of(clients_.begin(), clients_.end(),
                     [](const std::unique_ptr<SimClient>& client) { return client->idle(); });
}

void World::Stalled(std::string_view promised, std::string seen) {
  Fail(
      {FailureKind::kStall, "progress", std::string(promised), std::move(seen), agenda_.current()});
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

uint64_t World::Invoked(SimClient& client, const Operation& operation) {
  const uint64_t number = ++operations_;
  for (const KeyRef key : operation.writes) written_.Add(key);
  if (phase_ < Phase::kSweep && !probe_) ++workload_operations_;
  const topology::ConsistencyOverride& levels = client.config().levels;
  const OperationInvoked invoked{number,
                                 client.id(),
                                 connections_->NodeOf(client),
                                 agenda_.now(),
                                 agenda_.current(),
                                 phase_,
                                 operation.command,
                                 levels.read.value_or(config_.read),
                                 levels.write.value_or(config_.write)};
  agenda_.TellAll([&](WorldObserver& observer) { observer.Invoked(invoked); });
  return number;
}

void World::Completed(SimClient& /*client*/, uint64_t operation, const resp::Reply* reply,
                      bool timed_out) {
  static_assert(static_cast<int>(OperationOutcome::kReply) == 0);
  const resp::Reply nothing;
  OperationOutcome outcome = OperationOutcome::kReply;
  if (reply == nullptr) {
    outcome = timed_out ? OperationOutcome::kTimeout : OperationOutcome::kDisconnected;
  } else if (!reply->IsError() && phase_ < Phase::kSweep && !probe_) {
    ++acknowledged_;
  }
  const OperationCompleted completed{operation, agenda_.now(), agenda_.current(), outcome,
                                     reply == nullptr ? nothing : *reply};
  agenda_.TellAll([&](WorldObserver& observer) { observer.Completed(completed); });
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
