// SPDX-License-Identifier: Apache-2.0
// One connection of the admin server: reads a request, writes the answer, and is done.
#pragma once

#include <functional>
#include <string>

#include "io/http/http_message.h"
#include "io/net/plain_stream.h"
#include "io/reactor/reactor.h"

namespace quorate::io {

using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

class HttpConnection final : public EventHandler {
 public:
  // Everything is lent.
  HttpConnection(Reactor& reactor, const HttpHandler& handler, FileDescriptor socket,
                 Instant deadline);
  ~HttpConnection() override;
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  absl::Status Start();
  void OnReady(Readiness readiness) override;
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] Instant deadline() const { return deadline_; }

 private:
  void Read(bool hung_up);
  void Answer();
  void Write();
  void Drain();

  Reactor& reactor_;
  const HttpHandler& handler_;
  PlainStream stream_;
  const Instant deadline_;
  std::string input_;
  std::string output_;  // not empty once the request was answered
  size_t written_ = 0;  // of output_
  bool watched_ = false;
  bool watches_output_ = false;
  bool answered_ = false;
  bool done_ = false;
};

}  // namespace quorate::io
