// SPDX-License-Identifier: Apache-2.0
// The third hook: how connections are made and protected. Nothing here waits: streams are driven by
// the readiness of their descriptor, as edge-triggered epoll reports it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "quorate/crypto.h"
#include "quorate/result.h"

namespace quorate {

enum class StreamState : uint8_t {
  kMore,     // more may be possible at once
  kBlocked,  // `bytes` were moved, and now the kernel must act first
  kClosed,   // the peer ended orderly; nothing more will be read
  kFailed,   // error() says why; the stream is of no use
};

struct StreamResult {
  size_t bytes = 0;
  StreamState state = StreamState::kMore;
};

// One connection. Used by one thread.
class Stream {
 public:
  virtual ~Stream() = default;
  virtual StreamResult Read(std::span<char> space) = 0;
  // Takes a prefix of `bytes`. Bytes taken may wait inside (pending_output); later calls, which may
  // be with no bytes, write them.
  virtual StreamResult Write(std::string_view bytes) = 0;
  [[nodiscard]] virtual bool pending_output() const { return false; }
  // Tells the peer that no more comes, without waiting.
  virtual void Shutdown() = 0;
  [[nodiscard]] virtual int fd() const = 0;
  [[nodiscard]] virtual Status error() const = 0;
  // True once bytes can be exchanged.
  [[nodiscard]] virtual bool established() const = 0;
  // The node that the peer proved to be; nothing where the transport proves nothing.
  [[nodiscard]] virtual std::optional<uint64_t> peer_node() const { return std::nullopt; }
};

// Used by all shard threads at once, so an implementation is thread-safe. Sockets are non-blocking;
// whoever is given one owns it.
class Transport {
 public:
  virtual ~Transport() = default;

  struct Listening {
    int socket = -1;      // accept4 on it gives the connections
    std::string address;  // with the port that was chosen for 0
  };
  // `share_port`: further sockets of this process will listen on the same address. `first`: none
  // does yet, so an address in use is an error.
  virtual Result<Listening> Listen(const std::string& address, bool share_port, bool first) = 0;
  // A socket that is connected or about to be. `address` has a numeric host, or is unix:/path.
  virtual Result<int> Dial(const std::string& address) = 0;
  virtual Result<std::unique_ptr<Stream>> Accept(int socket) = 0;
  // `expected` is the node that must be at the other end.
  virtual Result<std::unique_ptr<Stream>> Connect(int socket, uint64_t expected) = 0;

  // Connections made from now on use these credentials. An error changes nothing.
  virtual Status Reload(const Credentials& credentials);
};

struct TcpTuning {
  std::chrono::milliseconds keep_alive{0};   // 0: none
  std::chrono::milliseconds silence_max{0};  // unacknowledged for longer ends it; 0: the kernel's
};
[[nodiscard]] TcpTuning PeerTuning();
[[nodiscard]] TcpTuning ClientTuning();

// The defaults: TCP, and TLS 1.3 over it. Between nodes both ends show a certificate of the
// cluster's authority that names cluster and node.
[[nodiscard]] std::unique_ptr<Transport> MakeTcpTransport(const TcpTuning& tuning);
[[nodiscard]] Result<std::unique_ptr<Transport>> MakePeerTlsTransport(
    const std::string& cluster, uint64_t node, const Credentials& credentials);
[[nodiscard]] Result<std::unique_ptr<Transport>> MakeClientTlsTransport(
    const Credentials& credentials);

}  // namespace quorate
