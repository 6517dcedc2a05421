// SPDX-License-Identifier: Apache-2.0
#include "io/net/peer_server.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "io/net/limits.h"

namespace quorate::io {

PeerConnection::PeerConnection(PeerServer& server, std::unique_ptr<ByteStream> stream,
                               std::string address)
    : server_(server),
      stream_(std::move(stream)),
      address_(std::move(address)),
      accepted_at_(server.now_) {}

PeerConnection::~PeerConnection() {
  if (!closed_) server_.reactor_.Remove(stream_->fd(), *this);
}

void PeerConnection::OnReady(Readiness readiness) {
  QUORATE_DCHECK(!closed_);
  hung_up_ = hung_up_ || readiness.hung_up;
  readable_ = readable_ || readiness.readable;
  if (stream_->pending_output() && readiness.writable) {
    if (const auto result = stream_->Write({}); result.state == StreamState::kFailed) {
      return End(stream_->error());
    }
  }
  if (!in_readers_) ReadInput();  // else it had its share of this tick
}

void PeerConnection::ReadInput() {
  size_t budget = kReadBytesPerTick;
  while (!closed_ && readable_ && budget > 0) {
    std::span<char> space = buffer_.Space();
    space = space.first(std::min(space.size(), budget));
    const bool established = stream_->established();
    const StreamResult result = stream_->Read(space);
    budget -= result.bytes;
    if (result.bytes > 0) {
      server_.counters_.bytes_in += result.bytes;
      buffer_.Filled(result.bytes);
      if (const absl::Status status = TakeFrames(); !status.ok()) return End(status);
    }
    switch (result.state) {
      case StreamState::kMore:
        break;
      case StreamState::kBlocked:
        readable_ = hung_up_ && result.bytes > 0;
        break;
      case StreamState::kClosed:
        return End(absl::OkStatus());
      case StreamState::kFailed:
        // A link that breaks is everyday life; one that never came about is told.
        return End(established ? absl::OkStatus() : stream_->error());
    }
  }
  // A handshake answers from within Read; what the kernel did not take at once is rare and small.
  if (!closed_ && stream_->pending_output()) {
    if (stream_->Write({}).state == StreamState::kBlocked) {
      server_.reactor_.WatchOutput(stream_->fd(), *this, true);
    }
  }
  if (!closed_ && readable_ && !std::exchange(in_readers_, true)) server_.readers_.push_back(this);
}

absl::Status PeerConnection::TakeFrames() {
  while (true) {
    QUORATE_ASSIGN_OR_RETURN(const size_t length, wire::FrameLength(buffer_.unread()));
    if (length == 0 || buffer_.unread().size() < length) return absl::OkStatus();
    QUORATE_ASSIGN_OR_RETURN(wire::Frame frame,
                             wire::DecodeFrame(buffer_.unread().substr(0, length)));
    buffer_.Consume(length);
    QUORATE_RETURN_IF_ERROR(Check(frame.header));
    ++server_.counters_.frames_in;
    server_.counters_.messages_in += frame.envelopes.size();
    if (frame.unknown > 0) TellOfUnknown(frame.unknown);
    server_.received_(std::move(frame));
  }
}

absl::Status PeerConnection::Check(const wire::FrameHeader& header) {
  if (known_ && header.sender.node == sender_) return absl::OkStatus();
  const NodeId node = header.sender.node;
  if (known_) {
    return FailedPrecondition(
        Format("was node %016x and now says it is %016x", sender_.value, node.value));
  }
  if (header.cluster != server_.cluster_) {
    return FailedPrecondition(
        Format("belongs to another cluster than '%s'", server_.topology_.cluster()));
  }
  if (node == server_.self_) {
    return FailedPrecondition("has the identity of this very node: a copied data directory?");
  }
  if (const auto proven = stream_->peer_node(); proven && *proven != node) {
    return FailedPrecondition(
        Format("says it is node %016x, its certificate names %016x", node.value, proven->value));
  }
  if (server_.topology_.FindNode(node) == nullptr) {
    return FailedPrecondition(Format("node %016x is not in the topology", node.value));
  }
  sender_ = node;
  known_ = true;
  return absl::OkStatus();
}

// A node of a later release is no fault: told once a link, and counted.
void PeerConnection::TellOfUnknown(uint32_t messages) {
  server_.counters_.messages_unknown += messages;
  if (std::exchange(told_of_unknown_, true)) return;
  server_.observer_.Log(
      env::LogLevel::kInfo,
      Format("node %016x is of a later release: what this one does not know is left out",
             sender_.value));
}

void PeerConnection::End(const absl::Status& status) {
  if (std::exchange(closed_, true)) return;
  if (!status.ok()) server_.Refused(address_, status);
  server_.reactor_.Remove(stream_->fd(), *this);
  --server_.counters_.accepted;
  server_.closed_.push_back(this);
}

PeerServer::PeerServer(Reactor& reactor, env::Observer& observer,
                       const topology::Topology& topology, NodeId self, LinkCounters& counters,
                       const Instant& now, FrameReceived received)
    : reactor_(reactor),
      observer_(observer),
      topology_(topology),
      self_(self),
      cluster_(wire::ClusterTag(topology.cluster())),
      counters_(counters),
      now_(now),
      received_(std::move(received)) {}

PeerServer::~PeerServer() { CloseAll(); }

absl::Status PeerServer::Listen(Transport::Listening listening, Transport& transport) {
  listeners_.push_back(std::make_unique<Listener>(
      reactor_, std::move(listening.socket), listening.address,
      [this, &transport](FileDescriptor socket, const SocketAddress& peer) {
        Accept(std::move(socket), peer, transport);
      }));
  return listeners_.back()->Start();
}

void PeerServer::Accept(FileDescriptor socket, const SocketAddress& peer, Transport& transport) {
  const std::string address = AddressText(peer);
  if (connections_.size() >= kPeerConnectionsMax) {
    return Refused(address, ResourceExhausted("too many links"));
  }
  absl::StatusOr<std::unique_ptr<ByteStream>> stream = transport.Accept(std::move(socket));
  if (!stream.ok()) return Refused(address, stream.status());
  auto connection = std::make_unique<PeerConnection>(*this, *std::move(stream), address);
  connection->index_ = connections_.size();
  ++counters_.accepted;
  connections_.push_back(std::move(connection));
  PeerConnection& added = *connections_.back();
  const absl::Status status = reactor_.Add(added.stream_->fd(), added);
  if (!status.ok()) added.End(status);
}

void PeerServer::Refused(const std::string& address, const absl::Status& status) {
  ++counters_.refused;
  // The port changes with every attempt; without it the filter knows the text again.
  const std::string host = address.substr(0, address.rfind(':'));
  const std::string text = Format("link from %s refused: %s", host, MessageOf(status));
  if (refusals_.Passes(text, now_)) observer_.Log(env::LogLevel::kWarning, text);
}

void PeerServer::CloseAll() {
  listeners_.clear();
  for (const auto& connection : connections_) connection->End(absl::OkStatus());
  DestroyClosed();
}

void PeerServer::ReadWaiting() {
  if (readers_.empty()) return;
  std::vector<PeerConnection*> current;
  current.swap(readers_);
  for (PeerConnection* connection : current) {
    connection->in_readers_ = false;
    connection->ReadInput();
  }
}

void PeerServer::DestroyClosed() {
  while (!closed_.empty()) {
    PeerConnection* const connection = closed_.back();
    closed_.pop_back();
    if (connection->in_readers_) std::erase(readers_, connection);
    const size_t index = connection->index_;
    QUORATE_CHECK(connections_[index].get() == connection);
    connections_[index].swap(connections_.back());
    connections_[index]->index_ = index;
    connections_.pop_back();
  }
}

void PeerServer::Sweep() {
  for (const auto& connection : connections_) {
    if (connection->closed_ || connection->known_) continue;
    if (now_ - connection->accepted_at_ < kFirstFrameTimeout) continue;
    connection->End(Unavailable("said nothing valid in time"));
  }
}

void PeerServer::RetryListeners() {
  for (const auto& listener : listeners_) listener->Retry();
}

bool PeerServer::resting() const {
  return std::any_of(listeners_.begin(), listeners_.end(),
                     [](const auto& listener) { return listener->resting(); });
}

}  // namespace quorate::io
