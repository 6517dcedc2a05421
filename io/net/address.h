// SPDX-License-Identifier: Apache-2.0
// Socket addresses as text and as the kernel takes them: host:port, [IPv6]:port, unix:/path.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"

namespace quorate::io {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  [[nodiscard]] sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

struct HostPort {
  std::string host;  // without brackets; empty: all interfaces
  uint16_t port = 0;
};

[[nodiscard]] bool IsUnixAddress(std::string_view text);
[[nodiscard]] absl::StatusOr<HostPort> ParseHostPort(std::string_view text);
// Whether Dial takes the text as it is, without a resolver.
[[nodiscard]] bool IsNumericAddress(std::string_view text);
// InvalidArgument for text that is no address, or whose host is a name.
[[nodiscard]] absl::StatusOr<SocketAddress> ParseSocketAddress(std::string_view text);
// May wait for name servers. The first address is what the system prefers.
[[nodiscard]] absl::StatusOr<std::vector<SocketAddress>> ResolveAddress(std::string_view text);
// As Redis shows it: 127.0.0.1:7379, [::1]:7379, /path:0 for unix sockets.
[[nodiscard]] std::string AddressText(const SocketAddress& address);

}  // namespace quorate::io
