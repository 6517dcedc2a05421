// SPDX-License-Identifier: Apache-2.0
#include "io/net/plain_stream.h"

#include <cerrno>
#include <system_error>

#include "engine/base/check.h"

namespace quorate::io {

StreamResult PlainStream::Failed(ptrdiff_t result) {
  const int error = static_cast<int>(-result);
  if (error == EAGAIN) return {0, StreamState::kBlocked};
  // Before the connection is made a socket says ENOTCONN to both directions.
  if (connecting_ && error == ENOTCONN) return {0, StreamState::kBlocked};
  error_ = error;
  return {0, StreamState::kFailed};
}

StreamResult PlainStream::Read(std::span<char> space) {
  QUORATE_DCHECK(!space.empty());
  if (error_ != 0) return {0, StreamState::kFailed};
  ptrdiff_t result = 0;
  do {
    result = kernel_.Receive(socket_.get(), space);
  } while (result == -EINTR);
  if (result < 0) return Failed(result);
  connecting_ = false;
  if (result == 0) return {0, StreamState::kClosed};
  const auto bytes = static_cast<size_t>(result);
  return {bytes, bytes < space.size() ? StreamState::kBlocked : StreamState::kMore};
}

StreamResult PlainStream::Write(std::string_view bytes) {
  if (error_ != 0) return {0, StreamState::kFailed};
  if (connecting_) {
    // Sending nothing says EAGAIN until the connection is made, and then why it was not.
    ptrdiff_t result = 0;
    do {
      result = kernel_.Send(socket_.get(), "", 0);
    } while (result == -EINTR);
    if (result < 0) return Failed(result);
    connecting_ = false;
  }
  size_t written = 0;
  while (written < bytes.size()) {
    const ptrdiff_t result =
        kernel_.Send(socket_.get(), bytes.data() + written, bytes.size() - written);
    if (result == -EINTR) continue;
    if (result < 0) {
      StreamResult failed = Failed(result);
      failed.bytes = written;
      return failed;
    }
    written += static_cast<size_t>(result);
  }
  return {written, StreamState::kMore};
}

void PlainStream::Shutdown() { kernel_.ShutdownWrite(socket_.get()); }

absl::Status PlainStream::error() const {
  if (error_ == 0) return absl::OkStatus();
  return Unavailable(std::generic_category().message(error_));
}

}  // namespace quorate::io
