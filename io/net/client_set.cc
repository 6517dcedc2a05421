// SPDX-License-Identifier: Apache-2.0
#include "io/net/client_set.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "io/net/keep_alive.h"
#include "io/net/limits.h"

namespace quorate::io {
namespace {

constexpr std::string_view kTooManyClients = "-ERR max number of clients reached\r\n";

}  // namespace

ClientSet::ClientSet(Reactor& reactor, env::Observer& observer, const ClientLimits& limits,
                     std::atomic<size_t>& node_clients, uint64_t first_id, uint64_t id_step)
    : reactor_(reactor),
      observer_(observer),
      limits_(limits),
      node_clients_(node_clients),
      next_id_(first_id),
      id_step_(id_step) {}

ClientSet::~ClientSet() {
  CloseAll();
  in_tick_.clear();
  for (const auto& connection : connections_) connection->tick_needed_ = false;
  DestroyClosed();
}

void ClientSet::SetLimits(const ClientLimits& limits) {
  if (limits.keep_alive != limits_.keep_alive) keep_alive_ = limits.keep_alive;
  limits_ = limits;
}

absl::Status ClientSet::Listen(Transport::Listening listening, Transport& transport,
                               node::RequestPort& port) {
  const std::string local = listening.address;
  listeners_.push_back(std::make_unique<Listener>(
      reactor_, std::move(listening.socket), local,
      [this, local, &transport, &port](FileDescriptor socket, const SocketAddress& peer) {
        Accept(std::move(socket), peer, local, transport, port);
      }));
  return listeners_.back()->Start();
}

void ClientSet::Accept(FileDescriptor socket, const SocketAddress& peer, const std::string& local,
                       Transport& transport, node::RequestPort& port) {
  if (keep_alive_) SetKeepAlive(reactor_.kernel(), socket.get(), *keep_alive_);
  absl::StatusOr<std::unique_ptr<ByteStream>> stream = transport.Accept(std::move(socket));
  if (!stream.ok()) {
    const std::string text = "client refused: " + MessageOf(stream.status());
    if (failures_.Passes(text, now_)) observer_.Log(env::LogLevel::kWarning, text);
    return;
  }
  if (node_clients_.fetch_add(1, std::memory_order_relaxed) >= limits_.clients_max) {
    node_clients_.fetch_sub(1, std::memory_order_relaxed);
    Refuse(*std::move(stream));
    return;
  }
  ++counters_.accepted;
  auto connection =
      std::make_unique<ClientConnection>(*this, *std::move(stream), port, ClientId{next_id_});
  next_id_ += id_step_;
  connection->session().address = peer.family() == AF_UNIX ? local + ":0" : AddressText(peer);
  connection->session().local_address = local;
  connection->session().connected_at = now_;
  connection->active_ = now_;
  connection->index_ = connections_.size();
  connections_.push_back(std::move(connection));
  ClientConnection& added = *connections_.back();
  if (!reactor_.Add(added.stream().fd(), added).ok()) added.Close();
}

void ClientSet::Refuse(std::unique_ptr<ByteStream> stream) {
  ++counters_.refused;
  // Once, as far as it goes: a client that is not wanted is not waited for either.
  static_cast<void>(stream->Write(kTooManyClients));
  stream->Shutdown();
}

void ClientSet::NoteReader(ClientConnection& connection) {
  if (std::exchange(connection.in_readers_, true)) return;
  readers_.push_back(&connection);
}

void ClientSet::NoteWriter(ClientConnection& connection) {
  if (std::exchange(connection.in_writers_, true)) return;
  writers_.push_back(&connection);
}

void ClientSet::NoteFailure(ClientConnection& connection) {
  if (connection.stream().established()) return;  // resets of clients are everyday life
  const absl::Status error = connection.stream().error();
  if (error.ok() || absl::IsUnavailable(error)) return;
  const std::string text = "client refused: " + MessageOf(error);
  if (failures_.Passes(text, now_)) observer_.Log(env::LogLevel::kWarning, text);
}

void ClientSet::CheckOutputLimit(ClientConnection& connection) {
  if (limits_.output_bytes_max == 0) return;
  if (connection.session().Output().size() <= limits_.output_bytes_max) return;
  ++counters_.evicted;
  connection.Close();
}

void ClientSet::ReadWaiting() {
  if (paused_ || readers_.empty()) return;
  current_.clear();
  current_.swap(readers_);
  for (ClientConnection* connection : current_) {
    connection->in_readers_ = false;
    connection->ReadInput();
  }
}

void ClientSet::AfterTick() {
  current_.clear();
  current_.swap(in_tick_);
  for (ClientConnection* connection : current_) connection->AfterTick();
  current_.clear();
  current_.swap(writers_);
  for (ClientConnection* connection : current_) {
    connection->in_writers_ = false;
    connection->WriteOutput();
  }
  if (!closed_.empty()) DestroyClosed();
}

// A connection that handed requests over in this very moment is let go after the next tick.
void ClientSet::DestroyClosed() {
  current_.clear();
  current_.swap(closed_);
  for (ClientConnection* connection : current_) {
    if (connection->tick_needed_) {
      closed_.push_back(connection);
      continue;
    }
    if (connection->in_readers_) std::erase(readers_, connection);
    if (connection->in_writers_) std::erase(writers_, connection);
    const size_t index = connection->index_;
    QUORATE_CHECK(connections_[index].get() == connection);
    connections_[index].swap(connections_.back());
    connections_[index]->index_ = index;
    connections_.pop_back();
    node_clients_.fetch_sub(1, std::memory_order_relaxed);
  }
}

void ClientSet::CloseAll() {
  StopListening();
  for (const auto& connection : connections_) connection->Close();
}

void ClientSet::Sweep() {
  for (const auto& connection : connections_) {
    if (connection->closed_) continue;
    const Duration idle = now_ - connection->active_;
    if (limits_.idle_timeout > Duration(0) && idle > limits_.idle_timeout) {
      ++counters_.evicted;
      connection->Close();
    } else if (!connection->trimmed_ && idle >= kSweepInterval) {
      connection->trimmed_ = true;
      connection->session_.Trim();
    }
  }
}

void ClientSet::RetryListeners() {
  for (const auto& listener : listeners_) listener->Retry();
}

bool ClientSet::resting() const {
  return std::any_of(listeners_.begin(), listeners_.end(),
                     [](const auto& listener) { return listener->resting(); });
}

bool ClientSet::owes_output() const {
  return std::any_of(connections_.begin(), connections_.end(), [](const auto& connection) {
    return !connection->closed_ && !connection->session_.Output().empty();
  });
}

}  // namespace quorate::io
