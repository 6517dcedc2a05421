// SPDX-License-Identifier: Apache-2.0
// The plain transport: TCP over IPv4 and IPv6, and unix sockets. Also the floor under TLS.
#pragma once

#include "io/net/address.h"
#include "io/net/transport.h"
#include "io/reactor/kernel.h"

namespace quorate::io {

struct TcpOptions {
  Duration keep_alive{0};   // 0: none
  Duration silence_max{0};  // TCP_USER_TIMEOUT; 0: the kernel's
};

class TcpTransport final : public Transport {
 public:
  TcpTransport(Kernel& kernel, const TcpOptions& options) : kernel_(kernel), options_(options) {}

  absl::StatusOr<Listening> Listen(const std::string& address, bool share_port,
                                   bool first) override;
  absl::StatusOr<FileDescriptor> Dial(const std::string& address) override;
  absl::StatusOr<std::unique_ptr<ByteStream>> Accept(FileDescriptor socket) override;
  absl::StatusOr<std::unique_ptr<ByteStream>> Connect(FileDescriptor socket,
                                                      NodeId expected) override;

 private:
  absl::StatusOr<FileDescriptor> MakeSocket(const SocketAddress& address, const std::string& text);
  absl::Status RemoveStaleSocket(const SocketAddress& address, const std::string& path);
  [[nodiscard]] std::string BoundText(int fd, const std::string& text);
  void Configure(int fd);

  Kernel& kernel_;
  const TcpOptions options_;
};

}  // namespace quorate::io
