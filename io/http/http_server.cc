// SPDX-License-Identifier: Apache-2.0
#include "io/http/http_server.h"

namespace quorate::io {

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const std::string& address,
                                                              HttpHandler handler) {
  std::unique_ptr<HttpServer> server(new HttpServer());
  QUORATE_ASSIGN_OR_RETURN(server->loop_,
                           HttpLoop::Create(server->kernel_, address, std::move(handler)));
  server->thread_ = std::thread([&self = *server] { self.Run(); });
  return server;
}

HttpServer::~HttpServer() {
  ending_.store(true, std::memory_order_release);
  if (loop_ != nullptr) loop_->Wake();
  if (thread_.joinable()) thread_.join();
}

void HttpServer::Run() {
  while (!ending_.load(std::memory_order_acquire)) loop_->RunOnce();
}

}  // namespace quorate::io
