// SPDX-License-Identifier: Apache-2.0
// Transports in both directions: the runtime's door over the hook, and the hook over the transports
// that come with quorate. The node uses the hook in every case.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>

#include "io/net/byte_stream.h"
#include "io/net/transport.h"
#include "quorate/transport.h"

namespace quorate::api {

// Knows which nodes this one is connected to, from the streams that were made to them. Each shard
// has its own connection: a node is up while one of them is.
class PeerWatch {
 public:
  using Change = std::function<void(NodeId node, bool up)>;
  explicit PeerWatch(Change change) : change_(std::move(change)) {}
  void Connected(NodeId node);
  void Disconnected(NodeId node);

 private:
  const Change change_;
  std::mutex mutex_;
  std::map<NodeId, int> connections_;
};

// Borrows both; `watch` may be null.
class HookedTransport final : public io::Transport {
 public:
  HookedTransport(quorate::Transport& hook, PeerWatch* watch) : hook_(hook), watch_(watch) {}
  absl::StatusOr<Listening> Listen(const std::string& address, bool share_port,
                                   bool first) override;
  absl::StatusOr<io::FileDescriptor> Dial(const std::string& address) override;
  absl::StatusOr<std::unique_ptr<io::ByteStream>> Accept(io::FileDescriptor socket) override;
  absl::StatusOr<std::unique_ptr<io::ByteStream>> Connect(io::FileDescriptor socket,
                                                          NodeId expected) override;

 private:
  quorate::Transport& hook_;
  PeerWatch* const watch_;
};

// A transport of quorate's own as the hook. Borrows it.
class OwnTransport : public Transport {
 public:
  explicit OwnTransport(io::Transport& own) : own_(own) {}
  Result<Listening> Listen(const std::string& address, bool share_port, bool first) override;
  Result<int> Dial(const std::string& address) override;
  Result<std::unique_ptr<Stream>> Accept(int socket) override;
  Result<std::unique_ptr<Stream>> Connect(int socket, uint64_t expected) override;

 private:
  io::Transport& own_;
};

}  // namespace quorate::api
