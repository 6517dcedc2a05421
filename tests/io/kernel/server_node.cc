// SPDX-License-Identifier: Apache-2.0
#include "tests/io/kernel/server_node.h"

#include <algorithm>

#include "adapters/resp/session.h"
#include "io/net/limits.h"

namespace quorate::io {

ServerNode::ServerNode(SimKernel& kernel, bool tls, const ClientLimits& limits)
    : kernel_(kernel), limits_(limits), tcp_(kernel, {.keep_alive = 60s}) {
  if (!tls) return;
  TlsGround& ground = TlsGround::Of();
  peer_tls_ = *TlsTransport::ForPeers(tcp_, ground.b, {"test", kNodeB});
  client_tls_ = *TlsTransport::ForClients(tcp_, ground.b, /*verify_clients=*/false);
}

absl::Status ServerNode::Open() {
  QUORATE_ASSIGN_OR_RETURN(auto reactor, Reactor::Create(kernel_));
  Transport& to_clients = client_tls_ ? static_cast<Transport&>(*client_tls_) : tcp_;
  Transport& to_peers = peer_tls_ ? static_cast<Transport&>(*peer_tls_) : tcp_;
  auto clients = std::make_unique<ClientSet>(*reactor, log, limits_, node_clients_, 1, 1);
  auto peers = std::make_unique<PeerServer>(
      *reactor, log, topology_, kNodeB, links_, now_,
      [this](wire::Frame frame) { frames.push_back(std::move(frame)); });
  QUORATE_ASSIGN_OR_RETURN(auto listening,
                           to_clients.Listen(Format("127.0.0.1:%d", kClientPort), false, true));
  QUORATE_RETURN_IF_ERROR(clients->Listen(std::move(listening), to_clients, port_));
  QUORATE_ASSIGN_OR_RETURN(listening,
                           to_peers.Listen(Format("127.0.0.1:%d", kPeerPort), false, true));
  QUORATE_RETURN_IF_ERROR(peers->Listen(std::move(listening), to_peers));
  QUORATE_ASSIGN_OR_RETURN(http_,
                           HttpLoop::Create(kernel_, Format("127.0.0.1:%d", kAdminPort), Page));
  reactor_ = std::move(reactor);
  clients_ = std::move(clients);
  peers_ = std::move(peers);
  return absl::OkStatus();
}

Instant ServerNode::Due() const {
  const Instant now = kernel_.Monotonic();
  if (clients_->busy() || peers_->busy() || port_.waiting()) return now;
  if (kernel_.Ready(reactor_->fd()) || kernel_.Ready(http_->fd())) return now;
  const bool sweeps = connections() > 0 || clients_->resting() || peers_->resting();
  return std::min(sweeps ? sweep_at_ : Instant::max(), http_->NextDeadline());
}

// As a shard's loop does it.
void ServerNode::Round(bool hold_replies) {
  reactor_->Wait(Duration(0));
  now_ = kernel_.Monotonic();
  clients_->BeginTick(now_);
  peers_->ReadWaiting();
  clients_->ReadWaiting();
  reactor_->Dispatch();
  if (now_ >= sweep_at_) {
    clients_->Sweep();
    clients_->RetryListeners();
    peers_->Sweep();
    peers_->RetryListeners();
    sweep_at_ =
        now_ + (clients_->resting() || peers_->resting() ? kAcceptRetryDelay : kSweepInterval);
  }
  port_.hold = hold_replies;
  port_.EndTick();
  for (commands::Client* client : port_.clients) {
    buffered_most_ =
        std::max(buffered_most_, static_cast<resp::Session*>(client)->buffered_bytes());
  }
  clients_->AfterTick();
  peers_->DestroyClosed();
  http_->RunOnce();
}

}  // namespace quorate::io
