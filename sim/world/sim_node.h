// SPDX-License-Identifier: Apache-2.0
// A node and its shards, as the world holds them. Values; the cluster moves them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "adapters/recording/recorder.h"
#include "engine/env/network.h"
#include "engine/env/observer.h"
#include "engine/node/shard.h"
#include "sim/core/fetch_ahead.h"
#include "sim/core/sim_time.h"
#include "sim/storage/node_storage.h"
#include "sim/world/agenda.h"
#include "sim/world/fault_state.h"
#include "sim/world/node_clock.h"
#include "sim/world/tick_input.h"

namespace quorate::sim {

inline constexpr SimTime kNotScheduled{UINT64_MAX};

// Collects what a shard sends in its tick.
class Outbox final : public env::Network {
 public:
  struct Item {
    env::Target target;
    wire::Message message;
    NodeIndex to = kNoNode;  // whose the target is, from SendAll on
  };
  void Send(const env::Target& target, wire::Message message) override {
    items_.push_back({target, std::move(message)});
  }
  [[nodiscard]] std::vector<Item>& items() { return items_; }

 private:
  std::vector<Item> items_;
};

// Passes a node's log on to those who watch.
class NodeLog final : public env::Observer {
 public:
  NodeLog(NodeIndex node, const Agenda& agenda) : node_(node), agenda_(agenda) {}
  void Log(env::LogLevel level, std::string_view text) override {
    agenda_.TellAll(
        [&](WorldObserver& observer) { observer.Logged(node_, agenda_.now(), level, text); });
  }

 private:
  const NodeIndex node_;
  const Agenda& agenda_;
};

using Inbox = absl::InlinedVector<TickInput, 1>;  // most ticks have one input

struct SimShard {
  Inbox inbox;
  SimTime busy_until;
  SimTime tick_at = kNotScheduled;
  SimTime timer_at = kNotScheduled;
  std::unique_ptr<ShardStorage> storage;          // before the engine that uses it
  std::unique_ptr<recording::Recorder> recorder;  // null: nothing is recorded
  std::unique_ptr<node::Shard> engine;
  std::vector<uint64_t> connections;  // of clients, as they came

  void SetEngine(std::unique_ptr<node::Shard> made) {
    engine = std::move(made);
    footprint = FetchList(engine->footprint());
  }
  [[nodiscard]] node::RequestPort& Port(PoolId pool) const {
    return recorder ? recorder->Port(pool) : engine->Port(pool);
  }
  // As the engine's, by way of the recorder where there is one.
  void BeginTick(const Clocks& clocks) const {
    recorder ? recorder->BeginTick(clocks) : engine->BeginTick(clocks);
  }
  void Start() const { recorder ? recorder->Start() : engine->Start(); }
  void Deliver(const wire::Message& message) const {
    recorder ? recorder->Deliver(message) : engine->Deliver(message);
  }
  void OnStorage(env::StorageEvent event) const {
    recorder ? recorder->OnStorage(std::move(event)) : engine->OnStorage(std::move(event));
  }
  void Stop() const { recorder ? recorder->Stop() : engine->Stop(); }
  void EndTick() const { recorder ? recorder->EndTick() : engine->EndTick(); }
  FetchList footprint;      // of the engine
  uint64_t generation = 0;  // of the scheduled tick
  bool started = false;
  bool held = false;  // a tick was due while the node was paused
};

// What every event looks at comes last, and of that what each shard adds: a world of a thousand
// nodes does not fit the caches.
struct SimNode {
  NodeId id;
  Incarnation incarnation;   // of the last life
  node::NodeRecord record;   // and what its shards were told
  uint64_t engine_seed = 0;  // of the last life, whatever is drawn anew while it lasts
  uint32_t start_failures = 0;
  uint32_t stopped_by = 0;  // where it is stopping: the fault
  SimTime sync_at = kNotScheduled;
  SimTime image_at;         // when the storage has taken its image
  int64_t slow_factor = 1;  // of its ticks, under a slow processor
  NodeFaults faults;
  // From here on, and at the end of `faults`, every event looks at it.
  bool up = false;
  bool paused = false;
  bool stopping = false;        // orderly; the world waits for its shards
  bool may_fail = false;        // a fault has made its commits fail
  bool storage_failed = false;  // a commit failed for good: it must be started again
  bool frozen = false;          // a fault that stays has it: it is not of the core that heals
  uint32_t life = 0;
  std::unique_ptr<NodeStorage> storage;
  uint64_t ticks = 0;                     // keys the draws of service times
  std::vector<SimTime> crashes;           // known ahead, falling: the next one is at the back
  std::optional<uint32_t> crash_waits;    // this fault kills it in its next commit
  std::optional<uint32_t> crash_in_tick;  // this one in the middle of its next tick's effects
  uint32_t crash_effect = 0;              // the first that does not come about, from 1; 0: drawn
  std::unique_ptr<NodeLog> log;
  NodeClock clock;
  absl::InlinedVector<SimShard, 2> shards;  // none while it is down; they use storage and log

  [[nodiscard]] uint16_t shard_count() const { return static_cast<uint16_t>(shards.size()); }
  // Of a node with so many shards.
  [[nodiscard]] std::span<const std::byte> hot(size_t of_shards) const {
    const auto* const begin = reinterpret_cast<const std::byte*>(&up) - sizeof(uint64_t);
    const auto* const end = reinterpret_cast<const std::byte*>(&shards) + sizeof(size_t);
    return {begin, end + of_shards * sizeof(SimShard)};
  }
};

}  // namespace quorate::sim
