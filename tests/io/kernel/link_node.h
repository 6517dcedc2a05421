// SPDX-License-Identifier: Apache-2.0
// The other node, as one process over a simulated kernel: it sends numbered messages over one link.
#pragma once

#include <memory>
#include <string>

#include "io/net/limits.h"
#include "io/net/peer_link.h"
#include "io/net/tcp_transport.h"
#include "tests/io/kernel/conversation.h"
#include "tests/io/kernel/sim_kernel.h"
#include "tests/io/kernel/tls_ground.h"

namespace quorate::io {

class LinkNode {
 public:
  LinkNode(SimKernel& kernel, bool tls, uint64_t seed, const std::string& peer)
      : kernel_(kernel), tcp_(kernel, {.keep_alive = 10s, .silence_max = 10s}), seed_(seed) {
    if (tls) tls_ = *TlsTransport::ForPeers(tcp_, TlsGround::Of().a, {"test", kNodeA});
    addresses_.Set(kNodeB, peer);
    header_.cluster = wire::ClusterTag("test");
    header_.sender.node = kNodeA;
  }

  absl::Status Open() {
    QUORATE_ASSIGN_OR_RETURN(reactor_, Reactor::Create(kernel_));
    Transport& transport = tls_ ? static_cast<Transport&>(*tls_) : tcp_;
    link_ = std::make_unique<PeerLink>(
        LinkContext{*reactor_, transport, addresses_, log, counters_, now_, seed_, kQueueBytes},
        kNodeB);
    return absl::OkStatus();
  }
  [[nodiscard]] Instant Due() const {
    if (link_->has_messages() || kernel_.Ready(reactor_->fd())) return kernel_.Monotonic();
    return link_->deadline();
  }
  void Round() {
    reactor_->Wait(Duration(0));
    now_ = kernel_.Monotonic();
    reactor_->Dispatch();
    link_->OnTime();
    // Names the connection: all that leaves under one number leaves on one connection.
    header_.epoch = Epoch{counters_.disconnects + counters_.connect_failures};
    link_->EndTick(header_);
  }
  void Send(size_t bytes) {
    now_ = kernel_.Monotonic();
    const uint64_t number = ++sent_;
    link_->Send({kNodeB, env::TargetKind::kNode, PoolId{1}, 0},
                {header_.sender, Incarnation{1}, 0,
                 wire::Mutate{wire::RequestId{number}, PoolId{1}, Epoch{1}, Place{},
                              Format("%d", bytes), Filler(number, bytes)}});
  }
  [[nodiscard]] uint64_t sent() const { return sent_; }
  [[nodiscard]] bool up() const { return counters_.connected == 1; }
  [[nodiscard]] const LinkCounters& counters() const { return counters_; }
  LogRecorder log;

  static constexpr size_t kQueueBytes = size_t{64} << 10;

 private:
  SimKernel& kernel_;
  TcpTransport tcp_;
  const uint64_t seed_;
  std::unique_ptr<TlsTransport> tls_;
  PeerAddresses addresses_;
  LinkCounters counters_;
  Instant now_{};
  wire::FrameHeader header_;
  uint64_t sent_ = 0;
  std::unique_ptr<Reactor> reactor_;
  std::unique_ptr<PeerLink> link_;
};

}  // namespace quorate::io
