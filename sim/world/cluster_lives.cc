// SPDX-License-Identifier: Apache-2.0
// Lives of the nodes: they start, die, end and come back, and whose disk they find.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "sim/core/draw.h"
#include "sim/world/cluster.h"
#include "sim/world/limits.h"
#include "sim/world/recording_store.h"

namespace quorate::sim {
namespace {

node::PoolOptions PoolOptionsOf(const PoolConfig& config, PoolId id, uint16_t shards) {
  node::PoolOptions pool;
  pool.pool = id;
  pool.durability = config.durability;
  pool.read = config.read;
  pool.write = config.write;
  pool.request_timeout = config.request_timeout;
  pool.speculative_delay = config.speculative_delay;
  pool.unsafe_commands = config.unsafe_commands;
  pool.memory_bytes_max = config.memory_bytes_max / shards;
  if (config.evicts) pool.eviction = node::Eviction::kClock;
  return pool;
}

}  // namespace

uint16_t Cluster::ShardsOf(NodeIndex node, uint32_t life) const {
  const uint64_t draw =
      Draw(config_.seed, Purpose::kNodeShards, node.value, config_.reshard ? life : 0);
  const uint64_t span = uint64_t{config_.shards_max} - config_.shards_min + 1;
  return static_cast<uint16_t>(config_.shards_min + Scale(draw, span));
}

node::ShardOptions Cluster::OptionsOf(NodeIndex node, const node::NodeRecord& record,
                                      uint16_t shard, uint16_t shards) const {
  node::ShardOptions options;
  options.record = record;
  options.shard = ShardIndex{shard};
  options.shards = shards;
  options.seed = nodes_[node.value].engine_seed;
  for (size_t i = 0; i < config_.pools.size(); ++i) {
    options.pools.push_back(PoolOptionsOf(config_.pools[i], PoolIdOf(i), shards));
  }
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
  agenda_.TellAll(
      [&](WorldObserver& observer) { observer.Forgot(index, node.image_at, agenda_.now()); });
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
  nodes_[index.value].storage = std::make_unique<NodeStorage>(MakeDevice(index.value));
}

absl::Status Cluster::TryStart(NodeIndex index, Duration& took) {
  SimNode& node = nodes_[index.value];
  QUORATE_ASSIGN_OR_RETURN(env::StorageBackend* const backend, node.storage->Open(node.life, took));
  const absl::StatusOr<node::NodeRecord> record =
      node::BeginLife(*backend, FreshId(index), config_.planted);
  absl::Status recovered = record.ok() ? node.storage->Recover(took) : record.status();
  if (recovered.ok() && record->node != node.id) recovered = RefuseForeign(index);
  if (!recovered.ok()) {
    node.storage->Crash(CrashKind::kProcess, Draw(seed_, Purpose::kRestart, index.value));
    return recovered;
  }
  CheckIncarnation(index, record->incarnation);
  node.record = *record;
  node.engine_seed = Draw(seed_, Purpose::kNodeSeed, index.value, record->incarnation.value);
  const uint16_t shards = ShardsOf(index, node.life);
  node.shards.resize(shards);
  shard_counts_[index.value] = static_cast<uint8_t>(shards);
  for (uint16_t i = 0; i < shards; ++i) {
    SimShard& shard = node.shards[i];
    shard.storage = std::make_unique<ShardStorage>(*node.storage, i);
    MakeEngine(index, i, OptionsOf(index, *record, i, shards));
  }
  return absl::OkStatus();
}

void Cluster::MakeEngine(NodeIndex index, uint16_t shard_index, const node::ShardOptions& options) {
  const MemoryOf engine(agenda_.memory(), MemoryPart::kEngine);
  const SimNode& node = nodes_[index.value];
  SimShard& shard = nodes_[index.value].shards[shard_index];
  if (config_.recordings == nullptr) {
    shard.SetEngine(
        std::make_unique<node::Shard>(options, topology_, outbox_, *shard.storage, *node.log));
    return;
  }
  recording::RecorderOptions recorded;
  recorded.hides = config_.recordings->hides();
  recorded.segment_bytes_max = config_.recordings->segment_bytes_max();
  recorded.pace = config_.recordings->pace();
  recorded.start.options = options;
  recorded.start.topology = topology_.Encode();
  shard.recorder = std::make_unique<recording::Recorder>(
      std::move(recorded), config_.recordings->Open(index.value, node.life + 1, shard_index),
      outbox_, *shard.storage, *node.log);
  shard.SetEngine(std::make_unique<node::Shard>(options, topology_, *shard.recorder,
                                                *shard.recorder, *node.log));
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
  const uint64_t draw = Draw(seed_, Purpose::kRestart, index.value, node.life);
  node.clock.BeginLife(now, Instant(Uniform(draw, 1s, 10'000'000s)));
  agenda_.Happened(EventKind::kNodeStarted, index, node.shard_count(), kNoNode.value, node.life);
  agenda_.TellAll([&](WorldObserver& observer) { observer.Started(index, now); });
  for (uint16_t i = 0; i < node.shard_count(); ++i) {
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
  agenda_.TellAll([&](WorldObserver& observer) { observer.Crashed(index, agenda_.now()); });
}

void Cluster::Stop(NodeIndex index, uint32_t fault) {
  SimNode& node = nodes_[index.value];
  QUORATE_CHECK(node.up);
  node.stopping = true;
  node.stopped_by = fault;
  for (uint16_t i = 0; i < node.shard_count(); ++i) RequestTick(index, i, agenda_.now());
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
    Crash(index, CrashKind::kProcess, Draw(seed_, Purpose::kRestart, index.value, node.life, 3));
    return;
  }
  effects_.Count(node.stopped_by);
  EndLife(index);
  agenda_.Happened(EventKind::kNodeStopped, index, 0, kNoNode.value, 0);
  agenda_.TellAll([&](WorldObserver& observer) { observer.Stopped(index, agenda_.now()); });
}

void Cluster::RestartIfFailed(NodeIndex index) {
  const SimNode& node = nodes_[index.value];
  if (!node.up || !node.storage_failed || node.faults.Has(FaultKind::kCommitError)) return;
  Crash(index, CrashKind::kProcess, Draw(seed_, Purpose::kRestart, index.value, node.life, 1));
  Start(index);
}

void Cluster::Resume(NodeIndex index) {
  SimNode& node = nodes_[index.value];
  node.paused = false;
  for (uint16_t i = 0; i < node.shard_count(); ++i) {
    if (!std::exchange(node.shards[i].held, false)) continue;
    RequestTick(index, i, agenda_.now());
  }
}

void Cluster::ClockChanged(NodeIndex index) {
  for (uint16_t i = 0; i < nodes_[index.value].shard_count(); ++i) {
    RequestTick(index, i, agenda_.now());
  }
}

bool Cluster::IsHalfOpen(NodeIndex index, bool before) {
  const NodeFaults& faults = nodes_[index.value].faults;
  if (!before && !faults.Has(FaultKind::kHalfOpen)) return false;
  faults.Count(FaultKind::kHalfOpen, effects_);
  return true;
}

}  // namespace quorate::sim
