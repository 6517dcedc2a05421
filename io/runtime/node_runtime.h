// SPDX-License-Identifier: Apache-2.0
// One node in the real world: shards on threads of their own (or driven by the caller's), clients
// and peers on sockets, a storage backend on its thread. Everything that outlives a start (the
// topology, the node's record, the backend) is made by the caller and lent.
//
// Threads: Start, Poll, Stop and the destructor belong to one thread, the owner's; everything else
// may be called from any thread. The observer and the callbacks of Call are called from the
// runtime's threads.
//
// Threaded form: Start begins `shards` threads. Inline form (`inline_shard`): one shard and no
// thread for it; the caller waits until fd() is readable or NextDeadline() is reached, and calls
// Poll. The backend has its own thread in both forms, so Poll never waits for a disk.
#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "engine/base/ids.h"
#include "engine/base/status.h"
#include "engine/env/observer.h"
#include "engine/env/storage.h"
#include "engine/node/shard.h"
#include "engine/node/shard_options.h"
#include "engine/topology/topology.h"
#include "io/net/client_limits.h"
#include "io/net/link_counters.h"
#include "io/net/transport.h"
#include "io/recording/record_options.h"
#include "io/runtime/latency_histogram.h"
#include "io/runtime/limits.h"
#include "io/tls/tls_material.h"

namespace quorate::io {

// "127.0.0.1:7379", "[::1]:7379", "name:7379", "unix:/path"; port 0 lets the kernel choose.
struct PoolListener {
  PoolId pool;
  std::vector<std::string> addresses;
};

struct RuntimeOptions {
  const topology::Topology* topology = nullptr;  // lent
  env::StorageBackend* storage = nullptr;  // lent; used by the storage thread until Stop returns
  env::Observer* observer = nullptr;       // lent; thread-safe
  NodeId node;
  // The template of every shard's options: `shard` and `shards` are filled in, and each pool's
  // memory_bytes_max, the node's, is divided among the shards.
  node::ShardOptions shard;
  uint16_t shards = 1;
  bool inline_shard = false;  // requires shards == 1

  std::vector<PoolListener> listeners;
  std::string peer_address;  // where peers connect; empty: this node accepts none
  // Where to reach peers, in place of the address in the topology.
  std::map<NodeId, std::string> peer_addresses;

  std::optional<TlsMaterial> peer_tls;    // nothing: links are plain TCP
  std::optional<TlsMaterial> client_tls;  // nothing: clients speak plain TCP
  bool client_certificates = false;  // clients must show a certificate of client_tls's authority
  // Replace the two above; lent and thread-safe.
  Transport* peer_transport = nullptr;
  Transport* client_transport = nullptr;

  ClientLimits clients;
  size_t link_bytes_max = kLinkBytesMax;   // queued for one peer by one shard
  Duration sync_interval = kSyncInterval;  // of durability `periodic`
  // Commits that need no sync may run on a shard's thread, where the backend is free. Not for
  // backends that wait for more than the kernel.
  bool direct_commits = true;
  Duration wall_offset{0};  // added to the wall clock, for tests of skew
  RecordOptions record;
  // Called on every shard's thread after clients have changed a setting of CONFIG.
  std::function<void(const commands::ConfigTable&)> config_changed;
};

struct BoundListener {
  PoolId pool;
  std::string address;  // as it was given, with the port in place of 0
};

struct RuntimeStats {
  std::vector<node::Shard::Stats> shards;
  uint64_t clients = 0;
  uint64_t clients_accepted = 0;
  uint64_t clients_refused = 0;  // above max_clients
  uint64_t clients_evicted = 0;  // idle too long, or too much output
  LinkCounters links;
  uint64_t queue_drops = 0;  // messages between siblings that found the queue full
  env::StorageBackend::Stats storage;
  uint64_t storage_commits = 0;
  uint64_t storage_groups = 0;  // appends and syncs that carried them
  uint64_t storage_syncs = 0;
  uint64_t storage_direct = 0;  // groups that a shard ran itself
  uint64_t storage_backlog_bytes = 0;
  LatencyHistogram ticks;    // from the clocks read at the start to the last byte written
  LatencyHistogram commits;  // from submission to completion
};

using CallResult = absl::StatusOr<resp::Reply>;
using CallCallback = std::function<void(CallResult)>;

class NodeRuntime {
 public:
  // Makes everything but opens nothing. InvalidArgument where the options make no sense.
  static absl::StatusOr<std::unique_ptr<NodeRuntime>> Create(RuntimeOptions options);
  // Stops with kDestructorStopTime if that was not done.
  ~NodeRuntime();
  NodeRuntime(const NodeRuntime&) = delete;
  NodeRuntime& operator=(const NodeRuntime&) = delete;

  // Opens the listeners and starts the threads. An error names the address or file that is wrong,
  // and leaves nothing open. Clients are answered -LOADING until loading() is false.
  absl::Status Start();
  // Orderly end: no new clients or requests, what was acknowledged or accepted is stored, the
  // backend is closed. Unavailable where that took longer than `deadline`; then it was ended all
  // the same. The first commit that failed, otherwise.
  absl::Status Stop(Duration deadline);
  // Waits until Stop was called elsewhere or a shard failed for good.
  void Wait();

  [[nodiscard]] std::vector<BoundListener> addresses() const;
  [[nodiscard]] std::string peer_address() const;

  [[nodiscard]] bool loading() const;
  // Not ok once a shard refuses everything.
  [[nodiscard]] absl::Status health() const;
  // Asks every thread, so it takes as long as their ticks.
  [[nodiscard]] RuntimeStats stats() const;
  // The digest of everything the node holds of a pool, for comparing replicas.
  [[nodiscard]] uint64_t digest(PoolId pool) const;

  // Runs one command as a client of the pool that is authenticated already. Errors: Unavailable
  // where the runtime does not run or stops first (the outcome is then unknown), ResourceExhausted
  // above kCallsMax in flight. What the command itself answers, errors included, is the reply.
  void Call(PoolId pool, std::vector<std::string> arguments, CallCallback done);
  std::future<CallResult> Call(PoolId pool, std::vector<std::string> arguments);

  // Connections made from now on use the new certificates; those that exist stay. An error changes
  // nothing. FailedPrecondition where the runtime was created without TLS there.
  absl::Status ReloadPeerTls(TlsMaterial material);
  absl::Status ReloadClientTls(TlsMaterial material);
  // From now on this peer is connected to at `address`.
  void SetPeerAddress(NodeId peer, std::string address);

  // The inline form. fd() is readable when Poll has something to do; epoll, poll and select take
  // it.
  [[nodiscard]] int fd() const;
  [[nodiscard]] Instant NextDeadline() const;
  // Waits up to `timeout` (0 does not wait) and runs one tick.
  void Poll(Duration timeout);
  // Reads the monotonic clock that NextDeadline counts in (CLOCK_MONOTONIC).
  [[nodiscard]] static Instant Now();

 private:
  class Impl;
  explicit NodeRuntime(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace quorate::io
