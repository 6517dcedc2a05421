// SPDX-License-Identifier: Apache-2.0
// What the machines of one shard share: the tick, the clock, what is known of peers. Owned by the
// shard and lent to its parts; not a place for logic.
#pragma once

#include <cstdint>

#include "engine/base/mark.h"
#include "engine/base/status.h"
#include "engine/commands/config_table.h"
#include "engine/env/observer.h"
#include "engine/node/hybrid_clock.h"
#include "engine/node/peer_clocks.h"
#include "engine/node/peers.h"
#include "engine/node/shard_options.h"
#include "engine/node/tick.h"
#include "engine/topology/topology.h"

namespace quorate::node {

struct ShardState {
  ShardState(const ShardOptions& shard_options, const topology::Topology& shard_topology,
             env::Observer& shard_observer)
      : options(shard_options),
        topology(shard_topology),
        observer(shard_observer),
        clock({shard_options.record.node, shard_options.record.incarnation, shard_options.shard},
              shard_options.limits.clock_reserve_ms) {}

  const ShardOptions& options;
  const topology::Topology& topology;
  env::Observer& observer;
  HybridClock clock;
  Peers peers;
  PeerClocks peer_clocks;
  Tick tick;
  commands::ConfigTable config;

  bool loading = true;
  bool stopping = false;
  bool disk_full = false;  // the last commit did not fit; writes are refused until it does
  bool clock_off = false;  // this node's wall clock left its peers': it does not stamp
  absl::Status health;     // not ok: a commit failed for good

  bool ended_orderly = false;  // the life before; known when the first scan has been read
  HybridTime life_began;
  uint64_t next_id = 0;  // of requests and operations
  uint64_t draws = 0;    // counts keyed draws of this life
  Marks marks;           // of all but the coordinators

  [[nodiscard]] NodeId self() const { return options.record.node; }
  [[nodiscard]] Instant now() const { return tick.clocks.monotonic; }

  // A node of one pool takes its limit from CONFIG, which the pool's settings begin; of several,
  // each its own.
  [[nodiscard]] size_t MemoryLimit(const PoolOptions& pool) const {
    if (options.pools.size() > 1) return pool.memory_bytes_max;
    return config.memory_bytes_max() / options.shards;
  }
  [[nodiscard]] bool Evicts(const PoolOptions& pool) const {
    return options.pools.size() > 1 ? pool.eviction == Eviction::kClock : config.evicts();
  }

  // Whether a fault point fires for what `what` names.
  [[nodiscard]] bool Fires(FaultPoint point, uint64_t what) {
    return options.points.Fires(point, options.seed, what, marks);
  }

  // Unique in this life of the shard; the shard's index is on top, for replies to find it.
  wire::RequestId NewRequestId() {
    return {static_cast<uint64_t>(options.shard.value) << 48 | ++next_id};
  }

  void Send(const env::Target& target, wire::Body&& body, uint64_t trace = 0) {
    tick.messages.push_back({target, Sign(std::move(body), options.record.incarnation, trace)});
  }
  // A reply leaves when everything this shard has told itself so far is durable. While the disk is
  // full that would be never: replies leave at once, as those to clients do, and tell of nothing
  // that is not stored (Replica::Unstored).
  void Reply(const wire::Message& request, const env::Target& target, wire::Body&& body) {
    auto& messages = disk_full ? tick.messages : tick.after.messages;
    messages.push_back({target, Sign(std::move(body), request.requester, request.trace)});
  }
  // Where a reply to `request` goes.
  [[nodiscard]] static env::Target RequesterOf(const wire::Message& request, PoolId pool,
                                               wire::RequestId id) {
    return {request.sender.node, env::TargetKind::kRequester, pool, id.value};
  }

 private:
  wire::Message Sign(wire::Body&& body, Incarnation requester, uint64_t trace) const {
    return {{options.record.node, options.record.incarnation, tick.clocks.wall},
            requester,
            trace,
            std::move(body)};
  }
};

}  // namespace quorate::node
