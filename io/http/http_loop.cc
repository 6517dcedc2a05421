// SPDX-License-Identifier: Apache-2.0
#include "io/http/http_loop.h"

#include <algorithm>

#include "io/http/limits.h"
#include "io/http/listener.h"
#include "io/net/limits.h"

namespace quorate::io {

absl::StatusOr<std::unique_ptr<HttpLoop>> HttpLoop::Create(Kernel& kernel,
                                                           const std::string& address,
                                                           HttpHandler handler) {
  QUORATE_ASSIGN_OR_RETURN(HttpListener bound, ListenHttp(kernel, address));
  absl::StatusOr<std::unique_ptr<Reactor>> reactor = Reactor::Create(kernel);
  if (!reactor.ok()) return Unavailable("admin server: no descriptor is left");
  std::unique_ptr<HttpLoop> loop(new HttpLoop(kernel, *std::move(reactor), std::move(handler)));
  loop->listener_ =
      std::make_unique<Listener>(*loop->reactor_, std::move(bound.fd), std::move(bound.address),
                                 [&self = *loop](FileDescriptor socket, const SocketAddress&) {
                                   self.Accept(std::move(socket));
                                 });
  QUORATE_RETURN_IF_ERROR(loop->listener_->Start());
  return loop;
}

Instant HttpLoop::NextDeadline() const {
  Instant next = retry_at_;
  for (const HttpConnection& connection : connections_) {
    next = std::min(next, connection.deadline());
  }
  return next;
}

void HttpLoop::RunOnce() {
  const Instant next = NextDeadline();
  std::optional<Duration> timeout;
  if (next != Instant::max()) timeout = std::max(next - kernel_.Monotonic(), Duration(0));
  reactor_->Wait(timeout);
  now_ = kernel_.Monotonic();
  reactor_->Dispatch();
  connections_.remove_if([this](const HttpConnection& connection) {
    return connection.done() || now_ >= connection.deadline();
  });
  if (!listener_->resting()) {
    retry_at_ = Instant::max();
  } else if (retry_at_ == Instant::max()) {
    retry_at_ = now_ + kAcceptRetryDelay;
  } else if (now_ >= retry_at_) {
    retry_at_ = now_ + kAcceptRetryDelay;
    if (connections_.size() < kHttpConnectionsMax) listener_->Retry();
  }
}

void HttpLoop::Accept(FileDescriptor socket) {
  HttpConnection& connection =
      connections_.emplace_back(*reactor_, handler_, std::move(socket), now_ + kHttpTimeout);
  if (!connection.Start().ok()) connections_.pop_back();
  if (connections_.size() >= kHttpConnectionsMax) listener_->Rest();
}

}  // namespace quorate::io
