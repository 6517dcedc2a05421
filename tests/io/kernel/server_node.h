// SPDX-License-Identifier: Apache-2.0
// The server under test, as one process over a simulated kernel: the clients of a shard that
// echoes, the links of its peers, and the admin server.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/http/http_loop.h"
#include "io/net/client_set.h"
#include "io/net/peer_server.h"
#include "io/net/tcp_transport.h"
#include "tests/io/kernel/conversation.h"
#include "tests/io/kernel/sim_kernel.h"
#include "tests/io/kernel/tls_ground.h"
#include "tests/io/net/fake_port.h"

namespace quorate::io {

class ServerNode {
 public:
  static constexpr uint16_t kClientPort = 7379;
  static constexpr uint16_t kPeerPort = 7380;
  static constexpr uint16_t kAdminPort = 7381;

  ServerNode(SimKernel& kernel, bool tls, const ClientLimits& limits);

  // Everything that needs a descriptor; an error leaves nothing behind.
  absl::Status Open();
  // When Round has something to do.
  [[nodiscard]] Instant Due() const;
  void Round(bool hold_replies);
  [[nodiscard]] size_t connections() const {
    return clients_->size() + peers_->size() + http_->size();
  }
  [[nodiscard]] const ClientSet& clients() const { return *clients_; }
  [[nodiscard]] const LinkCounters& links() const { return links_; }
  // The most bytes that one client held.
  [[nodiscard]] size_t buffered_most() const { return buffered_most_; }
  std::vector<wire::Frame> frames;
  LogRecorder log;

 private:
  SimKernel& kernel_;
  const ClientLimits limits_;
  TcpTransport tcp_;
  std::unique_ptr<TlsTransport> peer_tls_;
  std::unique_ptr<TlsTransport> client_tls_;
  topology::Topology topology_ = TwoNodes("test");
  FakePort port_;
  std::atomic<size_t> node_clients_{0};
  LinkCounters links_;
  Instant now_{};
  Instant sweep_at_{};
  size_t buffered_most_ = 0;
  std::unique_ptr<Reactor> reactor_;
  std::unique_ptr<ClientSet> clients_;
  std::unique_ptr<PeerServer> peers_;
  std::unique_ptr<HttpLoop> http_;
};

}  // namespace quorate::io
