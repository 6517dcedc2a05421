// SPDX-License-Identifier: Apache-2.0
// A node in this process.
//
//   auto server = quorate::Server::Builder().Data("data").Start();
//   if (!server.ok()) return Fail(server.status());
//   (*server)->Call({"SET", "greeting", "hello"}).get();
//
// The handle may be used from any thread, but Start, Shutdown, Poll and the destructor belong to
// one. `quorated` is a thin program over exactly this API.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "quorate/crypto.h"
#include "quorate/datastore.h"
#include "quorate/metrics.h"
#include "quorate/reply.h"
#include "quorate/result.h"
#include "quorate/seeds.h"
#include "quorate/settings.h"
#include "quorate/transport.h"

namespace quorate {

[[nodiscard]] std::string_view ReleaseVersion();

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };

// Where a node can be reached.
struct Addresses {
  struct Pool {
    std::string name;
    std::string address;
  };
  std::vector<Pool> pools;
  std::string peers;  // empty where the node accepts none
  std::string admin;  // empty where it has no admin server
};

struct Event {
  enum class Kind : uint8_t {
    kStarted,   // listeners are open
    kReady,     // stored data are loaded: the node serves
    kNodeUp,    // `node` is connected
    kNodeDown,  // `node` is not connected any more
    kReloaded,  // credentials were read anew
    kFailed,    // the node serves no more; `text` says why
    kStopping,
    kStopped,
  };
  Kind kind = Kind::kStarted;
  uint64_t node = 0;
  std::string text;
};

struct ServerStats {
  uint64_t node_id = 0;
  uint32_t incarnation = 0;  // how often the node was started
  bool ready = false;
  uint64_t commands = 0;
  uint64_t clients = 0;
  uint64_t objects = 0;
  uint64_t logical_bytes = 0;
  uint64_t operations_in_flight = 0;
  uint64_t quorum_failures = 0;
  uint64_t read_repairs = 0;
  uint64_t peers_connected = 0;
  uint64_t messages_in = 0;
  uint64_t messages_out = 0;
  DatastoreStats storage;
};

// What Builder::Arguments was asked to do.
enum class Request : uint8_t { kRun, kCheck, kHelp, kVersion };

class Server {
 public:
  class Builder;

  virtual ~Server() = default;

  [[nodiscard]] virtual Addresses addresses() const = 0;
  [[nodiscard]] virtual ServerStats stats() const = 0;
  // Ok while the node can serve; otherwise why it cannot.
  [[nodiscard]] virtual Status health() const = 0;
  // False while stored data are loaded; clients are answered -LOADING until then.
  [[nodiscard]] virtual bool ready() const = 0;
  // Waits until ready() or health() is bad. Not for the inline form.
  virtual Status WaitReady(std::chrono::milliseconds timeout) = 0;

  // Runs one command, as a client of the named pool that has authenticated. What the command
  // answers, errors included, is the reply. The callback is called on a thread of the node and
  // must not wait there.
  using Callback = std::function<void(Result<Reply>)>;
  virtual void CallIn(std::string_view pool, std::vector<std::string> command, Callback done) = 0;
  // In the first pool.
  virtual void Call(std::vector<std::string> command, Callback done) = 0;
  virtual std::future<Result<Reply>> Call(std::vector<std::string> command) = 0;

  // Called for each event from now on, on threads of the node, one at a time, until
  // Unsubscribe(id) has returned. Do not unsubscribe from within the listener.
  using Listener = std::function<void(const Event&)>;
  virtual uint64_t Subscribe(Listener listener) = 0;
  virtual void Unsubscribe(uint64_t id) = 0;

  // Reads the credentials anew; connections made from now on use them.
  virtual Status ReloadTls() = 0;
  virtual void SetLogLevel(LogLevel level) = 0;
  [[nodiscard]] virtual LogLevel log_level() const = 0;
  // Asks the seeds provider again, and reaches nodes at the addresses it now gives. Seats cannot
  // come, go or move in a cluster that runs: kFailedPrecondition, with the difference.
  virtual Status Join() = 0;

  // The orderly end: what was accepted is stored. kUnavailable where that took longer.
  virtual Status Shutdown(std::chrono::milliseconds patience) = 0;

  // The inline form: the caller's thread drives the node. fd() is readable when Poll has something
  // to do; so it has at NextDeadline(), which is time_point::max() where nothing is due.
  [[nodiscard]] virtual int fd() const = 0;
  [[nodiscard]] virtual std::chrono::steady_clock::time_point NextDeadline() const = 0;
  // Runs what is due; waits up to `patience` for something to be.
  virtual void Poll(std::chrono::milliseconds patience) = 0;
};

// Settings come from files, arguments and the methods below, and later ones win over earlier ones.
// Nothing is checked before Check or Start, which name everything that is wrong.
class Server::Builder {
 public:
  Builder();
  ~Builder();
  Builder(Builder&&) noexcept;
  Builder& operator=(Builder&&) noexcept;

  // A YAML configuration.
  Builder& ConfigurationFile(const std::string& path);
  Builder& Configuration(std::string_view yaml, std::string_view name = "configuration");
  // The command line of quorated, without the program's name.
  Builder& Arguments(const std::vector<std::string>& arguments);
  // One setting by its path, as "log.level" or "peers.listen".
  Builder& Set(std::string_view path, std::string_view value);

  Builder& Data(std::string_view directory);
  Builder& Cluster(std::string_view name);
  Builder& Shards(uint16_t shards);
  // Adds a pool. Without any there is one, `main`, with its defaults.
  Builder& Pool(const PoolSettings& settings);
  // Adds a seat of the cluster; OwnSeat says which one this node is.
  Builder& AddSeat(const Seat& seat);
  Builder& OwnSeat(std::string_view name);
  // Allows listeners beyond this machine without password or TLS.
  Builder& Insecure();
  // One shard and no thread for it: the caller drives it through fd, NextDeadline and Poll.
  Builder& Inline();
  // Takes the log's lines, each with its line end, in place of standard error.
  Builder& LogTo(std::function<void(std::string_view line)> sink);
  Builder& OnEvent(Server::Listener listener);

  // The hooks. Where one is not set, the node makes its default from the configuration.
  Builder& With(std::unique_ptr<Datastore> datastore);
  Builder& With(std::unique_ptr<SeedsProvider> seeds);
  Builder& With(std::unique_ptr<CryptoProvider> crypto);
  Builder& With(std::unique_ptr<MetricsSink> metrics);
  Builder& WithPeerTransport(std::unique_ptr<Transport> transport);
  Builder& WithClientTransport(std::unique_ptr<Transport> transport);

  // What the arguments asked for, and the text for --help.
  [[nodiscard]] Request request() const;
  [[nodiscard]] static std::string Help();

  // Ok, or every problem on a line of its own: "file:line:column: reason".
  Status Check() const;
  [[nodiscard]] Result<LogLevel> ConfiguredLogLevel() const;
  // The data directory that the settings name.
  [[nodiscard]] Result<std::string> DataDirectory() const;
  // Opens the data directory, the listeners and the threads. Uses the builder up.
  [[nodiscard]] Result<std::unique_ptr<Server>> Start();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace quorate
