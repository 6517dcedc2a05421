// SPDX-License-Identifier: Apache-2.0
#include "io/runtime/node_runtime.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "io/net/address.h"
#include "io/net/tcp_transport.h"
#include "io/runtime/descriptors.h"
#include "io/runtime/pending_call.h"
#include "io/runtime/shard_loop.h"
#include "io/runtime/storage_thread.h"
#include "io/runtime/system_clocks.h"
#include "io/runtime/task_gate.h"
#include "io/tls/tls_transport.h"

namespace quorate::io {
namespace {

absl::Status CheckOptions(const RuntimeOptions& options) {
  if (options.topology == nullptr || options.storage == nullptr || options.observer == nullptr) {
    return InvalidArgument("topology, storage and observer are needed");
  }
  if (options.shards == 0 || options.shards > kShardsMax) {
    return InvalidArgument(Format("shards: 1 to %u", kShardsMax));
  }
  if (options.inline_shard && options.shards != 1) {
    return InvalidArgument("the inline form has one shard");
  }
  if (options.shard.record.node != options.node) {
    return InvalidArgument("the node's record is that of another node");
  }
  if (options.topology->FindNode(options.node) == nullptr) {
    return InvalidArgument(Format("node %016x is not in the topology", options.node.value));
  }
  for (const node::PoolOptions& pool : options.shard.pools) {
    if (options.topology->FindPool(pool.pool) == nullptr) {
      return InvalidArgument(Format("pool %u is not in the topology", pool.pool.value));
    }
  }
  for (const PoolListener& listener : options.listeners) {
    const auto same = [&](const node::PoolOptions& pool) { return pool.pool == listener.pool; };
    if (std::none_of(options.shard.pools.begin(), options.shard.pools.end(), same)) {
      return InvalidArgument(Format("pool %u has an address but no options", listener.pool.value));
    }
  }
  return absl::OkStatus();
}

}  // namespace

class NodeRuntime::Impl {
 public:
  explicit Impl(RuntimeOptions options);
  ~Impl();

  absl::Status Prepare();
  absl::Status Start();
  absl::Status Stop(Duration deadline);
  void Wait();
  [[nodiscard]] std::vector<BoundListener> addresses() const;
  [[nodiscard]] std::string peer_address() const;
  [[nodiscard]] bool loading();
  [[nodiscard]] absl::Status health();
  [[nodiscard]] RuntimeStats stats();
  [[nodiscard]] uint64_t digest(PoolId pool);
  void Call(PoolId pool, std::vector<std::string> arguments, CallCallback done);
  absl::Status Reload(TlsTransport* transport, const TlsMaterial& material);
  absl::Status ReloadPeerTls(const TlsMaterial& material) {
    return Reload(peer_tls_.get(), material);
  }
  absl::Status ReloadClientTls(const TlsMaterial& material) {
    return Reload(client_tls_.get(), material);
  }
  void SetPeerAddress(NodeId peer, std::string address);
  ShardLoop& first() { return *loops_.front(); }

 private:
  enum class Phase : uint8_t { kMade, kRunning, kStopping, kStopped };
  // Keeps the loops while another thread than the owner's looks at them.
  class Use;

  absl::Status MakeTransports();
  absl::Status MakeLoops();
  void TakeConfig(const commands::ConfigTable& config);
  absl::Status OpenListeners();
  absl::Status OpenListener(
      const std::string& address, Transport& transport,
      const std::function<absl::Status(ShardLoop&, Transport::Listening)>& add, std::string& bound);
  [[nodiscard]] node::ShardOptions OptionsOfShard(uint16_t index) const;
  bool StopShards(Duration deadline);
  absl::Status CloseStorage(bool clean);
  void ReleaseLoops(const absl::Status& health);
  void OnLoop(ShardLoop& loop, const std::function<void()>& task);

  const RuntimeOptions options_;
  LinuxKernel kernel_;
  PeerAddresses addresses_of_peers_;
  std::unique_ptr<TcpTransport> peer_tcp_;
  std::unique_ptr<TcpTransport> client_tcp_;
  std::unique_ptr<TlsTransport> peer_tls_;
  std::unique_ptr<TlsTransport> client_tls_;
  Transport* peer_transport_ = nullptr;
  Transport* client_transport_ = nullptr;
  std::unique_ptr<StorageThread> storage_;
  std::atomic<size_t> node_clients_{0};
  std::atomic<size_t> calls_{0};
  std::vector<std::unique_ptr<ShardLoop>> loops_;

  mutable Mutex mutex_;
  Condition changed_;
  Phase phase_ ABSL_GUARDED_BY(mutex_) = Phase::kMade;
  bool stop_asked_ ABSL_GUARDED_BY(mutex_) = false;
  size_t users_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Status last_health_ ABSL_GUARDED_BY(mutex_);
  std::vector<BoundListener> bound_ ABSL_GUARDED_BY(mutex_);
  std::string bound_peer_ ABSL_GUARDED_BY(mutex_);
};

class NodeRuntime::Impl::Use {
 public:
  explicit Use(Impl& impl) : impl_(impl) {
    MutexLock lock(impl_.mutex_);
    phase_ = impl_.phase_;
    if (valid()) ++impl_.users_;
  }
  ~Use() {
    if (!valid()) return;
    MutexLock lock(impl_.mutex_);
    --impl_.users_;
  }
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;

  // The loops exist, and tasks given to them are run or dropped.
  [[nodiscard]] bool valid() const {
    return phase_ == Phase::kRunning || phase_ == Phase::kStopping;
  }
  [[nodiscard]] bool running() const { return phase_ == Phase::kRunning; }

 private:
  Impl& impl_;
  Phase phase_;
};

NodeRuntime::Impl::Impl(RuntimeOptions options) : options_(std::move(options)) {}

NodeRuntime::Impl::~Impl() {
  bool running = false;
  {
    MutexLock lock(mutex_);
    running = phase_ == Phase::kRunning;
  }
  if (running) static_cast<void>(Stop(kDestructorStopTime));
}

// --- construction

absl::Status NodeRuntime::Impl::Prepare() {
  QUORATE_RETURN_IF_ERROR(CheckOptions(options_));
  for (const topology::SeatSpec& seat : options_.topology->seats()) {
    if (seat.node != options_.node) addresses_of_peers_.Set(seat.node, seat.address);
  }
  for (const auto& [peer, address] : options_.peer_addresses)
    addresses_of_peers_.Set(peer, address);
  QUORATE_RETURN_IF_ERROR(MakeTransports());
  storage_ = std::make_unique<StorageThread>(
      *options_.storage, *options_.observer,
      StorageThread::Options{options_.shards, options_.sync_interval, kGroupBytesMax,
                             options_.direct_commits},
      [this](ShardIndex shard, std::vector<StorageCompletion>& completions) {
        loops_[shard.value]->PushCompletions(completions);
      });
  return MakeLoops();
}

absl::Status NodeRuntime::Impl::MakeTransports() {
  peer_tcp_ = std::make_unique<TcpTransport>(kernel_, TcpOptions{kLinkSilenceMax, kLinkSilenceMax});
  client_tcp_ =
      std::make_unique<TcpTransport>(kernel_, TcpOptions{options_.clients.keep_alive, Duration(0)});
  peer_transport_ = options_.peer_transport;
  if (peer_transport_ == nullptr && options_.peer_tls) {
    QUORATE_ASSIGN_OR_RETURN(peer_tls_,
                             TlsTransport::ForPeers(*peer_tcp_, *options_.peer_tls,
                                                    {options_.topology->cluster(), options_.node}));
    peer_transport_ = peer_tls_.get();
  }
  if (peer_transport_ == nullptr) peer_transport_ = peer_tcp_.get();
  client_transport_ = options_.client_transport;
  if (client_transport_ == nullptr && options_.client_tls) {
    QUORATE_ASSIGN_OR_RETURN(
        client_tls_,
        TlsTransport::ForClients(*client_tcp_, *options_.client_tls, options_.client_certificates));
    client_transport_ = client_tls_.get();
  }
  if (client_transport_ == nullptr) client_transport_ = client_tcp_.get();
  return absl::OkStatus();
}

node::ShardOptions NodeRuntime::Impl::OptionsOfShard(uint16_t index) const {
  node::ShardOptions shard = options_.shard;
  shard.shard = ShardIndex{index};
  shard.shards = options_.shards;
  for (node::PoolOptions& pool : shard.pools) {
    // Rounded up: a limit must not become 0, which is none.
    pool.memory_bytes_max = (pool.memory_bytes_max + options_.shards - 1) / options_.shards;
  }
  const auto tell = [&shard](std::string_view name, int64_t value) {
    shard.settings.emplace_back(name, std::to_string(value));
  };
  tell("maxclients", static_cast<int64_t>(std::max<size_t>(1, options_.clients.clients_max)));
  tell("timeout", options_.clients.idle_timeout / 1s);
  tell("tcp-keepalive", options_.clients.keep_alive / 1s);
  return shard;
}

// What a client has set for the process as a whole.
void NodeRuntime::Impl::TakeConfig(const commands::ConfigTable& config) {
  RaiseDescriptorLimit(config.clients_max() + kDescriptorsReserved, *options_.observer);
  if (options_.config_changed) options_.config_changed(config);
}

absl::Status NodeRuntime::Impl::MakeLoops() {
  const LoopContext context{kernel_,
                            *options_.topology,
                            *options_.observer,
                            *storage_,
                            addresses_of_peers_,
                            *peer_transport_,
                            node_clients_,
                            options_.clients,
                            options_.link_bytes_max,
                            options_.wall_offset,
                            [this](const commands::ConfigTable& config) { TakeConfig(config); },
                            options_.record};
  std::vector<ShardLoop*> siblings;
  for (uint16_t i = 0; i < options_.shards; ++i) {
    QUORATE_ASSIGN_OR_RETURN(std::unique_ptr<ShardLoop> loop,
                             ShardLoop::Create(context, OptionsOfShard(i)));
    siblings.push_back(loop.get());
    loops_.push_back(std::move(loop));
  }
  for (const auto& loop : loops_) loop->SetSiblings(siblings);
  return absl::OkStatus();
}

// --- start

// On every shard's own socket where the address allows that; a unix socket has one for all.
absl::Status NodeRuntime::Impl::OpenListener(
    const std::string& address, Transport& transport,
    const std::function<absl::Status(ShardLoop&, Transport::Listening)>& add, std::string& bound) {
  const bool share = loops_.size() > 1;
  QUORATE_ASSIGN_OR_RETURN(Transport::Listening first,
                           transport.Listen(address, share, /*first=*/true));
  bound = first.address;
  std::vector<Transport::Listening> rest;
  for (size_t i = 1; i < loops_.size(); ++i) {
    if (IsUnixAddress(address)) {
      const int copy = kernel_.Duplicate(first.socket.get());
      if (copy < 0) return ErrorStatus(-copy, "duplicate", "listening socket");
      rest.push_back({FileDescriptor(copy, &kernel_), bound});
    } else {
      QUORATE_ASSIGN_OR_RETURN(Transport::Listening next,
                               transport.Listen(bound, share, /*first=*/false));
      rest.push_back(std::move(next));
    }
  }
  QUORATE_RETURN_IF_ERROR(add(*loops_[0], std::move(first)));
  for (size_t i = 1; i < loops_.size(); ++i) {
    QUORATE_RETURN_IF_ERROR(add(*loops_[i], std::move(rest[i - 1])));
  }
  return absl::OkStatus();
}

absl::Status NodeRuntime::Impl::OpenListeners() {
  std::vector<BoundListener> bound;
  for (const PoolListener& listener : options_.listeners) {
    for (const std::string& address : listener.addresses) {
      BoundListener& entry = bound.emplace_back(listener.pool, address);
      const auto add = [&](ShardLoop& loop, Transport::Listening listening) {
        return loop.ListenForClients(listener.pool, std::move(listening), *client_transport_);
      };
      QUORATE_RETURN_IF_ERROR(OpenListener(address, *client_transport_, add, entry.address));
    }
  }
  std::string peer;
  if (!options_.peer_address.empty()) {
    const auto add = [](ShardLoop& loop, Transport::Listening listening) {
      return loop.ListenForPeers(std::move(listening));
    };
    QUORATE_RETURN_IF_ERROR(OpenListener(options_.peer_address, *peer_transport_, add, peer));
  }
  MutexLock lock(mutex_);
  bound_ = std::move(bound);
  bound_peer_ = std::move(peer);
  return absl::OkStatus();
}

absl::Status NodeRuntime::Impl::Start() {
  {
    MutexLock lock(mutex_);
    if (phase_ != Phase::kMade) return FailedPrecondition("the runtime was started before");
  }
  RaiseDescriptorLimit(options_.clients.clients_max + kDescriptorsReserved, *options_.observer);
  if (const absl::Status opened = OpenListeners(); !opened.ok()) {
    // The loops hold what was opened; new ones hold nothing.
    loops_.clear();
    static_cast<void>(MakeLoops());
    return opened;
  }
  storage_->Start();
  if (options_.inline_shard) {
    first().AdoptThread();
  } else {
    for (const auto& loop : loops_) loop->StartThread();
  }
  MutexLock lock(mutex_);
  phase_ = Phase::kRunning;
  return absl::OkStatus();
}

// --- stop

bool NodeRuntime::Impl::StopShards(Duration deadline) {
  const Instant until = ReadMonotonic() + deadline;
  const auto stopped = [](const auto& loop) { return loop->stopped(); };
  for (const auto& loop : loops_) loop->RequestStop();
  while (!std::all_of(loops_.begin(), loops_.end(), stopped) && ReadMonotonic() < until) {
    if (options_.inline_shard) {
      first().RunOnce(kStopPollInterval);
    } else {
      std::this_thread::sleep_for(kStopPollInterval);
    }
  }
  return std::all_of(loops_.begin(), loops_.end(), stopped);
}

absl::Status NodeRuntime::Impl::CloseStorage(bool clean) {
  absl::Status status = storage_->Stop();
  if (status.ok() && clean) {
    env::WriteBatch batch;
    node::PutCleanShutdown(batch, options_.shard.record.incarnation);
    status = options_.storage->Commit(batch, /*sync=*/true);
  }
  const absl::Status closed = options_.storage->Close();
  return status.ok() ? closed : status;
}

absl::Status NodeRuntime::Impl::Stop(Duration deadline) {
  {
    MutexLock lock(mutex_);
    stop_asked_ = true;
    changed_.WakeAll();
    if (phase_ != Phase::kRunning) return absl::OkStatus();
    phase_ = Phase::kStopping;
  }
  const bool in_time = StopShards(deadline);
  for (const auto& loop : loops_) loop->Exit();
  for (const auto& loop : loops_) loop->Join();
  absl::Status health;
  for (const auto& loop : loops_) {
    if (health.ok()) health = loop->shard().health();
  }
  const bool orderly = std::all_of(loops_.begin(), loops_.end(),
                                   [](const auto& loop) { return loop->shard().orderly(); });
  const absl::Status closed = CloseStorage(in_time && health.ok() && orderly);
  ReleaseLoops(health);
  if (!health.ok()) return health;
  if (!closed.ok()) return closed;
  return in_time ? absl::OkStatus()
                 : Unavailable("the orderly end took too long and was cut short");
}

// Whoever waits for a loop hears of its end from here.
void NodeRuntime::Impl::ReleaseLoops(const absl::Status& health) {
  mutex_.Lock();
  phase_ = Phase::kStopped;
  last_health_ = health;
  while (users_ > 0) {
    mutex_.Unlock();
    for (const auto& loop : loops_) loop->DropTasks();
    std::this_thread::sleep_for(kStopPollInterval);
    mutex_.Lock();
  }
  mutex_.Unlock();
  loops_.clear();
}

void NodeRuntime::Impl::Wait() {
  MutexLock lock(mutex_);
  const auto failed = [](const auto& loop) { return loop->failed(); };
  while (!stop_asked_ && std::none_of(loops_.begin(), loops_.end(), failed)) {
    changed_.WaitFor(mutex_, kHealthInterval);
  }
}

// --- questions from other threads

std::vector<BoundListener> NodeRuntime::Impl::addresses() const {
  MutexLock lock(mutex_);
  return bound_;
}

std::string NodeRuntime::Impl::peer_address() const {
  MutexLock lock(mutex_);
  return bound_peer_;
}

// Runs `task` on the loop's thread and waits for it. It may be dropped where the node ends
// meanwhile.
void NodeRuntime::Impl::OnLoop(ShardLoop& loop, const std::function<void()>& task) {
  if (loop.OnThisThread()) return task();
  TaskGate gate;
  auto open = std::make_shared<OpenAtEnd>(gate);
  const bool pushed = loop.PushTask([&task, open] { task(); });
  open.reset();
  if (pushed) gate.Wait();
}

bool NodeRuntime::Impl::loading() {
  const Use use(*this);
  return !use.valid() || std::any_of(loops_.begin(), loops_.end(),
                                     [](const auto& loop) { return loop->loading(); });
}

absl::Status NodeRuntime::Impl::health() {
  const Use use(*this);
  if (!use.valid()) {
    MutexLock lock(mutex_);
    return last_health_;
  }
  for (const auto& loop : loops_) {
    if (!loop->failed()) continue;
    absl::Status health = Internal("the shard failed");
    OnLoop(*loop, [&] { health = loop->shard().health(); });
    return health;
  }
  return absl::OkStatus();
}

RuntimeStats NodeRuntime::Impl::stats() {
  RuntimeStats stats;
  const Use use(*this);
  if (!use.valid()) return stats;
  for (const auto& loop : loops_) {
    OnLoop(*loop, [&] {
      stats.shards.push_back(loop->shard().stats());
      stats.clients += loop->clients().size();
      stats.clients_accepted += loop->clients().counters().accepted;
      stats.clients_refused += loop->clients().counters().refused;
      stats.clients_evicted += loop->clients().counters().evicted;
      stats.links.Merge(loop->link_counters());
      stats.queue_drops += loop->queue_drops();
      stats.ticks.Merge(loop->tick_times());
    });
  }
  const StorageThread::Stats storage = storage_->stats();
  stats.storage = storage.backend;
  stats.storage_commits = storage.commits;
  stats.storage_groups = storage.groups;
  stats.storage_syncs = storage.syncs;
  stats.storage_direct = storage.direct;
  stats.storage_backlog_bytes = storage.backlog_bytes;
  stats.commits = storage.latency;
  return stats;
}

uint64_t NodeRuntime::Impl::digest(PoolId pool) {
  const Use use(*this);
  uint64_t digest = 0;
  if (!use.valid()) return digest;
  // A digest is a sum over objects, and each object is in one shard.
  for (const auto& loop : loops_) {
    OnLoop(*loop, [&] { digest += loop->shard().digest(pool); });
  }
  return digest;
}

void NodeRuntime::Impl::Call(PoolId pool, std::vector<std::string> arguments, CallCallback done) {
  const Use use(*this);
  if (!use.running()) return done(Unavailable("the node does not run"));
  const auto& pools = options_.shard.pools;
  if (arguments.empty() || std::none_of(pools.begin(), pools.end(),
                                        [&](const auto& known) { return known.pool == pool; })) {
    return done(InvalidArgument("a call needs a pool of this node and a command"));
  }
  if (calls_.fetch_add(1, std::memory_order_relaxed) >= kCallsMax) {
    calls_.fetch_sub(1, std::memory_order_relaxed);
    return done(ResourceExhausted("too many calls in flight"));
  }
  ShardLoop& loop = first();
  auto call = std::make_shared<PendingCall>(std::move(done), calls_);
  const bool pushed = loop.PushTask([&loop, pool, call, arguments = std::move(arguments)] {
    loop.locals().Call(
        pool, arguments, [call](CallResult result) { call->Finish(std::move(result)); },
        loop.now());
  });
  if (!pushed) call->Finish(ResourceExhausted("too many tasks wait for the shard"));
}

absl::Status NodeRuntime::Impl::Reload(TlsTransport* transport, const TlsMaterial& material) {
  if (transport == nullptr) return FailedPrecondition("there is no TLS to reload");
  return transport->Reload(material);
}

void NodeRuntime::Impl::SetPeerAddress(NodeId peer, std::string address) {
  addresses_of_peers_.Set(peer, std::move(address));
  const Use use(*this);
  if (!use.valid()) return;
  for (const auto& loop : loops_) {
    static_cast<void>(loop->PushTask([&loop = *loop, peer] { loop.ReconnectTo(peer); }));
  }
}

// --- the public face

absl::StatusOr<std::unique_ptr<NodeRuntime>> NodeRuntime::Create(RuntimeOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  QUORATE_RETURN_IF_ERROR(impl->Prepare());
  return std::unique_ptr<NodeRuntime>(new NodeRuntime(std::move(impl)));
}

NodeRuntime::NodeRuntime(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
NodeRuntime::~NodeRuntime() = default;

absl::Status NodeRuntime::Start() { return impl_->Start(); }
absl::Status NodeRuntime::Stop(Duration deadline) { return impl_->Stop(deadline); }
void NodeRuntime::Wait() { impl_->Wait(); }
std::vector<BoundListener> NodeRuntime::addresses() const { return impl_->addresses(); }
std::string NodeRuntime::peer_address() const { return impl_->peer_address(); }
bool NodeRuntime::loading() const { return impl_->loading(); }
absl::Status NodeRuntime::health() const { return impl_->health(); }
RuntimeStats NodeRuntime::stats() const { return impl_->stats(); }
uint64_t NodeRuntime::digest(PoolId pool) const { return impl_->digest(pool); }

void NodeRuntime::Call(PoolId pool, std::vector<std::string> arguments, CallCallback done) {
  impl_->Call(pool, std::move(arguments), std::move(done));
}

std::future<CallResult> NodeRuntime::Call(PoolId pool, std::vector<std::string> arguments) {
  auto promise = std::make_shared<std::promise<CallResult>>();
  std::future<CallResult> future = promise->get_future();
  impl_->Call(pool, std::move(arguments),
              [promise](CallResult result) { promise->set_value(std::move(result)); });
  return future;
}

absl::Status NodeRuntime::ReloadPeerTls(TlsMaterial material) {
  return impl_->ReloadPeerTls(material);
}
absl::Status NodeRuntime::ReloadClientTls(TlsMaterial material) {
  return impl_->ReloadClientTls(material);
}
void NodeRuntime::SetPeerAddress(NodeId peer, std::string address) {
  impl_->SetPeerAddress(peer, std::move(address));
}

int NodeRuntime::fd() const { return impl_->first().fd(); }
Instant NodeRuntime::NextDeadline() const { return impl_->first().NextDeadline(); }
void NodeRuntime::Poll(Duration timeout) { impl_->first().RunOnce(timeout); }
Instant NodeRuntime::Now() { return ReadMonotonic(); }

}  // namespace quorate::io
