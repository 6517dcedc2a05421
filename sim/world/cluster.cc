// SPDX-License-Identifier: Apache-2.0
#include "sim/world/cluster.h"

#include <algorithm>
#include <array>
#include <bit>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "sim/core/draw.h"
#include "sim/net/limits.h"
#include "sim/net/message_hash.h"
#include "sim/storage/disk_device.h"
#include "sim/world/limits.h"
#include "sim/world/recording_store.h"

namespace quorate::sim {
namespace {

std::unique_ptr<StorageDevice> MakeDevice(const WorldConfig& config, uint32_t node) {
  if (config.storage == StorageKind::kDisk) {
    return std::make_unique<DiskDevice>(config.seed, node, config.planted);
  }
  return std::make_unique<MemoryDevice>(config.seed, node, config.memory,
                                        config.planted == PlantedBug::kLoseLastCommit);
}

NodeClock MakeClock(const WorldConfig& config, uint32_t node) {
  const uint64_t draw = Draw(config.seed, Purpose::kNodeClock, node);
  const Duration offset = Uniform(draw, -config.clock_offset_max, config.clock_offset_max);
  const auto bound = Duration(config.clock_drift_ppm_max);
  const Duration drift = Uniform(Mix(draw, 1), -bound, bound);
  return {offset, static_cast<int32_t>(drift.count())};
}

}  // namespace

Cluster::Cluster(const WorldConfig& config, const topology::Topology& topology,
                 std::vector<NodeId> node_ids, std::vector<NodeSite> sites,
                 const Schedule& schedule, EffectCounter& effects, Agenda& agenda,
                 std::function<void(Failure)> fail)
    : config_(config),
      topology_(topology),
      effects_(effects),
      agenda_(agenda),
      fail_(std::move(fail)),
      network_(config.seed, Geography(config.seed, config.delays, std::move(sites)), schedule,
               effects, config.sample_all_messages),
      codec_(wire::ClusterTag(topology.cluster()), topology.epoch(), config.planted),
      nodes_(node_ids.size()) {
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i].id = node_ids[i];
    nodes_[i].clock = MakeClock(config, i);
    nodes_[i].storage = std::make_unique<NodeStorage>(MakeDevice(config, i));
    nodes_[i].log = std::make_unique<NodeLog>(NodeIndex{i}, agenda);
  }
  FillIndex();
  for (const Fault& fault : schedule.faults) {
    if (fault.kind != FaultKind::kCrash || fault.amount > Duration(0)) continue;
    for (const uint32_t node : fault.nodes) nodes_[node].crashes.push_back(fault.from);
  }
  for (SimNode& node : nodes_) std::sort(node.crashes.rbegin(), node.crashes.rend());
}

Cluster::~Cluster() = default;

// Open addressing, at most half full; ids are random, so their low bits are as good as a hash.
void Cluster::FillIndex() {
  by_id_.resize(std::bit_ceil(2 * nodes_.size()), {NodeId{}, kNoNode});
  for (uint32_t i = 0; i < nodes_.size(); ++i) {
    size_t place = nodes_[i].id.value & (by_id_.size() - 1);
    while (by_id_[place].second != kNoNode) place = (place + 1) & (by_id_.size() - 1);
    by_id_[place] = {nodes_[i].id, NodeIndex{i}};
  }
}

NodeIndex Cluster::IndexOf(NodeId id) const {
  size_t place = id.value & (by_id_.size() - 1);
  while (by_id_[place].second != kNoNode && by_id_[place].first != id) {
    place = (place + 1) & (by_id_.size() - 1);
  }
  return by_id_[place].second;
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

bool HasStopped(const SimNode& node) {
  if (!node.stopping || node.storage->busy()) return false;
  return std::all_of(node.shards.begin(), node.shards.end(),
                     [](const SimShard& shard) { return shard.engine->stopped(); });
}

}  // namespace

bool Cluster::all_serve() const {
  return std::all_of(nodes_.begin(), nodes_.end(),
                     [](const SimNode& node) { return node.frozen || Serves(node); });
}

bool Cluster::Unhealthy(NodeIndex index) const {
  const std::vector<SimShard>& shards = nodes_[index.value].shards;
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

// Lives.

uint16_t Cluster::ShardsOf(NodeIndex node, uint32_t life) const {
  const uint64_t draw =
      Draw(config_.seed, Purpose::kNodeShards, node.value, config_.reshard ? life : 0);
  const uint64_t span = uint64_t{config_.shards_max} - config_.shards_min + 1;
  return static_cast<uint16_t>(config_.shards_min + Scale(draw, span));
}

node::ShardOptions Cluster::OptionsOf(NodeIndex node, const node::NodeRecord& record,
                                      uint16_t shard, uint16_t shards) const {
  node::PoolOptions pool;
  pool.pool = this->pool();
  pool.durability = config_.durability;
  pool.read = config_.read;
  pool.write = config_.write;
  pool.request_timeout = config_.request_timeout;
  pool.speculative_delay = config_.speculative_delay;
  node::ShardOptions options;
  options.record = record;
  options.shard = ShardIndex{shard};
  options.shards = shards;
  options.seed = Draw(config_.seed, Purpose::kNodeSeed, node.value, record.incarnation.value);
  options.pools.push_back(std::move(pool));
  options.limits = config_.limits;
  options.planted = config_.planted;
  options.points = config_.points;
  return options;
}

// Configuration gives a seat to one identity. A directory that is empty makes a new one.
NodeId Cluster::FreshId(NodeIndex index) const {
  const SimNode& node = nodes_[index.value];
  if (node.incarnation == Incarnation{}) return node.id;
  return {Draw(config_.seed, Purpose::kNodeId, index.value, node.incarnation.value) | 1};
}

absl::Status Cluster::RefuseForeign(NodeIndex index) {
  SimNode& node = nodes_[index.value];
  node.faults.Count(FaultKind::kDiskSwap, effects_);
  node.faults.Count(FaultKind::kWipe, effects_);
  return FailedPrecondition("the record holds another node's identity");
}

void Cluster::TakeImage(NodeIndex index) {
  nodes_[index.value].storage->TakeImage();
  nodes_[index.value].image_at = agenda_.now();
}

bool Cluster::RollBack(NodeIndex index, uint64_t draw) {
  SimNode& node = nodes_[index.value];
  QUORATE_CHECK(!node.up);
  if (!node.storage->ReturnToImage(draw)) return false;
  for (WorldObserver* observer : agenda_.observers()) {
    observer->Forgot(index, node.image_at, agenda_.now());
  }
  return true;
}

void Cluster::SwapDisks(NodeIndex a, NodeIndex b) {
  QUORATE_CHECK(!nodes_[a.value].up && !nodes_[b.value].up);
  std::swap(nodes_[a.value].storage, nodes_[b.value].storage);
  // What an image is of is no longer where it was taken.
  nodes_[a.value].storage->DropImage();
  nodes_[b.value].storage->DropImage();
}

void Cluster::WipeDisk(NodeIndex index) {
  QUORATE_CHECK(!nodes_[index.value].up);
  nodes_[index.value].storage = std::make_unique<NodeStorage>(MakeDevice(config_, index.value));
}

absl::Status Cluster::TryStart(NodeIndex index, Duration& took) {
  SimNode& node = nodes_[index.value];
  QUORATE_ASSIGN_OR_RETURN(env::StorageBackend* const backend, node.storage->Open(node.life, took));
  const absl::StatusOr<node::NodeRecord> record =
      node::BeginLife(*backend, FreshId(index), config_.planted);
  absl::Status recovered = record.ok() ? node.storage->Recover(took) : record.status();
  if (recovered.ok() && record->node != node.id) recovered = RefuseForeign(index);
  if (!recovered.ok()) {
    node.storage->Crash(CrashKind::kProcess, Draw(config_.seed, Purpose::kRestart, index.value));
    return recovered;
  }
  CheckIncarnation(index, record->incarnation);
  node.record = *record;
  const uint16_t shards = ShardsOf(index, node.life);
  node.shards.resize(shards);
  for (uint16_t i = 0; i < shards; ++i) {
    SimShard& shard = node.shards[i];
    shard.storage = std::make_unique<ShardStorage>(*node.storage, i);
    MakeEngine(index, i, OptionsOf(index, *record, i, shards));
  }
  return absl::OkStatus();
}

void Cluster::MakeEngine(NodeIndex index, uint16_t shard_index, const node::ShardOptions& options) {
  SimNode& node = nodes_[index.value];
  SimShard& shard = node.shards[shard_index];
  if (config_.recordings == nullptr) {
    shard.engine =
        std::make_unique<node::Shard>(options, topology_, outbox_, *shard.storage, *node.log);
    return;
  }
  recording::RecorderOptions recorded;
  recorded.hides = config_.recordings->hides();
  recorded.segment_bytes_max = config_.recordings->segment_bytes_max();
  recorded.start.options = options;
  recorded.start.topology = topology_.Encode();
  shard.recorder = std::make_unique<recording::Recorder>(
      std::move(recorded), config_.recordings->Open(index.value, node.life + 1, shard_index),
      outbox_, *shard.storage, *node.log);
  shard.engine = std::make_unique<node::Shard>(options, topology_, *shard.recorder, *shard.recorder,
                                               *node.log);
  shard.recorder->SetShard(*shard.engine);
}

// Everything a writer issues is unique because no two lives of a node have one incarnation.
void Cluster::CheckIncarnation(NodeIndex index, Incarnation incarnation) {
  SimNode& node = nodes_[index.value];
  if (incarnation <= node.incarnation) {
    fail_({FailureKind::kVersionReused, "incarnation",
           "each start of a node has a higher incarnation",
           Format("node %u: %u after %u", index.value, incarnation.value, node.incarnation.value),
           agenda_.current()});
  }
  node.incarnation = incarnation;
}

void Cluster::Start(NodeIndex index) {
  SimNode& node = nodes_[index.value];
  QUORATE_CHECK(!node.up);
  Duration took{0};
  const absl::Status status = TryStart(index, took);
  if (!status.ok()) {
    StartFailed(index, status, took);
    return;
  }
  const SimTime now = agenda_.now();
  ++node.life;
  node.up = true;
  node.start_failures = 0;
  node.storage_failed = false;
  if (node.faults.Has(FaultKind::kLostSync) || node.faults.Has(FaultKind::kRollback)) {
    TakeImage(index);  // or the incarnation of this life would be taken back, and come again
  }
  const uint64_t draw = Draw(config_.seed, Purpose::kRestart, index.value, node.life);
  node.clock.BeginLife(now, Instant(Uniform(draw, 1s, 10'000'000s)));
  agenda_.Happened(EventKind::kNodeStarted, index, static_cast<uint16_t>(node.shards.size()),
                   kNoNode.value, node.life);
  for (WorldObserver* observer : agenda_.observers()) observer->Started(index, now);
  for (uint16_t i = 0; i < node.shards.size(); ++i) {
    node.shards[i].busy_until = now + took;
    RequestTick(index, i, now + took);
  }
}

// A disk that is full, or that a fault makes fail, or that is not the node's, will be better later.
// Anything else is data lost.
void Cluster::StartFailed(NodeIndex index, const absl::Status& status, Duration took) {
  SimNode& node = nodes_[index.value];
  ++node.start_failures;
  CountStorageEffects(index);
  constexpr std::array kExcuses = {
      FaultKind::kDiskFull,  FaultKind::kCommitError,  FaultKind::kSyncError,
      FaultKind::kReadError, FaultKind::kBitRot,       FaultKind::kMisdirection,
      FaultKind::kDiskSwap,  FaultKind::kDroppedWrite, FaultKind::kWipe};
  const bool excused = std::any_of(kExcuses.begin(), kExcuses.end(),
                                   [&](FaultKind kind) { return node.faults.Has(kind); });
  if (!excused) {
    fail_({FailureKind::kUnhealthy, "start", "a node whose disk is sound starts",
           Format("node %u: %s", index.value, MessageOf(status)), agenda_.current()});
    return;
  }
  if (node.faults.Has(FaultKind::kWipe)) return;  // it takes an operator
  agenda_.At(agenda_.now() + took + kStartRetry, {.action = Action::kStart, .node = index.value});
}

void Cluster::EndLife(NodeIndex index) {
  SimNode& node = nodes_[index.value];
  QUORATE_CHECK(node.up);
  for (const SimShard& shard : node.shards) {
    if (shard.recorder) shard.recorder->Finish();
  }
  clients_->NodeEnded(index);
  for (SimShard& shard : node.shards) {
    for (const TickInput& input : shard.inbox) {
      if (const auto* message = std::get_if<MessageInput>(&input)) messages_.Take(message->slot);
    }
  }
  for (const SimShard& shard : node.shards) marks_.Add(shard.engine->marks());
  node.shards.clear();
  node.sync_at = kNotScheduled;
  node.up = false;
  node.stopping = false;
}

void Cluster::Crash(NodeIndex index, CrashKind kind, uint64_t draw) {
  EndLife(index);
  nodes_[index.value].storage->Crash(kind, draw);
  if (kind == CrashKind::kPower && nodes_[index.value].faults.Has(FaultKind::kLostSync)) {
    if (RollBack(index, draw)) nodes_[index.value].faults.Count(FaultKind::kLostSync, effects_);
  }
  agenda_.Happened(EventKind::kNodeCrashed, index, 0, kNoNode.value, static_cast<uint64_t>(kind));
  for (WorldObserver* observer : agenda_.observers()) observer->Crashed(index, agenda_.now());
}

void Cluster::Stop(NodeIndex index) {
  SimNode& node = nodes_[index.value];
  QUORATE_CHECK(node.up);
  node.stopping = true;
  for (uint16_t i = 0; i < node.shards.size(); ++i) RequestTick(index, i, agenda_.now());
}

void Cluster::OnStopped(NodeIndex index, uint64_t life) {
  SimNode& node = nodes_[index.value];
  if (!node.up || node.life != life) return;
  env::WriteBatch last;
  if (std::all_of(node.shards.begin(), node.shards.end(),
                  [](const SimShard& shard) { return shard.engine->orderly(); })) {
    node::PutCleanShutdown(last, node.incarnation);
  }
  if (node.storage_failed || node.storage->busy() || !node.storage->Close(last)) {
    Crash(index, CrashKind::kProcess,
          Draw(config_.seed, Purpose::kRestart, index.value, node.life, 3));
    return;
  }
  node.faults.Count(FaultKind::kStop, effects_);
  EndLife(index);
  agenda_.Happened(EventKind::kNodeStopped, index, 0, kNoNode.value, 0);
  for (WorldObserver* observer : agenda_.observers()) observer->Stopped(index, agenda_.now());
}

void Cluster::RestartIfFailed(NodeIndex index) {
  const SimNode& node = nodes_[index.value];
  if (!node.up || !node.storage_failed || node.faults.Has(FaultKind::kCommitError)) return;
  Crash(index, CrashKind::kProcess,
        Draw(config_.seed, Purpose::kRestart, index.value, node.life, 1));
  Start(index);
}

void Cluster::Resume(NodeIndex index) {
  SimNode& node = nodes_[index.value];
  node.paused = false;
  for (uint16_t i = 0; i < node.shards.size(); ++i) {
    if (!std::exchange(node.shards[i].held, false)) continue;
    RequestTick(index, i, agenda_.now());
  }
}

void Cluster::ClockChanged(NodeIndex index) {
  for (uint16_t i = 0; i < nodes_[index.value].shards.size(); ++i) {
    RequestTick(index, i, agenda_.now());
  }
}

bool Cluster::IsHalfOpen(NodeIndex index, bool before) {
  const NodeFaults& faults = nodes_[index.value].faults;
  if (!before && !faults.Has(FaultKind::kHalfOpen)) return false;
  faults.Count(FaultKind::kHalfOpen, effects_);
  return true;
}

// Ticks.

void Cluster::AddInput(NodeIndex index, uint16_t shard_index, TickInput input) {
  SimNode& node = nodes_[index.value];
  QUORATE_CHECK(node.up);
  SimShard& shard = node.shards[shard_index];
  shard.inbox.push_back(std::move(input));
  if (shard.inbox.size() == kInboxMax) {
    fail_({FailureKind::kQueueUnbounded, "inbox", "a shard keeps up with its inputs",
           Format("node %u shard %u: %u inputs wait", index.value, shard_index, kInboxMax),
           agenda_.current()});
  }
  if (shard.tick_at != kNotScheduled) return;
  const uint64_t draw =
      Draw(config_.seed, Purpose::kWakeUp, index.value, node.life, shard_index, shard.generation);
  RequestTick(index, shard_index, agenda_.now() + Uniform(draw, kWakeUpMin, kWakeUpMax));
}

void Cluster::RequestTick(NodeIndex index, uint16_t shard_index, SimTime at) {
  SimNode& node = nodes_[index.value];
  SimShard& shard = node.shards[shard_index];
  if (node.paused) {
    Hold(node, shard);
    return;
  }
  at = std::max(at, shard.busy_until);
  if (shard.tick_at <= at) return;
  shard.tick_at = at;
  // Lives are part of it, so that a tick of a life before is never taken for one of this.
  shard.generation += 1;
  agenda_.At(at, {.argument = uint64_t{node.life} << 40 | shard.generation,
                  .action = Action::kTick,
                  .shard = shard_index,
                  .node = index.value});
}

void Cluster::OnTick(NodeIndex index, uint16_t shard_index, uint64_t generation) {
  SimNode& node = nodes_[index.value];
  if (!node.up || shard_index >= node.shards.size()) return;
  SimShard& shard = node.shards[shard_index];
  if (generation != (uint64_t{node.life} << 40 | shard.generation)) return;
  if (shard.tick_at == kNotScheduled) return;
  shard.tick_at = kNotScheduled;
  if (node.paused) {
    Hold(node, shard);
    return;
  }
  RunTick(index, shard_index);
}

void Cluster::Hold(const SimNode& node, SimShard& shard) {
  if (!std::exchange(shard.held, true)) node.faults.Count(FaultKind::kPause, effects_);
}

void Cluster::OnTimer(NodeIndex index, uint16_t shard_index, uint64_t life) {
  SimNode& node = nodes_[index.value];
  if (!node.up || node.life != life || shard_index >= node.shards.size()) return;
  SimShard& shard = node.shards[shard_index];
  if (shard.timer_at != agenda_.now()) return;
  shard.timer_at = kNotScheduled;
  const SimTime due = node.clock.WhenReads(shard.engine->NextDeadline());
  if (due <= agenda_.now()) {
    RequestTick(index, shard_index, agenda_.now());
  } else {
    ArmTimer(index, shard_index);
  }
}

// At most one timer of a shard is on the agenda: when it comes too early, it is set again.
void Cluster::ArmTimer(NodeIndex index, uint16_t shard_index) {
  SimNode& node = nodes_[index.value];
  SimShard& shard = node.shards[shard_index];
  SimTime due = node.clock.WhenReads(shard.engine->NextDeadline());
  if (due == kNotScheduled) return;
  due = std::max({due, shard.busy_until, agenda_.now() + Duration(1)});
  if (shard.timer_at <= due) return;
  shard.timer_at = due;
  agenda_.At(
      due,
      {.argument = node.life, .action = Action::kTimer, .shard = shard_index, .node = index.value});
}

void Cluster::TakeInputs(NodeIndex index, uint16_t shard_index, std::vector<TickInput>& inputs) {
  const SimShard& shard = nodes_[index.value].shards[shard_index];
  for (TickInput& input : inputs) {
    std::visit(Overloaded{
                   [&](const MessageInput& message) {
                     shard.Deliver(messages_.Take(message.slot).message);
                   },
                   [&](env::StorageEvent& event) { shard.OnStorage(std::move(event)); },
                   [&](ClientInput& client) { clients_->TakeInput(index, shard_index, client); },
               },
               input);
  }
}

void Cluster::RunTick(NodeIndex index, uint16_t shard_index) {
  SimNode& node = nodes_[index.value];
  SimShard& shard = node.shards[shard_index];
  std::vector<TickInput> inputs;
  inputs.swap(shard.inbox);
  const SimTime now = agenda_.now();
  const Clocks clocks = node.clock.At(now);
  agenda_.Happened(
      EventKind::kTick, index, shard_index, kNoNode.value,
      KeyedHash(inputs.size(), clocks.monotonic.time_since_epoch().count(), clocks.wall.ms));
  CountTickEffects(node);
  shard.BeginTick(clocks);
  if (!std::exchange(shard.started, true)) shard.Start();
  TakeInputs(index, shard_index, inputs);
  if (node.stopping) shard.Stop();
  shard.EndTick();
  if (shard.recorder) shard.recorder->Turn();
  if (config_.resume_ppm > 0) ResumeShard(index, shard_index);
  const uint64_t draw = Draw(config_.seed, Purpose::kServiceTime, index.value, node.ticks++);
  Duration service = Uniform(draw, kServiceMin, kServiceMax) +
                     kServicePerInput * static_cast<int64_t>(inputs.size());
  if (node.faults.Has(FaultKind::kSlowCpu)) service *= node.slow_factor;
  const SimTime out = now + service;
  shard.busy_until = out;
  if (node.crash_in_tick && CrashInTick(index, shard_index, out)) return;
  SendAll(index, shard_index, outbox_.items(), out);
  BeginStorage(index, out);
  if (clients_->AfterTick(index, shard_index, out)) RequestTick(index, shard_index, out);
  ArmTimer(index, shard_index);
  if (HasStopped(node)) {
    agenda_.At(out, {.argument = node.life, .action = Action::kStopped, .node = index.value});
  }
  inputs.clear();
  if (shard.inbox.empty()) shard.inbox.swap(inputs);  // keeps the memory
}

// At drawn ticks a shard is put in the place of this one that has loaded what this one has saved:
// nothing may come out otherwise. What it is said to know of its clients is taken from them before.
void Cluster::ResumeShard(NodeIndex index, uint16_t shard_index) {
  SimNode& node = nodes_[index.value];
  SimShard& shard = node.shards[shard_index];
  const uint64_t draw = Draw(config_.seed, Purpose::kResume, index.value, node.life, shard_index,
                             shard.engine->stats().ticks);
  if (!Chance(draw, config_.resume_ppm)) return;
  Bytes saved;
  shard.engine->Save(saved);
  auto resumed = std::make_unique<node::Shard>(
      OptionsOf(index, node.record, shard_index, static_cast<uint16_t>(node.shards.size())),
      topology_, outbox_, *shard.storage, *node.log);
  const absl::Status loaded =
      resumed->Load(saved, [this](PoolId, ClientId client) { return clients_->SessionOf(client); });
  if (!loaded.ok()) {
    fail_({FailureKind::kUnhealthy, "resume", "a saved shard can be loaded",
           Format("node %u: %s", index.value, MessageOf(loaded)), agenda_.current()});
    return;
  }
  clients_->MoveTo(index, shard_index, resumed->Port(pool()));
  shard.engine = std::move(resumed);
}

// The process dies in the middle of what its tick brings about: some of the messages have left, or
// all, and the commit has begun or not. Nothing reaches the clients. False where the tick brought
// nothing about.
bool Cluster::CrashInTick(NodeIndex index, uint16_t shard_index, SimTime out) {
  SimNode& node = nodes_[index.value];
  std::vector<Outbox::Item>& items = outbox_.items();
  const bool commits = node.storage->can_begin();
  if (items.empty() && !commits) return false;
  const uint32_t fault = *std::exchange(node.crash_in_tick, std::nullopt);
  const uint64_t draw = Draw(config_.seed, Purpose::kRestart, index.value, fault, 4);
  const uint64_t effects = items.size() + (commits ? 1 : 0);
  const uint64_t done = Scale(draw, effects + 1);
  if (done < items.size()) items.resize(static_cast<size_t>(done));
  SendAll(index, shard_index, items, out);
  if (done == effects) BeginStorage(index, out);
  ArmTimer(index, shard_index);
  agenda_.At(out, {.action = Action::kCrashDue, .node = index.value, .peer = fault});
  return true;
}

void Cluster::CountTickEffects(const SimNode& node) {
  if (!node.faults.any()) return;
  node.faults.Count(FaultKind::kClockOffset, effects_);
  node.faults.Count(FaultKind::kClockDrift, effects_);
  node.faults.Count(FaultKind::kClockJump, effects_);
  node.faults.Count(FaultKind::kSlowCpu, effects_);
  node.faults.Count(FaultKind::kWallFreeze, effects_);
  node.faults.Count(FaultKind::kMonotonicFreeze, effects_);
  node.faults.Count(FaultKind::kMonotonicJump, effects_);
}

// Messages.

void Cluster::SendAll(NodeIndex from, uint16_t shard, std::vector<Outbox::Item>& items,
                      SimTime out) {
  for (Outbox::Item& item : items) {
    const NodeIndex to = IndexOf(item.target.node);
    if (to == kNoNode) {
      fail_({FailureKind::kUnhealthy, "routing", "messages go to members",
             Format("node %u sent to the unknown node %x", from.value, item.target.node.value),
             agenda_.current()});
      continue;
    }
    if (to != from) {
      SendToPeer(from, shard, to, std::move(item), out);
      continue;
    }
    const uint32_t slot = messages_.Add({item.target, std::move(item.message)});
    agenda_.At(out + kSiblingDelay, {.argument = nodes_[from.value].life,
                                     .action = Action::kSiblingMessage,
                                     .node = to.value,
                                     .peer = from.value,
                                     .slot = slot});
  }
  items.clear();
}

void Cluster::SendToPeer(NodeIndex from, uint16_t shard, NodeIndex to, Outbox::Item item,
                         SimTime out) {
  const bool faults = network_.faults().any();
  Delivery delivery =
      network_.Send(from.value, to.value, out, faults ? ParcelOf(item.message) : Parcel{});
  if (delivery.sampled) CheckCodec(item.target, item.message);
  if (delivery.corrupted && !Corrupt(item, *delivery.corrupted)) delivery.copies = 0;
  if (delivery.copies == 0) {
    TellOfMessage(EventKind::kMessageLost, to, shard, from.value, item.message);
    return;
  }
  last_arrival_ = std::max(last_arrival_, out + delivery.delays[delivery.copies - 1]);
  for (uint32_t copy = 0; copy < delivery.copies; ++copy) {
    const bool last = copy + 1 == delivery.copies;
    InFlight message{item.target, last ? std::move(item.message) : item.message};
    agenda_.At(out + delivery.delays[copy], {.action = Action::kMessage,
                                             .node = to.value,
                                             .peer = from.value,
                                             .slot = messages_.Add(std::move(message))});
  }
}

// False where nothing arrives that could be taken for a message.
bool Cluster::Corrupt(Outbox::Item& item, uint64_t draw) {
  std::optional<wire::Envelope> arrived = codec_.Corrupt({item.target, item.message}, draw);
  if (!arrived) return false;
  item = {arrived->target, std::move(arrived->message)};
  return true;
}

void Cluster::CheckCodec(const env::Target& target, const wire::Message& message) {
  const std::string wrong = codec_.Check({target, message});
  if (wrong.empty()) return;
  fail_({FailureKind::kWireMismatch, "codec", "a message that is encoded and decoded is the same",
         wrong, agenda_.current()});
}

uint64_t Cluster::ShardOf(const env::Target& target, size_t shards) {
  switch (target.kind) {
    case env::TargetKind::kNode:
      return 0;
    case env::TargetKind::kPartition:
      return target.value % shards;
    case env::TargetKind::kGroup:
      return target.value % shards;
    case env::TargetKind::kRequester:
      return target.value >> 48;
  }
  return shards;
}

void Cluster::OnMessage(NodeIndex node, uint32_t peer, uint32_t slot) {
  DeliverMessage(node, peer, slot);
}

void Cluster::OnSiblingMessage(NodeIndex node, uint32_t slot, uint64_t life) {
  if (nodes_[node.value].up && nodes_[node.value].life == life) {
    DeliverMessage(node, node.value, slot);
  } else {
    messages_.Take(slot);  // its process is gone
  }
}

void Cluster::TellOfMessage(EventKind kind, NodeIndex node, uint16_t shard, uint32_t peer,
                            const wire::Message& message) {
  const EventId event = agenda_.Happened(kind, node, shard, peer, HashOf(message));
  for (WorldObserver* observer : agenda_.observers()) observer->Carried(event, message);
}

void Cluster::DeliverMessage(NodeIndex index, uint32_t peer, uint32_t slot) {
  SimNode& node = nodes_[index.value];
  const InFlight& message = messages_[slot];
  const uint64_t shard = node.up ? ShardOf(message.target, node.shards.size()) : 0;
  // A reply may name a shard of a life that had more of them.
  if (!node.up || shard >= node.shards.size()) {
    TellOfMessage(EventKind::kMessageLost, index, 0, peer, message.message);
    messages_.Take(slot);
    return;
  }
  const uint16_t to = static_cast<uint16_t>(shard);
  TellOfMessage(EventKind::kMessageArrived, index, to, peer, message.message);
  AddInput(index, to, MessageInput{slot});
}

// Storage.

void Cluster::BeginStorage(NodeIndex index, SimTime at) {
  SimNode& node = nodes_[index.value];
  if (!node.storage->can_begin() || HasStopped(node)) return;
  while (!node.crashes.empty() && node.crashes.back() <= agenda_.now()) node.crashes.pop_back();
  std::optional<SimTime> crash_at;
  if (!node.crashes.empty()) crash_at = node.crashes.back();
  if (node.crash_waits) {
    const uint64_t draw = Draw(config_.seed, Purpose::kRestart, index.value, *node.crash_waits, 2);
    const bool stalled = node.faults.Has(FaultKind::kDiskStall);
    crash_at = at + Uniform(draw, Duration(0), stalled ? kCrashInStallMax : kCrashInCommitMax);
  }
  const std::optional<SimTime> done = node.storage->Begin(at, crash_at);
  CountStorageEffects(index);
  if (!done) return;
  if (node.crash_waits) {
    agenda_.At(*crash_at, {.action = Action::kCrashDue,
                           .node = index.value,
                           .peer = *std::exchange(node.crash_waits, std::nullopt)});
  }
  agenda_.At(*done, {.argument = node.life, .action = Action::kStorage, .node = index.value});
}

void Cluster::OnStorage(NodeIndex index, uint64_t life) {
  SimNode& node = nodes_[index.value];
  if (!node.up || node.life != life) return;
  const uint64_t content = node.storage->content_hash();
  std::vector<StorageResult> results = node.storage->Finish(agenda_.now());
  CountStorageEffects(index);
  const bool scan =
      !results.empty() && std::holds_alternative<env::ScanDone>(results.front().event);
  agenda_.Happened(scan ? EventKind::kScanDone : EventKind::kCommitDone, index,
                   results.empty() ? uint16_t{0} : results.front().shard, kNoNode.value,
                   KeyedHash(content, results.size()));
  NoteFailedCommits(index, results);
  for (StorageResult& result : results) AddInput(index, result.shard, std::move(result.event));
  BeginStorage(index, agenda_.now());
  if (HasStopped(node)) {
    agenda_.At(agenda_.now(), {.argument = life, .action = Action::kStopped, .node = index.value});
  }
  const std::optional<SimTime> sync = node.storage->sync_due();
  if (!sync || node.sync_at == *sync) return;
  node.sync_at = *sync;
  agenda_.At(*sync, {.argument = life, .action = Action::kStorageSync, .node = index.value});
}

void Cluster::NoteFailedCommits(NodeIndex index, const std::vector<StorageResult>& results) {
  SimNode& node = nodes_[index.value];
  for (const StorageResult& result : results) {
    const auto* done = std::get_if<env::CommitDone>(&result.event);
    if (done == nullptr || done->status.ok() || absl::IsUnavailable(done->status)) continue;
    if (!node.may_fail) {
      fail_({FailureKind::kUnhealthy, "commit", "a sound disk takes every commit",
             Format("node %u: %s", index.value, MessageOf(done->status)), agenda_.current()});
    }
    if (std::exchange(node.storage_failed, true)) return;
    agenda_.At(agenda_.now() + kStartRetry, {.action = Action::kStart, .node = index.value});
    return;
  }
}

void Cluster::OnStorageSync(NodeIndex index, uint64_t life) {
  SimNode& node = nodes_[index.value];
  if (!node.up || node.life != life) return;
  node.storage->Tick(agenda_.now());
  BeginStorage(index, agenda_.now());
}

void Cluster::CountStorageEffects(NodeIndex index) {
  SimNode& node = nodes_[index.value];
  const StorageEffects effects = node.storage->TakeEffects();
  const auto count = [&](FaultKind kind, uint64_t times) {
    for (uint64_t i = 0; i < times; ++i) node.faults.Count(kind, effects_);
  };
  count(FaultKind::kDiskStall, effects.stalls);
  count(FaultKind::kDiskFull, effects.refusals);
  count(FaultKind::kCommitError, effects.failures);
  count(FaultKind::kSyncError, effects.sync_errors);
  for (const FaultKind kind : {FaultKind::kReadError, FaultKind::kBitRot, FaultKind::kMisdirection,
                               FaultKind::kDroppedWrite}) {
    count(kind, effects.damaged_reads);
  }
  if (effects.failures + effects.sync_errors == 0) return;
  for (WorldObserver* observer : agenda_.observers()) {
    observer->StorageFailed(index, agenda_.now());
  }
}

}  // namespace quorate::sim
