// SPDX-License-Identifier: Apache-2.0
#include "io/api/node_server.h"

#include <algorithm>

#include "io/api/api_limits.h"
#include "io/api/await.h"
#include "io/api/client_settings.h"
#include "io/api/entropy.h"
#include "io/api/node_metrics.h"
#include "io/api/reply_bridge.h"
#include "io/api/status_bridge.h"
#include "io/config/topology_of.h"
#include "io/http/admin.h"

namespace quorate::api {
namespace {

using std::chrono::steady_clock;

std::unique_ptr<io::Logger> MakeLogger(const io::NodeConfig& config,
                                       std::function<void(std::string_view)> sink) {
  const auto style =
      config.log_format == io::LogFormat::kJson ? io::LogStyle::kJson : io::LogStyle::kText;
  if (!sink) return std::make_unique<io::Logger>(style, config.log_level);
  return std::make_unique<io::Logger>(style, config.log_level, std::move(sink));
}

std::unique_ptr<Datastore> DatastoreOf(const io::NodeConfig& config) {
  if (config.storage == io::StorageEngine::kMemory) return MakeMemoryDatastore();
  return MakeJournalDatastore({config.data, config.journal_bytes_max, config.dirty_bytes_max});
}

node::PoolOptions OptionsOf(const io::PoolConfig& config, PoolId id) {
  node::PoolOptions pool;
  pool.pool = id;
  pool.durability = config.durability;
  pool.read = config.read;
  pool.write = config.write;
  pool.request_timeout = config.request_timeout;
  pool.speculative_delay = config.speculative_delay;
  pool.memory_bytes_max = config.memory_bytes_max;
  pool.eviction = config.eviction;
  pool.unsafe_commands = config.unsafe_commands;
  pool.password = config.password;
  return pool;
}

Event MakeEvent(Event::Kind kind, std::string text = "") { return {kind, 0, std::move(text)}; }

}  // namespace

NodeServer::NodeServer(StartOptions options)
    : config_(std::move(options.plan.config)),
      warnings_(std::move(options.plan.warnings)),
      inline_form_(options.inline_form),
      hooks_(std::move(options.hooks)),
      logger_(MakeLogger(config_, std::move(options.log_sink))),
      log_(*logger_, "node"),
      client_log_level_(std::min(config_.log_level, env::LogLevel::kWarning)),
      peer_watch_([this](NodeId node, bool up) {
        events_.Report({up ? Event::Kind::kNodeUp : Event::Kind::kNodeDown, node.value, ""});
      }) {
  for (Server::Listener& listener : options.listeners) events_.Subscribe(std::move(listener));
  if (hooks_.seeds == nullptr) hooks_.seeds = SeedsOf(config_);
  if (hooks_.crypto == nullptr) hooks_.crypto = CryptoOf(config_);
  if (hooks_.datastore == nullptr) hooks_.datastore = DatastoreOf(config_);
  if (hooks_.metrics == nullptr) hooks_.metrics = MakePrometheusSink();
}

NodeServer::~NodeServer() {
  if (!started_) {
    AbandonStart();
  } else if (const Status status = Shutdown(kDestructorPatience); !status.ok()) {
    Log(env::LogLevel::kError, "shutdown: " + status.message());
  }
}

// Whoever called Start is told why it failed; here only what was opened is closed.
void NodeServer::AbandonStart() {
  absl::Status closed;
  if (runtime_ != nullptr) {
    closed = runtime_->Stop(kDestructorPatience);
  } else if (storage_open_) {
    closed = backend_->Close();
  }
  if (!closed.ok()) Log(env::LogLevel::kError, "storage: " + MessageOf(closed));
}

Result<std::unique_ptr<Server>> NodeServer::Start(StartOptions options) {
  std::unique_ptr<NodeServer> server(new NodeServer(std::move(options)));
  if (const absl::Status status = server->Prepare(); !status.ok()) return ToPublic(status);
  return std::unique_ptr<Server>(std::move(server));
}

absl::Status NodeServer::Prepare() {
  for (const io::Problem& warning : warnings_) {
    Log(env::LogLevel::kWarning, io::TextOf(warning));
  }
  QUORATE_RETURN_IF_ERROR(OpenStorage());
  QUORATE_RETURN_IF_ERROR(BindTopology());
  QUORATE_RETURN_IF_ERROR(OpenTransports());
  QUORATE_RETURN_IF_ERROR(Run());
  QUORATE_RETURN_IF_ERROR(OpenAdmin());
  if (!inline_form_) pulse_ = std::thread([this] { PulseLoop(); });
  started_ = true;
  return absl::OkStatus();
}

absl::Status NodeServer::OpenStorage() {
  backend_ = std::make_unique<DatastoreBackend>(*hooks_.datastore);
  QUORATE_RETURN_IF_ERROR(backend_->Open());
  storage_open_ = true;
  QUORATE_ASSIGN_OR_RETURN(const uint64_t random, RandomBits());
  const io::SeatConfig* own = io::OwnSeat(config_);
  const NodeId fresh = own != nullptr ? io::NodeIdOf(config_, *own) : NodeId{random};
  QUORATE_ASSIGN_OR_RETURN(record_, node::BeginLife(*backend_, fresh));
  Log(env::LogLevel::kInfo, Format("node %016x, start %d, quorate %s", record_.node.value,
                                   record_.incarnation.value, std::string(ReleaseVersion())));
  return absl::OkStatus();
}

absl::Status NodeServer::BindTopology() {
  QUORATE_ASSIGN_OR_RETURN(topology::TopologySpec spec, io::TopologyOf(config_, record_.node));
  QUORATE_ASSIGN_OR_RETURN(topology::Topology made, topology::Topology::Create(std::move(spec)));
  for (const std::string& warning : made.Warnings()) Log(env::LogLevel::kWarning, warning);
  topology_ = std::make_unique<const topology::Topology>(std::move(made));
  return absl::OkStatus();
}

absl::Status NodeServer::OpenTransports() {
  Credentials credentials;
  if (hooks_.crypto != nullptr) {
    Result<Credentials> loaded = LoadCredentials(*hooks_.crypto);
    if (!loaded.ok()) return ToInternal(loaded.status());
    credentials = *std::move(loaded);
  }
  const bool client_tls = std::any_of(config_.pools.begin(), config_.pools.end(),
                                      [](const io::PoolConfig& pool) { return pool.tls; });
  // A node alone has no peers, and its certificate is for clients.
  const bool peer_tls = hooks_.crypto != nullptr && io::IsCluster(config_);
  if (hooks_.peers == nullptr && !peer_tls) {
    hooks_.peers = MakeTcpTransport(PeerTuning());
  } else if (hooks_.peers == nullptr) {
    auto made = MakePeerTlsTransport(config_.cluster, record_.node.value, credentials);
    if (!made.ok()) return ToInternal(made.status());
    hooks_.peers = *std::move(made);
  }
  if (hooks_.clients == nullptr && !client_tls) {
    hooks_.clients = MakeTcpTransport(ClientTuning());
  } else if (hooks_.clients == nullptr) {
    auto made = MakeClientTlsTransport(credentials);
    if (!made.ok()) return ToInternal(made.status());
    hooks_.clients = *std::move(made);
  }
  peers_ = std::make_unique<HookedTransport>(*hooks_.peers, &peer_watch_);
  clients_ = std::make_unique<HookedTransport>(*hooks_.clients, nullptr);
  return absl::OkStatus();
}

io::RuntimeOptions NodeServer::MakeOptions(uint64_t seed) {
  io::RuntimeOptions options;
  options.topology = topology_.get();
  options.storage = backend_.get();
  options.observer = &log_;
  options.node = record_.node;
  options.shard.record = record_;
  options.shard.seed = seed;
  options.shard.version = ReleaseVersion();
  for (size_t i = 0; i < config_.pools.size(); ++i) {
    const io::PoolConfig& pool = config_.pools[i];
    const PoolId id = topology_->FindPool(pool.name)->id;
    options.shard.pools.push_back(OptionsOf(pool, id));
    options.listeners.push_back({id, {pool.listen}});
  }
  options.shards = config_.shards;
  options.inline_shard = inline_form_;
  if (io::IsCluster(config_)) {
    options.peer_address =
        config_.peer_listen.empty() ? io::OwnSeat(config_)->address : config_.peer_listen;
  }
  options.peer_transport = peers_.get();
  options.client_transport = clients_.get();
  options.clients.clients_max = config_.clients_max;
  options.sync_interval = config_.sync_interval;
  options.record = config_.record;
  options.shard.settings = ClientSettingsOf(config_);
  // Only a client that changes the level does so: the operator may have set another meanwhile.
  options.config_changed = [this](const commands::ConfigTable& config) {
    const env::LogLevel level = LogLevelOf(config);
    if (client_log_level_.exchange(level) != level) logger_->SetLevel(level);
  };
  return options;
}

absl::Status NodeServer::Run() {
  if (inline_form_ && config_.shards != 1) {
    return InvalidArgument("the inline form has one shard; set shards to 1");
  }
  QUORATE_ASSIGN_OR_RETURN(const uint64_t seed, RandomBits());
  QUORATE_ASSIGN_OR_RETURN(runtime_, io::NodeRuntime::Create(MakeOptions(seed)));
  QUORATE_RETURN_IF_ERROR(runtime_->Start());
  events_.Report(MakeEvent(Event::Kind::kStarted));
  return absl::OkStatus();
}

absl::Status NodeServer::OpenAdmin() {
  if (config_.admin_listen.empty()) return absl::OkStatus();
  io::AdminHooks hooks;
  hooks.metrics = [this]() -> std::optional<std::pair<std::string, std::string>> {
    const Status status = EmitMetrics();
    if (!status.ok()) Log(env::LogLevel::kWarning, "metrics: " + status.message());
    return hooks_.metrics->Page();
  };
  hooks.health = [this] { return runtime_->health(); };
  hooks.readiness = [this]() -> absl::Status {
    if (stopping_) return Unavailable("stopping");
    QUORATE_RETURN_IF_ERROR(runtime_->health());
    return ready() ? absl::OkStatus() : Unavailable("loading");
  };
  const auto admin = std::make_shared<io::Admin>(std::move(hooks), *logger_);
  QUORATE_ASSIGN_OR_RETURN(
      admin_, io::HttpServer::Start(config_.admin_listen, [admin](const io::HttpRequest& request) {
        return admin->Handle(request);
      }));
  return absl::OkStatus();
}

Addresses NodeServer::addresses() const {
  Addresses addresses;
  for (const io::BoundListener& listener : runtime_->addresses()) {
    addresses.pools.push_back({topology_->FindPool(listener.pool)->name, listener.address});
  }
  addresses.peers = runtime_->peer_address();
  if (admin_ != nullptr) addresses.admin = admin_->address();
  return addresses;
}

ServerStats NodeServer::stats() const {
  const io::RuntimeStats runtime = runtime_->stats();
  ServerStats stats;
  stats.node_id = record_.node.value;
  stats.incarnation = record_.incarnation.value;
  stats.ready = ready();
  stats.clients = runtime.clients;
  stats.peers_connected = runtime.links.connected;
  for (const node::Shard::Stats& shard : runtime.shards) {
    stats.commands += shard.commands;
    stats.objects += shard.objects;
    stats.logical_bytes += shard.logical_bytes;
    stats.operations_in_flight += shard.operations_in_flight;
    stats.quorum_failures += shard.quorum_failures;
    stats.read_repairs += shard.read_repairs;
    stats.messages_in += shard.messages_in;
    stats.messages_out += shard.messages_out;
  }
  stats.storage = hooks_.datastore->stats();
  return stats;
}

Status NodeServer::health() const { return ToPublic(runtime_->health()); }

bool NodeServer::ready() const {
  return !stopping_ && !runtime_->loading() && runtime_->health().ok();
}

Status NodeServer::WaitReady(std::chrono::milliseconds timeout) {
  if (inline_form_) {
    return {Code::kFailedPrecondition, "the inline form becomes ready while it is polled"};
  }
  const auto end = steady_clock::now() + timeout;
  while (!ready()) {
    if (Status healthy = health(); !healthy.ok()) return healthy;
    if (steady_clock::now() >= end) return {Code::kUnavailable, "still loading"};
    std::this_thread::sleep_for(kStartingPulse);
  }
  return {};
}

void NodeServer::CallIn(std::string_view pool, std::vector<std::string> command, Callback done) {
  const topology::PoolSpec* found = topology_->FindPool(pool);
  if (found == nullptr || command.empty()) {
    done(Status(Code::kInvalidArgument, found == nullptr
                                            ? "no pool has the name '" + std::string(pool) + "'"
                                            : "the command is empty"));
    return;
  }
  runtime_->Call(found->id, std::move(command), [done = std::move(done)](io::CallResult result) {
    if (result.ok()) {
      done(ToPublic(*std::move(result)));
    } else {
      done(ToPublic(result.status()));
    }
  });
}

void NodeServer::Call(std::vector<std::string> command, Callback done) {
  CallIn(config_.pools.front().name, std::move(command), std::move(done));
}

std::future<Result<Reply>> NodeServer::Call(std::vector<std::string> command) {
  const auto promise = std::make_shared<std::promise<Result<Reply>>>();
  std::future<Result<Reply>> future = promise->get_future();
  Call(std::move(command),
       [promise](Result<Reply> reply) { promise->set_value(std::move(reply)); });
  return future;
}

Status NodeServer::ReloadTls() {
  if (hooks_.crypto == nullptr) {
    return {Code::kFailedPrecondition, "this node has no TLS to reload"};
  }
  const Result<Credentials> credentials = LoadCredentials(*hooks_.crypto);
  if (!credentials.ok()) return credentials.status();
  const bool client_tls = std::any_of(config_.pools.begin(), config_.pools.end(),
                                      [](const io::PoolConfig& pool) { return pool.tls; });
  if (io::IsCluster(config_)) {
    if (Status status = hooks_.peers->Reload(*credentials); !status.ok()) return status;
  }
  if (client_tls) {
    if (Status status = hooks_.clients->Reload(*credentials); !status.ok()) return status;
  }
  Log(env::LogLevel::kInfo, "certificates were read anew");
  events_.Report(MakeEvent(Event::Kind::kReloaded));
  return {};
}

void NodeServer::SetLogLevel(LogLevel level) {
  logger_->SetLevel(static_cast<env::LogLevel>(level));
}

LogLevel NodeServer::log_level() const { return static_cast<LogLevel>(logger_->level()); }

Status NodeServer::Join() {
  const Result<std::vector<Seat>> seats = FetchSeats(*hooks_.seeds);
  if (!seats.ok()) return seats.status();
  std::vector<std::pair<NodeId, std::string>> reached;
  for (const Seat& seat : *seats) {
    io::SeatConfig config = ToConfig(seat);
    if (config.name.empty()) config.name = config.address;
    const NodeId node = io::NodeIdOf(config_, config);
    const topology::SeatSpec* known = topology_->FindSeat(node);
    if (known == nullptr) {
      return {Code::kFailedPrecondition,
              "seat " + config.name +
                  " is not in this epoch of the cluster: a static cluster "
                  "changes by a restart of all its nodes"};
    }
    if (known->rack != config.rack || known->data_centre != config.data_centre) {
      return {Code::kFailedPrecondition, "seat " + config.name + " has moved to another rack"};
    }
    if (node != record_.node) reached.emplace_back(node, config.address);
  }
  const std::lock_guard<std::mutex> lock(join_mutex_);
  for (auto& [node, address] : reached) {
    // A link to an address that did not change stays as it is.
    std::string& last =
        peer_addresses_.try_emplace(node, topology_->FindSeat(node)->address).first->second;
    if (last == address) continue;
    last = address;
    runtime_->SetPeerAddress(node, std::move(address));
  }
  return {};
}

Status NodeServer::Shutdown(std::chrono::milliseconds patience) {
  if (stopped_) return {};
  stopping_ = true;
  StopPulse();  // which may be about to report kReady
  events_.Report(MakeEvent(Event::Kind::kStopping));
  admin_.reset();
  const absl::Status status = runtime_->Stop(patience);
  stopped_ = true;
  Log(status.ok() ? env::LogLevel::kInfo : env::LogLevel::kError,
      status.ok() ? "stopped, everything is stored" : "stopped: " + MessageOf(status));
  events_.Report(MakeEvent(Event::Kind::kStopped, MessageOf(status)));
  return ToPublic(status);
}

steady_clock::time_point NodeServer::NextDeadline() const {
  const Instant next = runtime_->NextDeadline();
  // Its own nanoseconds would overflow.
  if (next == Instant::max()) return steady_clock::time_point::max();
  return steady_clock::time_point(next.time_since_epoch());  // both count CLOCK_MONOTONIC
}

void NodeServer::Poll(std::chrono::milliseconds patience) {
  runtime_->Poll(patience);
  Pulse();
}

void NodeServer::Pulse() {
  if (!ready_ && ready()) {
    ready_ = true;
    Log(env::LogLevel::kInfo, "ready");
    events_.Report(MakeEvent(Event::Kind::kReady));
  }
  if (const absl::Status health = runtime_->health(); !health.ok() && !failed_) {
    failed_ = true;
    Log(env::LogLevel::kError, "the node serves no more: " + MessageOf(health));
    events_.Report(MakeEvent(Event::Kind::kFailed, MessageOf(health)));
  }
  const std::chrono::milliseconds interval = hooks_.metrics->interval();
  const auto now = steady_clock::now();
  if (interval.count() <= 0 || now < metrics_due_) return;
  metrics_due_ = now + interval;
  const Status status = EmitMetrics();
  if (!status.ok()) Log(env::LogLevel::kWarning, "metrics: " + status.message());
}

void NodeServer::PulseLoop() {
  std::unique_lock<std::mutex> lock(pulse_mutex_);
  while (!pulse_ends_) {
    lock.unlock();
    Pulse();
    lock.lock();
    pulse_wake_.wait_for(lock, ready_ ? kPulse : kStartingPulse, [this] { return pulse_ends_; });
  }
}

void NodeServer::StopPulse() {
  {
    const std::lock_guard<std::mutex> lock(pulse_mutex_);
    pulse_ends_ = true;
  }
  pulse_wake_.notify_all();
  if (pulse_.joinable()) pulse_.join();
}

Status NodeServer::EmitMetrics() {
  const std::lock_guard<std::mutex> lock(metrics_mutex_);
  NodeFacts facts;
  facts.version = ReleaseVersion();
  facts.node = record_.node;
  facts.incarnation = record_.incarnation;
  facts.ready = ready();
  facts.healthy = runtime_->health().ok();
  facts.log_lines_dropped = logger_->dropped();
  const MetricsSnapshot snapshot = MetricsOf(runtime_->stats(), facts);
  const auto emitted = Await<Status>(
      [&](auto done) { hooks_.metrics->Emit(snapshot, std::move(done)); }, kHookPatience);
  return emitted ? *emitted : Status(Code::kUnavailable, "the metrics sink did not answer in time");
}

}  // namespace quorate::api
