// SPDX-License-Identifier: Apache-2.0
#include "io/http/http_connection.h"

#include <array>

#include "io/http/limits.h"

namespace quorate::io {

HttpConnection::HttpConnection(Reactor& reactor, const HttpHandler& handler, FileDescriptor socket,
                               Instant deadline)
    : reactor_(reactor),
      handler_(handler),
      stream_(reactor.kernel(), std::move(socket), /*connecting=*/false),
      deadline_(deadline) {}

HttpConnection::~HttpConnection() {
  if (watched_) reactor_.Remove(stream_.fd(), *this);
}

absl::Status HttpConnection::Start() {
  QUORATE_RETURN_IF_ERROR(reactor_.Add(stream_.fd(), *this));
  watched_ = true;
  return absl::OkStatus();
}

void HttpConnection::OnReady(Readiness readiness) {
  if (done_) return;
  if (!answered_ && readiness.readable) Read(readiness.hung_up);
  if (answered_ && !done_) Write();
}

void HttpConnection::Read(bool hung_up) {
  std::array<char, 4096> space;
  while (!answered_ && !done_) {
    const StreamResult result = stream_.Read(space);
    input_.append(space.data(), result.bytes);
    if (result.bytes > 0) Answer();
    if (answered_) return;
    done_ = result.state == StreamState::kClosed || result.state == StreamState::kFailed;
    // After a hang-up no new edge tells of the end, so it is looked for.
    if (result.state == StreamState::kBlocked && !(hung_up && result.bytes > 0)) return;
  }
}

void HttpConnection::Answer() {
  const HttpParse parse = ParseHttp(input_);
  if (parse.state == HttpParse::State::kIncomplete) return;
  answered_ = true;
  if (parse.state == HttpParse::State::kRefused) {
    output_ = EncodeHttp(parse.response, false);
    return;
  }
  HttpRequest request = parse.request;
  const bool head = request.method == "HEAD";
  if (head) request.method = "GET";
  output_ = EncodeHttp(handler_(request), head);
}

void HttpConnection::Write() {
  while (written_ < output_.size()) {
    const StreamResult result = stream_.Write(std::string_view(output_).substr(written_));
    written_ += result.bytes;
    if (result.state == StreamState::kBlocked) {
      if (!watches_output_) reactor_.WatchOutput(stream_.fd(), *this, true);
      watches_output_ = true;
      return;
    }
    if (result.state != StreamState::kMore) {
      done_ = true;
      return;
    }
  }
  Drain();
  done_ = true;
}

// Half-closed first: closing with unread input would reset the connection before the peer has read
// the answer.
void HttpConnection::Drain() {
  stream_.Shutdown();
  std::array<char, 4096> rest;
  size_t drained = 0;
  while (drained < kHttpDrainedBytesMax) {
    const StreamResult result = stream_.Read(rest);
    drained += result.bytes;
    if (result.bytes == 0) return;
  }
}

}  // namespace quorate::io
