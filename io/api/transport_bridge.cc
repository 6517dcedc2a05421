// SPDX-License-Identifier: Apache-2.0
#include "io/api/transport_bridge.h"

#include "io/api/status_bridge.h"

namespace quorate {

Status Transport::Reload(const Credentials&) {
  return {Code::kFailedPrecondition, "this transport has no credentials"};
}

namespace api {
namespace {

// The hook's stream as the runtime's. The enumerations are the same, value by value.
static_assert(static_cast<int>(StreamState::kMore) == static_cast<int>(io::StreamState::kMore));
static_assert(static_cast<int>(StreamState::kBlocked) ==
              static_cast<int>(io::StreamState::kBlocked));
static_assert(static_cast<int>(StreamState::kClosed) == static_cast<int>(io::StreamState::kClosed));
static_assert(static_cast<int>(StreamState::kFailed) == static_cast<int>(io::StreamState::kFailed));

class HookedStream final : public io::ByteStream {
 public:
  // `peer` is the node it was connected to; none for an accepted one.
  HookedStream(std::unique_ptr<Stream> hook, PeerWatch* watch, NodeId peer)
      : hook_(std::move(hook)), watch_(watch), peer_(peer) {}
  HookedStream(const HookedStream&) = delete;
  HookedStream& operator=(const HookedStream&) = delete;
  ~HookedStream() override {
    if (connected_) watch_->Disconnected(peer_);
  }

  io::StreamResult Read(std::span<char> space) override {
    const StreamResult result = hook_->Read(space);
    Watch();
    return {result.bytes, static_cast<io::StreamState>(result.state)};
  }
  io::StreamResult Write(std::string_view bytes) override {
    const StreamResult result = hook_->Write(bytes);
    Watch();
    return {result.bytes, static_cast<io::StreamState>(result.state)};
  }
  [[nodiscard]] bool pending_output() const override { return hook_->pending_output(); }
  void Shutdown() override { hook_->Shutdown(); }
  [[nodiscard]] int fd() const override { return hook_->fd(); }
  [[nodiscard]] absl::Status error() const override { return ToInternal(hook_->error()); }
  [[nodiscard]] bool established() const override { return hook_->established(); }
  [[nodiscard]] std::optional<NodeId> peer_node() const override {
    const std::optional<uint64_t> node = hook_->peer_node();
    return node ? std::optional<NodeId>(NodeId{*node}) : std::nullopt;
  }

 private:
  void Watch() {
    if (watch_ == nullptr || connected_ || !hook_->established()) return;
    connected_ = true;
    watch_->Connected(peer_);
  }

  const std::unique_ptr<Stream> hook_;
  PeerWatch* const watch_;
  const NodeId peer_;
  bool connected_ = false;
};

class OwnStream final : public Stream {
 public:
  explicit OwnStream(std::unique_ptr<io::ByteStream> own) : own_(std::move(own)) {}

  StreamResult Read(std::span<char> space) override {
    const io::StreamResult result = own_->Read(space);
    return {result.bytes, static_cast<StreamState>(result.state)};
  }
  StreamResult Write(std::string_view bytes) override {
    const io::StreamResult result = own_->Write(bytes);
    return {result.bytes, static_cast<StreamState>(result.state)};
  }
  [[nodiscard]] bool pending_output() const override { return own_->pending_output(); }
  void Shutdown() override { own_->Shutdown(); }
  [[nodiscard]] int fd() const override { return own_->fd(); }
  [[nodiscard]] Status error() const override { return ToPublic(own_->error()); }
  [[nodiscard]] bool established() const override { return own_->established(); }
  [[nodiscard]] std::optional<uint64_t> peer_node() const override {
    const std::optional<NodeId> node = own_->peer_node();
    return node ? std::optional<uint64_t>(node->value) : std::nullopt;
  }

 private:
  const std::unique_ptr<io::ByteStream> own_;
};

absl::StatusOr<std::unique_ptr<io::ByteStream>> Hooked(Result<std::unique_ptr<Stream>> stream,
                                                       PeerWatch* watch, NodeId peer) {
  if (!stream.ok()) return ToInternal(stream.status());
  return std::make_unique<HookedStream>(*std::move(stream), watch, peer);
}

Result<std::unique_ptr<Stream>> Own(absl::StatusOr<std::unique_ptr<io::ByteStream>> stream) {
  if (!stream.ok()) return ToPublic(stream.status());
  return std::unique_ptr<Stream>(std::make_unique<OwnStream>(*std::move(stream)));
}

// Gives the descriptor away.
int TakeFd(io::FileDescriptor descriptor) {
  const int fd = descriptor.get();
  descriptor.Release();
  return fd;
}

}  // namespace

void PeerWatch::Connected(NodeId node) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (++connections_[node] == 1) change_(node, true);
}

void PeerWatch::Disconnected(NodeId node) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (--connections_[node] == 0) change_(node, false);
}

absl::StatusOr<io::Transport::Listening> HookedTransport::Listen(const std::string& address,
                                                                 bool share_port, bool first) {
  Result<quorate::Transport::Listening> made = hook_.Listen(address, share_port, first);
  if (!made.ok()) return ToInternal(made.status());
  return Listening{io::FileDescriptor(made->socket), std::move(made->address)};
}

absl::StatusOr<io::FileDescriptor> HookedTransport::Dial(const std::string& address) {
  const Result<int> socket = hook_.Dial(address);
  if (!socket.ok()) return ToInternal(socket.status());
  return io::FileDescriptor(*socket);
}

absl::StatusOr<std::unique_ptr<io::ByteStream>> HookedTransport::Accept(io::FileDescriptor socket) {
  return Hooked(hook_.Accept(TakeFd(std::move(socket))), nullptr, NodeId());
}

absl::StatusOr<std::unique_ptr<io::ByteStream>> HookedTransport::Connect(io::FileDescriptor socket,
                                                                         NodeId expected) {
  return Hooked(hook_.Connect(TakeFd(std::move(socket)), expected.value), watch_, expected);
}

Result<Transport::Listening> OwnTransport::Listen(const std::string& address, bool share_port,
                                                  bool first) {
  auto made = own_.Listen(address, share_port, first);
  if (!made.ok()) return ToPublic(made.status());
  return Listening{TakeFd(std::move(made->socket)), std::move(made->address)};
}

Result<int> OwnTransport::Dial(const std::string& address) {
  auto socket = own_.Dial(address);
  if (!socket.ok()) return ToPublic(socket.status());
  return TakeFd(*std::move(socket));
}

Result<std::unique_ptr<Stream>> OwnTransport::Accept(int socket) {
  return Own(own_.Accept(io::FileDescriptor(socket)));
}

Result<std::unique_ptr<Stream>> OwnTransport::Connect(int socket, uint64_t expected) {
  return Own(own_.Connect(io::FileDescriptor(socket), NodeId{expected}));
}

}  // namespace api
}  // namespace quorate
