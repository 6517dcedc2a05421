// SPDX-License-Identifier: Apache-2.0
// The way in for peers: accepts their links, cuts the bytes into frames, and lets through what this
// node may believe. A link whose first word is wrong (another cluster, a node that is no member, or
// not the one its certificate names) is closed and the reason logged once in a while.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/env/observer.h"
#include "engine/topology/topology.h"
#include "engine/wire/frame.h"
#include "io/net/byte_stream.h"
#include "io/net/link_counters.h"
#include "io/net/listener.h"
#include "io/net/receive_buffer.h"
#include "io/net/repeat_filter.h"
#include "io/net/transport.h"
#include "io/reactor/reactor.h"

namespace quorate::io {

class PeerServer;

// One accepted link.
class PeerConnection final : public EventHandler {
 public:
  PeerConnection(PeerServer& server, std::unique_ptr<ByteStream> stream, std::string address);
  ~PeerConnection() override;

  void OnReady(Readiness readiness) override;
  void ReadInput();

 private:
  friend class PeerServer;
  absl::Status TakeFrames();
  absl::Status Check(const wire::FrameHeader& header);
  void TellOfUnknown(uint32_t messages);
  void End(const absl::Status& status);

  PeerServer& server_;
  std::unique_ptr<ByteStream> stream_;
  const std::string address_;
  ReceiveBuffer buffer_;
  NodeId sender_;
  bool known_ = false;  // a valid frame came, from sender_
  bool told_of_unknown_ = false;
  Instant accepted_at_{};
  bool readable_ = false;
  bool hung_up_ = false;
  bool in_readers_ = false;
  bool closed_ = false;
  size_t index_ = 0;
};

class PeerServer {
 public:
  using FrameReceived = std::function<void(wire::Frame)>;

  // Everything is lent. `now` is of the tick.
  PeerServer(Reactor& reactor, env::Observer& observer, const topology::Topology& topology,
             NodeId self, LinkCounters& counters, const Instant& now, FrameReceived received);
  ~PeerServer();
  PeerServer(const PeerServer&) = delete;
  PeerServer& operator=(const PeerServer&) = delete;

  absl::Status Listen(Transport::Listening listening, Transport& transport);
  void CloseAll();

  // Reads what could not be read in an earlier tick. Before the reactor's Dispatch.
  void ReadWaiting();
  // Lets go of links that ended. Not from within the reactor's Wait.
  void DestroyClosed();
  // Called once per kSweepInterval or so: strangers that say nothing are sent away.
  void Sweep();
  void RetryListeners();
  [[nodiscard]] bool busy() const { return !readers_.empty() || !closed_.empty(); }
  [[nodiscard]] bool resting() const;
  [[nodiscard]] size_t size() const { return connections_.size(); }

 private:
  friend class PeerConnection;
  void Accept(FileDescriptor socket, const SocketAddress& peer, Transport& transport);
  void Refused(const std::string& address, const absl::Status& status);

  Reactor& reactor_;
  env::Observer& observer_;
  const topology::Topology& topology_;
  const NodeId self_;
  const uint64_t cluster_;
  LinkCounters& counters_;
  const Instant& now_;
  const FrameReceived received_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::vector<std::unique_ptr<PeerConnection>> connections_;
  std::vector<PeerConnection*> readers_;
  std::vector<PeerConnection*> closed_;
  RepeatFilter refusals_;
};

}  // namespace quorate::io
