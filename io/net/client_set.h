// SPDX-License-Identifier: Apache-2.0
// The clients of one shard: accepts them, reads them all, and after the tick writes to each what it
// is owed. Limits on their number and patience are kept here.
//
// The tick, as the shard's loop drives it:
//   BeginTick(now)
//   ReadWaiting()    connections that have more than they could read before
//   ... the reactor's Dispatch, which reads connections as they are reported ...
//   ... the shard's EndTick ...
//   AfterTick()      tells sessions, writes, and lets go of connections that ended
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/env/observer.h"
#include "engine/node/request_port.h"
#include "io/net/client_connection.h"
#include "io/net/client_limits.h"
#include "io/net/listener.h"
#include "io/net/repeat_filter.h"
#include "io/net/transport.h"
#include "io/reactor/reactor.h"

namespace quorate::io {

class ClientSet {
 public:
  struct Counters {
    uint64_t accepted = 0;
    uint64_t refused = 0;
    uint64_t evicted = 0;
  };

  // `node_clients` counts the clients of all sets of the node. Ids are first_id, first_id +
  // id_step...
  ClientSet(Reactor& reactor, env::Observer& observer, const ClientLimits& limits,
            std::atomic<size_t>& node_clients, uint64_t first_id, uint64_t id_step);
  ~ClientSet();
  ClientSet(const ClientSet&) = delete;
  ClientSet& operator=(const ClientSet&) = delete;

  // `transport` and `port` outlive the set.
  absl::Status Listen(Transport::Listening listening, Transport& transport,
                      node::RequestPort& port);
  void StopListening() { listeners_.clear(); }
  // Ends every connection; what it was owed and could be sent has been.
  void CloseAll();

  // For whoever connects from now on; of those who are here already, the idle time.
  void SetLimits(const ClientLimits& limits);
  [[nodiscard]] const ClientLimits& limits() const { return limits_; }

  void BeginTick(Instant now) { now_ = now; }
  void ReadWaiting();
  void AfterTick();
  // While paused nothing is read.
  void SetPaused(bool paused) { paused_ = paused; }
  // Called once per kSweepInterval or so: idle connections end or give memory back.
  void Sweep();
  void RetryListeners();

  // A tick must follow at once.
  [[nodiscard]] bool busy() const {
    return !in_tick_.empty() || !writers_.empty() || !closed_.empty() ||
           (!paused_ && !readers_.empty());
  }
  [[nodiscard]] bool resting() const;
  [[nodiscard]] bool owes_output() const;
  [[nodiscard]] size_t size() const { return connections_.size(); }
  [[nodiscard]] const Counters& counters() const { return counters_; }

 private:
  friend class ClientConnection;
  void Accept(FileDescriptor socket, const SocketAddress& peer, const std::string& local,
              Transport& transport, node::RequestPort& port);
  void Refuse(std::unique_ptr<ByteStream> stream);
  void NoteReader(ClientConnection& connection);
  void NoteWriter(ClientConnection& connection);
  void NoteFailure(ClientConnection& connection);
  void CheckOutputLimit(ClientConnection& connection);
  void DestroyClosed();

  Reactor& reactor_;
  env::Observer& observer_;
  ClientLimits limits_;
  std::optional<Duration> keep_alive_;  // once it is no longer what the transport was made with
  std::atomic<size_t>& node_clients_;
  uint64_t next_id_;
  const uint64_t id_step_;
  Instant now_{};
  bool paused_ = false;

  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<ClientConnection>> connections_;
  std::vector<ClientConnection*> in_tick_;  // handed requests over, or ask for a tick
  std::vector<ClientConnection*> readers_;  // have input to read
  std::vector<ClientConnection*> writers_;  // have output to write
  std::vector<ClientConnection*> closed_;
  std::vector<ClientConnection*> current_;  // the list that is worked on
  Counters counters_;
  RepeatFilter failures_;
};

}  // namespace quorate::io
