// SPDX-License-Identifier: Apache-2.0
#include "io/http/listener.h"

#include <netdb.h>
#include <sys/socket.h>

#include <memory>

#include "io/config/words.h"
#include "io/http/limits.h"

namespace quorate::io {
namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

absl::StatusOr<std::string> BoundAddress(Kernel& kernel, int fd, const std::string& host) {
  sockaddr_storage bound{};
  socklen_t size = 0;
  char port[8] = {};
  const auto* address = reinterpret_cast<const sockaddr*>(&bound);
  if (kernel.LocalAddress(fd, bound, size) < 0 ||
      ::getnameinfo(address, size, nullptr, 0, port, sizeof port, NI_NUMERICSERV) != 0) {
    return Internal("a listener has no address");
  }
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + port;
}

}  // namespace

absl::StatusOr<HttpListener> ListenHttp(Kernel& kernel, const std::string& address) {
  const auto parts = SplitAddress(address);
  if (!parts) return InvalidArgument("'" + address + "' is not host:port");
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(parts->port);
  if (::getaddrinfo(parts->host.c_str(), port.c_str(), &hints, &found) != 0) {
    return Unavailable("admin server: host '" + parts->host + "' is not known");
  }
  const std::unique_ptr<addrinfo, FreeAddresses> owned(found);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    FileDescriptor fd(kernel.MakeSocket(one->ai_family), &kernel);
    if (!fd.valid() || kernel.SetOption(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1) < 0 ||
        kernel.Bind(fd.get(), one->ai_addr, one->ai_addrlen) < 0 ||
        kernel.Listen(fd.get(), kHttpBacklog) < 0) {
      continue;
    }
    QUORATE_ASSIGN_OR_RETURN(std::string name, BoundAddress(kernel, fd.get(), parts->host));
    return HttpListener{std::move(fd), std::move(name)};
  }
  return Unavailable("admin server: cannot listen on " + address +
                     ": the port is taken, or the address is not of this machine");
}

}  // namespace quorate::io
