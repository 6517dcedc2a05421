// SPDX-License-Identifier: Apache-2.0
// Ticks of the shards: what goes into them, and what they bring about.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "sim/core/draw.h"
#include "sim/core/fetch_ahead.h"
#include "sim/net/limits.h"
#include "sim/world/cluster.h"
#include "sim/world/limits.h"
#include "sim/world/recording_store.h"

namespace quorate::sim {

void Cluster::FetchAheadOf(const Scheduled& next) {
  if (next.node == kNoNode.value || std::exchange(fetched_, &next) == &next) return;
  FetchAhead(nodes_[next.node].hot(shard_counts_[next.node]));
  if (next.action != Action::kMessage) return;
  FetchAhead(messages_[next.slot]);
  network_.FetchAhead(next.node, next.peer);  // it may be answered
}

void Cluster::FetchAheadOf(const SimShard& shard) const {
  for (const TickInput& input : shard.inbox) {
    const auto* const message = std::get_if<MessageInput>(&input);
    if (message != nullptr) shard.engine->FetchAhead(messages_[message->slot].message);
  }
}

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
  shard.footprint.Fetch();
  FetchAhead(*node.storage);
  const uint64_t draw =
      Draw(seed_, Purpose::kWakeUp, index.value, node.life, shard_index, shard.generation);
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

// Nothing comes in while a shard has its tick: all that it brings about takes time.
void Cluster::TakeInputs(NodeIndex index, uint16_t shard_index) {
  SimShard& shard = nodes_[index.value].shards[shard_index];
  for (TickInput& input : shard.inbox) {
    std::visit(Overloaded{
                   [&](const MessageInput& message) {
                     shard.Deliver(messages_[message.slot].message);
                     messages_.Free(message.slot);
                   },
                   [&](env::StorageEvent& event) { shard.OnStorage(std::move(event)); },
                   [&](ClientInput& client) { clients_->TakeInput(index, shard_index, client); },
               },
               input);
  }
  shard.inbox.clear();
}

void Cluster::RunTick(NodeIndex index, uint16_t shard_index) {
  SimNode& node = nodes_[index.value];
  SimShard& shard = node.shards[shard_index];
  const size_t inputs = shard.inbox.size();
  const SimTime now = agenda_.now();
  const Clocks clocks = node.clock.At(now);
  agenda_.Happened(EventKind::kTick, index, shard_index, kNoNode.value,
                   KeyedHash(inputs, clocks.monotonic.time_since_epoch().count(), clocks.wall.ms));
  CountTickEffects(node);
  {
    const MemoryOf engine(agenda_.memory(), MemoryPart::kEngine);
    FetchAheadOf(shard);
    shard.BeginTick(clocks);
    if (!std::exchange(shard.started, true)) shard.Start();
    TakeInputs(index, shard_index);
    if (node.stopping) shard.Stop();
    shard.EndTick();
  }
  if (node.stopping) CheckStopping(index, shard_index);
  if (shard.recorder) shard.recorder->Turn();
  if (config_.resume_ppm > 0) ResumeShard(index, shard_index);
  const uint64_t draw = Draw(seed_, Purpose::kServiceTime, index.value, node.ticks++);
  Duration service =
      Uniform(draw, kServiceMin, kServiceMax) + kServicePerInput * static_cast<int64_t>(inputs);
  if (node.faults.Has(FaultKind::kSlowCpu)) service *= node.slow_factor;
  const SimTime out = now + service;
  shard.busy_until = out;
  if (CrashInTick(index, shard_index, out)) return;
  SendAll(index, shard_index, outbox_.items(), out);
  BeginStorage(index, out);
  if (clients_->AfterTick(index, shard_index, out)) RequestTick(index, shard_index, out);
  ArmTimer(index, shard_index);
  if (HasStopped(node)) {
    agenda_.At(out, {.argument = node.life, .action = Action::kStopped, .node = index.value});
  }
}

// What waits for nothing is woken by nobody.
void Cluster::CheckStopping(NodeIndex index, uint16_t shard_index) {
  const node::Shard& shard = *nodes_[index.value].shards[shard_index].engine;
  const node::Shard::Stats stats = shard.stats();
  const bool waits =
      shard.loading() || stats.operations_in_flight > 0 || stats.commits_in_flight > 0;
  if (waits || shard.stopped()) return;
  fail_({FailureKind::kStall, "progress",
         "a shard that is to stop has stopped, or waits for an operation, a commit or a scan",
         Format("node %u shard %u waits for none", index.value, shard_index), agenda_.current()});
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
  clients_->MoveTo(index, shard_index, *resumed);
  shard.SetEngine(std::move(resumed));
}

// The process dies in the middle of what its tick brings about: some of the messages have left, or
// all, and the commit has begun or not. Nothing reaches the clients. False where it lives on: no
// fault wants it dead, or the tick brought nothing about.
bool Cluster::CrashInTick(NodeIndex index, uint16_t shard_index, SimTime out) {
  SimNode& node = nodes_[index.value];
  if (!node.crash_in_tick) return false;
  const uint32_t fault = *node.crash_in_tick;
  std::vector<Outbox::Item>& items = outbox_.items();
  const bool commits = node.storage->can_begin();
  if (items.empty() && !commits) return false;
  node.crash_in_tick.reset();
  const uint64_t effects = items.size() + (commits ? 1 : 0);
  const uint64_t drawn = Scale(Draw(seed_, Purpose::kRestart, index.value, fault, 4), effects + 1);
  const uint64_t done =
      node.crash_effect == 0 ? drawn : std::min<uint64_t>(node.crash_effect - 1, effects);
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

}  // namespace quorate::sim
