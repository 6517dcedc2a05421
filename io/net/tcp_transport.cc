// SPDX-License-Identifier: Apache-2.0
#include "io/net/tcp_transport.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/net/address.h"
#include "io/net/keep_alive.h"
#include "io/net/limits.h"
#include "io/net/plain_stream.h"

namespace quorate::io {
namespace {

void SetOption(int fd, int level, int name, int value) {
  // Best effort: a unix socket has no TCP options, and none of them is needed to be correct.
  static_cast<void>(::setsockopt(fd, level, name, &value, sizeof(value)));
}

// A socket file that nobody listens on is left over from a process that died.
absl::Status RemoveStaleSocket(const SocketAddress& address, const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return absl::OkStatus();
  if (!S_ISSOCK(info.st_mode)) {
    return FailedPrecondition(Format("%s exists and is not a socket", path));
  }
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (probe.valid() && ::connect(probe.get(), address.get(), address.size) == 0) {
    return FailedPrecondition(Format("unix:%s: another process listens there", path));
  }
  if (::unlink(path.c_str()) != 0) return ErrnoStatus("unlink", path);
  return absl::OkStatus();
}

absl::StatusOr<FileDescriptor> MakeSocket(const SocketAddress& address, const std::string& text) {
  FileDescriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.valid()) return ErrnoStatus("socket", text);
  return socket;
}

absl::Status BindError(const std::string& text) {
  switch (errno) {
    case EADDRINUSE:
      return FailedPrecondition(Format("%s: the address is in use", text));
    case EADDRNOTAVAIL:
      return InvalidArgument(Format("%s: this machine has no such address", text));
    case EACCES:
      return InvalidArgument(Format("%s: binding this address is not permitted", text));
    default:
      return ErrnoStatus("bind", text);
  }
}

std::string BoundText(int fd, const std::string& text) {
  if (IsUnixAddress(text)) return text;
  SocketAddress bound;
  bound.size = sizeof(bound.storage);
  if (::getsockname(fd, bound.get(), &bound.size) != 0) return text;
  return AddressText(bound);
}

}  // namespace

absl::StatusOr<Transport::Listening> TcpTransport::Listen(const std::string& address,
                                                          bool share_port, bool first) {
  QUORATE_ASSIGN_OR_RETURN(const auto found, ResolveAddress(address));
  const SocketAddress& chosen = found.front();
  QUORATE_ASSIGN_OR_RETURN(FileDescriptor socket, MakeSocket(chosen, address));
  if (chosen.family() == AF_UNIX) {
    sockaddr_un unix_address{};
    std::memcpy(&unix_address, &chosen.storage, sizeof(unix_address));
    QUORATE_RETURN_IF_ERROR(RemoveStaleSocket(chosen, unix_address.sun_path));
  } else {
    SetOption(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  }
  if (chosen.family() == AF_INET6) SetOption(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  // The first socket is bound without SO_REUSEPORT, which would share the port with other processes
  // of this user without a word; set before listen, it lets our own later ones join.
  if (share_port && !first) SetOption(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (::bind(socket.get(), chosen.get(), chosen.size) != 0) return BindError(address);
  if (share_port && first) SetOption(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  if (::listen(socket.get(), kListenBacklog) != 0) return BindError(address);
  Configure(socket.get());  // accepted sockets inherit it
  std::string bound = BoundText(socket.get(), address);
  return Listening{std::move(socket), std::move(bound)};
}

absl::StatusOr<FileDescriptor> TcpTransport::Dial(const std::string& address) {
  QUORATE_ASSIGN_OR_RETURN(const SocketAddress target, ParseSocketAddress(address));
  QUORATE_ASSIGN_OR_RETURN(FileDescriptor socket, MakeSocket(target, address));
  Configure(socket.get());
  const int result =
      RetryInterrupted([&] { return ::connect(socket.get(), target.get(), target.size); });
  if (result != 0 && errno != EINPROGRESS) {
    return Unavailable(
        Format("%s: connect: %s", address, MessageOf(ErrnoStatus("connect", address))));
  }
  return socket;
}

absl::StatusOr<std::unique_ptr<ByteStream>> TcpTransport::Accept(FileDescriptor socket) {
  return std::make_unique<PlainStream>(kernel_, std::move(socket), /*connecting=*/false);
}

absl::StatusOr<std::unique_ptr<ByteStream>> TcpTransport::Connect(FileDescriptor socket, NodeId) {
  return std::make_unique<PlainStream>(kernel_, std::move(socket), /*connecting=*/true);
}

void TcpTransport::Configure(int fd) const {
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (options_.keep_alive > Duration(0)) SetKeepAlive(fd, options_.keep_alive);
  if (options_.silence_max > Duration(0)) {
    SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(options_.silence_max / 1ms));
  }
}

}  // namespace quorate::io
