// SPDX-License-Identifier: Apache-2.0
// The node behind the handle: settings and hooks become a runtime, an admin server and a pulse.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "engine/topology/topology.h"
#include "io/api/datastore_backend.h"
#include "io/api/events.h"
#include "io/api/plan.h"
#include "io/api/transport_bridge.h"
#include "io/http/http_server.h"
#include "io/log/logger.h"
#include "io/runtime/node_runtime.h"
#include "quorate/server.h"

namespace quorate::api {

// The hooks of one node; null ones are made from the configuration.
struct Hooks {
  std::unique_ptr<Datastore> datastore;
  std::unique_ptr<SeedsProvider> seeds;
  std::unique_ptr<CryptoProvider> crypto;
  std::unique_ptr<MetricsSink> metrics;
  std::unique_ptr<Transport> peers;
  std::unique_ptr<Transport> clients;
};

struct StartOptions {
  Plan plan;  // without problems
  Hooks hooks;
  bool inline_form = false;
  std::function<void(std::string_view)> log_sink;
  std::vector<Server::Listener> listeners;
};

class NodeServer final : public Server {
 public:
  static Result<std::unique_ptr<Server>> Start(StartOptions options);
  ~NodeServer() override;

  [[nodiscard]] Addresses addresses() const override;
  [[nodiscard]] ServerStats stats() const override;
  [[nodiscard]] Status health() const override;
  [[nodiscard]] bool ready() const override;
  Status WaitReady(std::chrono::milliseconds timeout) override;
  void CallIn(std::string_view pool, std::vector<std::string> command, Callback done) override;
  void Call(std::vector<std::string> command, Callback done) override;
  std::future<Result<Reply>> Call(std::vector<std::string> command) override;
  uint64_t Subscribe(Listener listener) override { return events_.Subscribe(std::move(listener)); }
  void Unsubscribe(uint64_t id) override { events_.Unsubscribe(id); }
  Status ReloadTls() override;
  void SetLogLevel(LogLevel level) override;
  [[nodiscard]] LogLevel log_level() const override;
  Status Join() override;
  Status Shutdown(std::chrono::milliseconds patience) override;
  [[nodiscard]] int fd() const override { return runtime_->fd(); }
  [[nodiscard]] std::chrono::steady_clock::time_point NextDeadline() const override;
  void Poll(std::chrono::milliseconds patience) override;

 private:
  explicit NodeServer(StartOptions options);

  // The steps of a start, in their order.
  absl::Status Prepare();
  void AbandonStart();
  absl::Status OpenStorage();
  absl::Status BindTopology();
  absl::Status OpenTransports();
  absl::Status Run();
  absl::Status OpenAdmin();
  [[nodiscard]] io::RuntimeOptions MakeOptions(uint64_t seed);

  // Looks at the runtime and reports what changed. Never at the same time in two threads.
  void Pulse();
  void PulseLoop();
  void StopPulse();
  Status EmitMetrics();
  void Log(env::LogLevel level, std::string_view text) { log_.Log(level, text); }

  io::NodeConfig config_;
  std::vector<io::Problem> warnings_;
  const bool inline_form_;
  Hooks hooks_;
  std::unique_ptr<io::Logger> logger_;
  io::LogObserver log_;
  std::atomic<env::LogLevel> client_log_level_;  // what CONFIG says
  EventHub events_;
  PeerWatch peer_watch_;

  std::unique_ptr<DatastoreBackend> backend_;
  bool storage_open_ = false;
  node::NodeRecord record_;
  std::unique_ptr<const topology::Topology> topology_;
  std::unique_ptr<HookedTransport> peers_;
  std::unique_ptr<HookedTransport> clients_;
  std::unique_ptr<io::NodeRuntime> runtime_;
  std::unique_ptr<io::HttpServer> admin_;

  std::atomic<bool> ready_{false};
  std::atomic<bool> stopping_{false};
  bool started_ = false;
  bool stopped_ = false;
  bool failed_ = false;                                  // of the pulse
  std::chrono::steady_clock::time_point metrics_due_{};  // of the pulse

  std::mutex join_mutex_;
  std::map<NodeId, std::string> peer_addresses_;  // what Join changed; under join_mutex_
  std::mutex metrics_mutex_;                      // one snapshot at a time
  std::mutex pulse_mutex_;
  std::condition_variable pulse_wake_;
  bool pulse_ends_ = false;  // under pulse_mutex_
  std::thread pulse_;
};

}  // namespace quorate::api
