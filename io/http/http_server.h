// SPDX-License-Identifier: Apache-2.0
// A small HTTP server on a thread of its own, so that a scrape never delays a shard. Bounded in
// connections, request size and time; one request per connection.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "io/http/http_loop.h"

namespace quorate::io {

class HttpServer {
 public:
  // Listens and serves until destroyed. Unavailable where the address cannot be had. The handler is
  // called on the server's thread, one request at a time.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& address,
                                                           HttpHandler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] const std::string& address() const { return loop_->address(); }

 private:
  HttpServer() = default;
  void Run();

  LinuxKernel kernel_;
  std::unique_ptr<HttpLoop> loop_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace quorate::io
