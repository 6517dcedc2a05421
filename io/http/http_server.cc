// SPDX-License-Identifier: Apache-2.0
#include "io/http/http_server.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <vector>

#include "io/http/limits.h"
#include "io/http/listener.h"

namespace quorate::io {
namespace {

Instant Now() {
  const auto time = std::chrono::steady_clock::now().time_since_epoch();
  return Instant(std::chrono::duration_cast<Duration>(time));
}

bool WouldBlock() { return errno == EAGAIN || errno == EINTR; }

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& address,
                                                              Handler handler) {
  QUORATE_ASSIGN_OR_RETURN(HttpListener bound, ListenHttp(address));
  FileDescriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake.valid()) return Unavailable("admin server: no descriptor is left");
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(bound.fd), std::move(wake),
                                                    std::move(bound.address), std::move(handler)));
  server->thread_ = std::thread([&self = *server] { self.Run(); });
  return server;
}

HttpServer::HttpServer(FileDescriptor listener, FileDescriptor wake, std::string address,
                       Handler handler)
    : listener_(std::move(listener)),
      wake_(std::move(wake)),
      address_(std::move(address)),
      handler_(std::move(handler)) {}

HttpServer::~HttpServer() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
  if (thread_.joinable()) thread_.join();
}

void HttpServer::Run() {
  while (true) {
    std::vector<pollfd> polled;
    polled.push_back({wake_.get(), POLLIN, 0});
    const bool full = connections_.size() >= kHttpConnectionsMax;
    polled.push_back({full ? -1 : listener_.get(), POLLIN, 0});
    for (const Connection& connection : connections_) {
      const short events = connection.answered ? POLLOUT : POLLIN;
      polled.push_back({connection.fd.get(), events, 0});
    }
    const int wait_ms = connections_.empty() ? -1 : 1000;
    if (::poll(polled.data(), polled.size(), wait_ms) < 0 && errno != EINTR) return;
    if (polled[0].revents != 0) return;
    const Instant now = Now();
    size_t next = 2;
    for (Connection& connection : connections_) {
      if (polled[next++].revents != 0) Serve(connection);
      if (now >= connection.deadline) connection.done = true;
    }
    connections_.remove_if([](const Connection& connection) { return connection.done; });
    if (polled[1].revents != 0) Accept(now);
  }
}

void HttpServer::Accept(Instant now) {
  while (connections_.size() < kHttpConnectionsMax) {
    FileDescriptor fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd.valid()) return;
    Connection& connection = connections_.emplace_back();
    connection.fd = std::move(fd);
    connection.deadline = now + kHttpTimeout;
  }
}

void HttpServer::Serve(Connection& connection) {
  if (!connection.answered) Read(connection);
  if (connection.answered && !connection.done) Write(connection);
}

void HttpServer::Read(Connection& connection) {
  char buffer[4096];
  const ssize_t size = ::recv(connection.fd.get(), buffer, sizeof buffer, 0);
  if (size < 0 && WouldBlock()) return;
  if (size <= 0) {
    connection.done = true;
    return;
  }
  connection.input.append(buffer, static_cast<size_t>(size));
  Answer(connection);
}

void HttpServer::Answer(Connection& connection) {
  const HttpParse parse = ParseHttp(connection.input);
  if (parse.state == HttpParse::State::kIncomplete) return;
  connection.answered = true;
  if (parse.state == HttpParse::State::kRefused) {
    connection.output = EncodeHttp(parse.response, false);
    return;
  }
  HttpRequest request = parse.request;
  const bool head = request.method == "HEAD";
  if (head) request.method = "GET";
  connection.output = EncodeHttp(handler_(request), head);
}

void HttpServer::Write(Connection& connection) {
  std::string& output = connection.output;
  const ssize_t size =
      ::send(connection.fd.get(), output.data(), output.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (size < 0 && WouldBlock()) return;
  if (size > 0) output.erase(0, static_cast<size_t>(size));
  if (size >= 0 && !output.empty()) return;
  // Half-closed first: closing with unread input would reset the connection before the peer has
  // read the answer.
  ::shutdown(connection.fd.get(), SHUT_WR);
  char rest[4096];
  while (::recv(connection.fd.get(), rest, sizeof rest, MSG_DONTWAIT) > 0) {
  }
  connection.done = true;
}

}  // namespace quorate::io
