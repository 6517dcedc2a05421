// SPDX-License-Identifier: Apache-2.0
#include "io/net/address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>

namespace quorate::io {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";

absl::StatusOr<SocketAddress> UnixAddress(std::string_view path) {
  sockaddr_un unix_address{};
  if (path.empty() || path.size() >= sizeof(unix_address.sun_path)) {
    return InvalidArgument(Format("unix:%s: the path must have 1 to %d bytes", path,
                                  sizeof(unix_address.sun_path) - 1));
  }
  unix_address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), unix_address.sun_path);
  SocketAddress address;
  std::memcpy(&address.storage, &unix_address, sizeof(unix_address));
  address.size = sizeof(unix_address);
  return address;
}

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

absl::StatusOr<std::vector<SocketAddress>> LookUp(std::string_view text, int flags) {
  if (IsUnixAddress(text)) {
    QUORATE_ASSIGN_OR_RETURN(SocketAddress address, UnixAddress(text.substr(kUnixPrefix.size())));
    return std::vector<SocketAddress>{address};
  }
  QUORATE_ASSIGN_OR_RETURN(const HostPort host_port, ParseHostPort(text));
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(host_port.port);
  const char* host = host_port.host.empty() ? nullptr : host_port.host.c_str();
  const int result = ::getaddrinfo(host, port.c_str(), &hints, &found);
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  if (result == EAI_AGAIN || result == EAI_MEMORY) {
    return Unavailable(Format("%s: the host name cannot be resolved now", text));
  }
  if (result != 0) return InvalidArgument(Format("%s: no such host", text));
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    addresses.push_back(address);
  }
  if (addresses.empty()) return InvalidArgument(Format("%s: no such host", text));
  return addresses;
}

}  // namespace

bool IsUnixAddress(std::string_view text) { return text.starts_with(kUnixPrefix); }

absl::StatusOr<HostPort> ParseHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  HostPort result;
  const auto wrong = [&] { return InvalidArgument(Format("%s: not host:port", text)); };
  if (colon == std::string_view::npos) return wrong();
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), result.port);
  if (error != std::errc() || end != port.data() + port.size()) return wrong();
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[')) {
    if (!host.ends_with(']')) return wrong();
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return wrong();  // an IPv6 address stands in brackets
  }
  if (host == "*") host = {};
  result.host = std::string(host);
  return result;
}

bool IsNumericAddress(std::string_view text) { return ParseSocketAddress(text).ok(); }

absl::StatusOr<SocketAddress> ParseSocketAddress(std::string_view text) {
  QUORATE_ASSIGN_OR_RETURN(const auto addresses, LookUp(text, AI_NUMERICHOST));
  return addresses.front();
}

absl::StatusOr<std::vector<SocketAddress>> ResolveAddress(std::string_view text) {
  return LookUp(text, 0);
}

std::string AddressText(const SocketAddress& address) {
  char host[INET6_ADDRSTRLEN] = {};
  if (address.family() == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address.storage, sizeof(v4));
    ::inet_ntop(AF_INET, &v4.sin_addr, host, sizeof(host));
    return Format("%s:%u", host, ntohs(v4.sin_port));
  }
  if (address.family() == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address.storage, sizeof(v6));
    ::inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof(host));
    return Format("[%s]:%u", host, ntohs(v6.sin6_port));
  }
  sockaddr_un unix_address{};
  std::memcpy(&unix_address, &address.storage, sizeof(unix_address));
  unix_address.sun_path[sizeof(unix_address.sun_path) - 1] = 0;
  return Format("%s:0", unix_address.sun_path);
}

}  // namespace quorate::io
