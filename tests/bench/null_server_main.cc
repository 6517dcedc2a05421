// SPDX-License-Identifier: Apache-2.0
// A server that knows nothing: it finds where requests end and answers each with a constant. What a
// load generator reaches against it is the limit that the client and the kernel set, and no store
// can be faster.
//
//   quorate-null-server PORT VALUE_BYTES
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace quorate::bench {
namespace {

constexpr size_t kReadBytes = size_t{64} << 10;
constexpr int kEventsPerWait = 256;

// A cursor over one request, an array of bulk strings.
class Request {
 public:
  explicit Request(std::string_view bytes) : rest_(bytes) {}

  // Bytes of the first request, and the first letter of its command; 0 where it is not complete.
  size_t Length(char& letter) {
    const size_t all = rest_.size();
    size_t arguments = 0;
    if (!Number('*', arguments)) return 0;
    for (size_t i = 0; i < arguments; ++i) {
      size_t size = 0;
      if (!Number('$', size) || rest_.size() < size + 2) return 0;
      if (i == 0 && size > 0) letter = rest_.front();
      rest_.remove_prefix(size + 2);
    }
    return all - rest_.size();
  }

 private:
  bool Number(char type, size_t& value) {
    const size_t end = rest_.find("\r\n");
    if (end == std::string_view::npos) return false;
    if (rest_.front() != type) std::exit(1);
    for (const char digit : rest_.substr(1, end - 1)) {
      value = value * 10 + static_cast<size_t>(digit - '0');
    }
    rest_.remove_prefix(end + 2);
    return true;
  }

  std::string_view rest_;
};

struct Connection {
  int fd = -1;
  std::string in;
  std::string out;
};

class NullServer {
 public:
  NullServer(uint16_t port, size_t value_bytes)
      : bulk_("$" + std::to_string(value_bytes) + "\r\n" + std::string(value_bytes, 'v') + "\r\n") {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sockaddr generic{};
    std::memcpy(&generic, &address, sizeof generic);
    if (::bind(listener_, &generic, sizeof generic) != 0 || ::listen(listener_, 512) != 0) {
      std::perror("quorate-null-server");
      std::exit(1);
    }
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    Watch(listener_, nullptr);
  }

  [[noreturn]] void Run() {
    std::array<epoll_event, kEventsPerWait> events;
    while (true) {
      const int n = ::epoll_wait(epoll_, events.data(), kEventsPerWait, -1);
      for (int i = 0; i < n; ++i) {
        auto* connection = static_cast<Connection*>(events[static_cast<size_t>(i)].data.ptr);
        if (connection == nullptr) {
          Accept();
        } else {
          Serve(*connection);
        }
      }
    }
  }

 private:
  void Watch(int fd, Connection* connection) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connection;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  }

  void Accept() {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_.push_back(std::make_unique<Connection>());
    connections_.back()->fd = fd;
    Watch(fd, connections_.back().get());
  }

  void Serve(Connection& connection) {
    const ssize_t n = ::recv(connection.fd, buffer_.data(), buffer_.size(), 0);
    if (n <= 0) {
      ::close(connection.fd);  // the little that is left of it goes with the process
      return;
    }
    std::string_view bytes(buffer_.data(), static_cast<size_t>(n));
    if (!connection.in.empty()) bytes = connection.in += bytes;
    connection.out.clear();
    char letter = 0;
    while (!bytes.empty()) {
      const size_t length = Request(bytes).Length(letter);
      if (length == 0) break;
      bytes.remove_prefix(length);
      connection.out += letter == 'G' || letter == 'g' ? std::string_view(bulk_) : "+OK\r\n";
    }
    connection.in = std::string(bytes);
    WriteAll(connection);
  }

  static void WriteAll(const Connection& connection) {
    std::string_view rest = connection.out;
    while (!rest.empty()) {
      const ssize_t n = ::send(connection.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      rest.remove_prefix(static_cast<size_t>(n));
    }
  }

  const std::string bulk_;
  int listener_ = -1;
  int epoll_ = -1;
  std::array<char, kReadBytes> buffer_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace
}  // namespace quorate::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: quorate-null-server PORT VALUE_BYTES\n");
    return 2;
  }
  const auto port = static_cast<uint16_t>(std::atoi(argv[1]));
  quorate::bench::NullServer(port, static_cast<size_t>(std::atoi(argv[2]))).Run();
}
