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

#include "io/net/keep_alive.h"
#include "io/net/limits.h"
#include "io/net/plain_stream.h"

namespace quorate::io {
namespace {

absl::Status BindError(int error, const std::string& text) {
  switch (error) {
    case EADDRINUSE:
      return FailedPrecondition(Format("%s: the address is in use", text));
    case EADDRNOTAVAIL:
      return InvalidArgument(Format("%s: this machine has no such address", text));
    case EACCES:
      return InvalidArgument(Format("%s: binding this address is not permitted", text));
    default:
      return ErrorStatus(error, "bind", text);
  }
}

}  // namespace

// A socket file that nobody listens on is left over from a process that died.
absl::Status TcpTransport::RemoveStaleSocket(const SocketAddress& address,
                                             const std::string& path) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) != 0) return absl::OkStatus();
  if (!S_ISSOCK(info.st_mode)) {
    return FailedPrecondition(Format("%s exists and is not a socket", path));
  }
  const FileDescriptor probe(kernel_.MakeSocket(AF_UNIX), &kernel_);
  if (probe.valid()) {
    // EAGAIN: whoever listens there has a full queue.
    const int result = kernel_.Connect(probe.get(), address.get(), address.size);
    if (result == 0 || result == -EAGAIN) {
      return FailedPrecondition(Format("unix:%s: another process listens there", path));
    }
  }
  if (::unlink(path.c_str()) != 0) return ErrnoStatus("unlink", path);
  return absl::OkStatus();
}

absl::StatusOr<FileDescriptor> TcpTransport::MakeSocket(const SocketAddress& address,
                                                        const std::string& text) {
  const int socket = kernel_.MakeSocket(address.family());
  if (socket < 0) return ErrorStatus(-socket, "socket", text);
  return FileDescriptor(socket, &kernel_);
}

std::string TcpTransport::BoundText(int fd, const std::string& text) {
  if (IsUnixAddress(text)) return text;
  SocketAddress bound;
  if (kernel_.LocalAddress(fd, bound.storage, bound.size) < 0) return text;
  return AddressText(bound);
}

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
    kernel_.SetOption(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  }
  if (chosen.family() == AF_INET6) kernel_.SetOption(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  // The first socket is bound without SO_REUSEPORT, which would share the port with other processes
  // of this user without a word; set before listen, it lets our own later ones join.
  if (share_port && !first) kernel_.SetOption(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  int result = kernel_.Bind(socket.get(), chosen.get(), chosen.size);
  if (result < 0) return BindError(-result, address);
  if (share_port && first) kernel_.SetOption(socket.get(), SOL_SOCKET, SO_REUSEPORT, 1);
  result = kernel_.Listen(socket.get(), kListenBacklog);
  if (result < 0) return BindError(-result, address);
  Configure(socket.get());  // accepted sockets inherit it
  std::string bound = BoundText(socket.get(), address);
  return Listening{std::move(socket), std::move(bound)};
}

absl::StatusOr<FileDescriptor> TcpTransport::Dial(const std::string& address) {
  QUORATE_ASSIGN_OR_RETURN(const SocketAddress target, ParseSocketAddress(address));
  QUORATE_ASSIGN_OR_RETURN(FileDescriptor socket, MakeSocket(target, address));
  Configure(socket.get());
  const int result = kernel_.Connect(socket.get(), target.get(), target.size);
  // An attempt that a signal interrupted goes on; a second call would hear EALREADY [POSIX
  // connect].
  if (result < 0 && result != -EINPROGRESS && result != -EINTR) {
    return Unavailable(
        Format("%s: connect: %s", address, MessageOf(ErrorStatus(-result, "connect", address))));
  }
  return socket;
}

absl::StatusOr<std::unique_ptr<ByteStream>> TcpTransport::Accept(FileDescriptor socket) {
  return std::make_unique<PlainStream>(kernel_, std::move(socket), /*connecting=*/false);
}

absl::StatusOr<std::unique_ptr<ByteStream>> TcpTransport::Connect(FileDescriptor socket, NodeId) {
  return std::make_unique<PlainStream>(kernel_, std::move(socket), /*connecting=*/true);
}

// Best effort: a unix socket has no TCP options, and none of them is needed to be correct.
void TcpTransport::Configure(int fd) {
  kernel_.SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  if (options_.keep_alive > Duration(0)) SetKeepAlive(kernel_, fd, options_.keep_alive);
  if (options_.silence_max > Duration(0)) {
    kernel_.SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
                      static_cast<int>(options_.silence_max / 1ms));
  }
}

}  // namespace quorate::io
