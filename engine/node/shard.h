// SPDX-License-Identifier: Apache-2.0
// One single-threaded shard: the whole engine, as a world drives it. It alone holds the doors of
// env/; it turns what happens at them into events for the machines inside, and carries out their
// effects.
//
// A world's loop, the same in io and sim:
//   BeginTick(clocks); Deliver / OnStorage / requests of clients, in any number and order;
//   EndTick();
// and again when something happens or NextDeadline() is reached. Inside a tick nothing blocks and
// nothing leaves; EndTick executes the requests as one batch, fires due timers, commits what
// changed as one transaction and sends. The order of calls is the only input besides their
// arguments.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/footprint.h"
#include "engine/base/mark.h"
#include "engine/base/time.h"
#include "engine/commands/server.h"
#include "engine/env/network.h"
#include "engine/env/observer.h"
#include "engine/env/storage.h"
#include "engine/keyspace/snapshot_budget.h"
#include "engine/node/node_record.h"
#include "engine/node/request_port.h"
#include "engine/node/shard_options.h"
#include "engine/topology/topology.h"
#include "engine/wire/message.h"

namespace quorate::node {

class Shard {
 public:
  // `topology`, the doors and everything in `options` outlive the shard.
  Shard(const ShardOptions& options, const topology::Topology& topology, env::Network& network,
        env::Storage& storage, env::Observer& observer);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  // Where the clients of a pool hand over their requests.
  RequestPort& Port(PoolId pool);

  void BeginTick(const Clocks& clocks);
  // Begins to load the stored rows; the first call after the first BeginTick. Until all are loaded
  // clients are answered -LOADING and peers kNotExecuted.
  void Start();
  // A message from a peer or a sibling shard. `message.sender` was verified by the world.
  void Deliver(const wire::Message& message);
  // Asks for the memory that Deliver will look at first. Changes nothing.
  void FetchAhead(const wire::Message& message) const;
  void OnStorage(env::StorageEvent event);
  // Begins the orderly end: no new requests; everything is stored. Done when `stopped()`. Until
  // then an operation, a commit or a scan is under way at the end of every tick.
  void Stop();
  void EndTick();

  // When EndTick must be called next if nothing happens before.
  [[nodiscard]] Instant NextDeadline() const;

  [[nodiscard]] bool loading() const;
  [[nodiscard]] bool stopped() const;
  // An end now would be an orderly one: all is loaded, or is as the life before has left it in an
  // orderly end of its own.
  [[nodiscard]] bool orderly() const;
  // The last commit found no room; see Refusal.
  [[nodiscard]] bool disk_full() const;
  // Not ok after a commit failed for good: the shard refuses everything.
  [[nodiscard]] absl::Status health() const;

  // What clients have set for all of the node; the world looks after its own part of it.
  [[nodiscard]] const commands::ConfigTable& config() const;

  struct Stats {
    uint64_t commands = 0;
    uint64_t error_replies = 0;
    uint64_t changes = 0;
    uint64_t ticks = 0;
    uint64_t commits = 0;
    uint64_t messages_in = 0;
    uint64_t messages_out = 0;
    uint64_t read_repairs = 0;
    uint64_t restamps = 0;
    uint64_t quorum_failures = 0;
    uint64_t expired = 0;
    uint64_t evicted = 0;
    uint64_t operations_in_flight = 0;
    uint64_t commits_in_flight = 0;
    uint64_t objects = 0;
    uint64_t logical_bytes = 0;
    uint64_t clients = 0;
    uint64_t suspects = 0;  // peers that owe an answer
  };
  [[nodiscard]] Stats stats() const;
  // The memory that every tick looks at; it stays where it is. A host with more shards than its
  // caches hold fetches it ahead of a tick, which then waits for memory once and not twenty times.
  [[nodiscard]] Footprint footprint() const;
  // What this life has reached; see engine/base/mark.h.
  [[nodiscard]] Marks marks() const;
  // The digest of everything this shard holds of a pool, for comparing replicas and runs.
  [[nodiscard]] uint64_t digest(PoolId pool) const;
  // Of all pools, at once, for comparing ticks.
  [[nodiscard]] uint64_t digest() const;
  // visit(key, packed state) for each object of the pool, in place order, dead ones included; each
  // state as it will be when its deadline has passed, since replicas notice that at different
  // times.
  void ForEachObject(PoolId pool,
                     const std::function<void(std::string_view, std::string_view)>& visit) const;

  // All of the state, so that a recording or a snapshot goes on elsewhere: Load on a new shard of
  // equal options, in place of Start, gives the same next effects. Save: between ticks, before a
  // client hands over the next request. What storage was asked for is under way still. `find`
  // gives the session that serves a client of a pool from now on, whose Client is then as it was;
  // the replies that a session owes are its own. `hides`: values become stand-ins
  // (engine/keyspace/stand_in.h), which ShardOptions::stand_ins then tells the new shard.
  using FindSession = std::function<commands::Client*(PoolId, ClientId)>;
  // `keep`: which objects; all where it is empty. Others are as if nobody had ever written them.
  using KeepObject = std::function<bool(PoolId, std::string_view)>;
  void Save(Bytes& out, bool hides = false, const KeepObject& keep = {}) const;
  absl::Status Load(std::string_view bytes, const FindSession& find);

  // The same state as Save, in pieces, so that it takes no tick long however many keys there are:
  // JoinSnapshot (snapshot.h) makes of them what Save would have given at the time of
  // BeginSnapshot. Step: between ticks, too, and after each one; it adds what has changed since
  // then as it was, and goes on with the keys. False where that was the last piece.
  void BeginSnapshot(Bytes& frame, bool hides);
  [[nodiscard]] bool in_snapshot() const;
  bool StepSnapshot(keyspace::SnapshotBudget budget, Bytes& piece);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorate::node
