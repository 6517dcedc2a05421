// SPDX-License-Identifier: Apache-2.0
// The admin server without its thread: a reactor, the listener and the connections, in rounds.
#pragma once

#include <list>
#include <memory>
#include <string>

#include "io/http/http_connection.h"
#include "io/net/listener.h"
#include "io/reactor/reactor.h"

namespace quorate::io {

class HttpLoop {
 public:
  // Listens. Unavailable where the address cannot be had.
  static absl::StatusOr<std::unique_ptr<HttpLoop>> Create(Kernel& kernel,
                                                          const std::string& address,
                                                          HttpHandler handler);
  HttpLoop(const HttpLoop&) = delete;
  HttpLoop& operator=(const HttpLoop&) = delete;

  // Waits for something to do, and does it.
  void RunOnce();
  // When RunOnce has something to do though no descriptor is ready.
  [[nodiscard]] Instant NextDeadline() const;
  // Ends the current or the next wait. From any thread.
  void Wake() { reactor_->Wake(); }

  [[nodiscard]] const std::string& address() const { return listener_->address(); }
  [[nodiscard]] int fd() const { return reactor_->fd(); }
  [[nodiscard]] size_t size() const { return connections_.size(); }

 private:
  HttpLoop(Kernel& kernel, std::unique_ptr<Reactor> reactor, HttpHandler handler)
      : kernel_(kernel), reactor_(std::move(reactor)), handler_(std::move(handler)) {}
  void Accept(FileDescriptor socket);

  Kernel& kernel_;
  const std::unique_ptr<Reactor> reactor_;
  const HttpHandler handler_;
  std::unique_ptr<Listener> listener_;
  std::list<HttpConnection> connections_;
  Instant now_{};
  Instant retry_at_ = Instant::max();  // of the listener that rests
};

}  // namespace quorate::io
