// SPDX-License-Identifier: Apache-2.0
// Owns a descriptor, and turns errno into a Status in one place.
#pragma once

#include <string_view>
#include <utility>

#include "engine/base/status.h"

namespace quorate::io {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();

  [[nodiscard]] int get() const { return fd_; }
  // Gives the descriptor away: something else closes it.
  void Release() { fd_ = -1; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// True where errno says that a signal came in between.
bool WasInterrupted();

// Repeats a system call that a signal interrupted.
template <typename Call>
auto RetryInterrupted(Call&& call) {
  while (true) {
    const auto result = call();
    if (result >= 0 || !WasInterrupted()) return result;
  }
}

// What errno says about `operation` on `path`: Unavailable where there is no room,
// FailedPrecondition where there is no such file, InvalidArgument where access is denied, Internal
// otherwise.
absl::Status ErrnoStatus(std::string_view operation, std::string_view path);

}  // namespace quorate::io
