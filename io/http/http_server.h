// SPDX-License-Identifier: Apache-2.0
// A small HTTP server on a thread of its own, so that a scrape never delays a shard. Bounded in
// connections, request size and time; one request per connection.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>

#include "engine/base/status.h"
#include "engine/base/time.h"
#include "io/disk/file_descriptor.h"
#include "io/http/http_message.h"

namespace quorate::io {

class HttpServer {
 public:
  // Called on the server's thread, one request at a time.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  // Listens and serves until destroyed. Unavailable where the address cannot be had.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const std::string& address,
                                                           Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] const std::string& address() const { return address_; }

 private:
  struct Connection {
    FileDescriptor fd;
    Instant deadline;
    std::string input;
    std::string output;  // not empty once the request was answered
    bool answered = false;
    bool done = false;
  };

  HttpServer(FileDescriptor listener, FileDescriptor wake, std::string address, Handler handler);
  void Run();
  void Accept(Instant now);
  void Serve(Connection& connection);
  void Read(Connection& connection);
  void Answer(Connection& connection);
  static void Write(Connection& connection);

  const FileDescriptor listener_;
  const FileDescriptor wake_;  // an eventfd: written once, when the server ends
  const std::string address_;
  const Handler handler_;
  std::list<Connection> connections_;  // of the thread
  std::thread thread_;
};

}  // namespace quorate::io
