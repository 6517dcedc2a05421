// SPDX-License-Identifier: Apache-2.0
// Owns a descriptor, and turns errno into a Status in one place.
#pragma once

#include <string_view>
#include <utility>

#include "engine/base/status.h"

namespace quorate::io {

// Who gave a descriptor out, where that is not this process's kernel itself.
class DescriptorOwner {
 public:
  virtual int Close(int fd) = 0;

 protected:
  ~DescriptorOwner() = default;
};

class FileDescriptor {
 public:
  FileDescriptor() = default;
  // `owner` closes it, and outlives it.
  explicit FileDescriptor(int fd, DescriptorOwner* owner = nullptr) : owner_(owner), fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept
      : owner_(other.owner_), fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(owner_, other.owner_);
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor();

  [[nodiscard]] int get() const { return fd_; }
  // Gives the descriptor away: something else closes it.
  void Release() { fd_ = -1; }
  [[nodiscard]] bool valid() const { return fd_ >= 0; }

 private:
  DescriptorOwner* owner_ = nullptr;
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
// The same of an error that is at hand.
absl::Status ErrorStatus(int error, std::string_view operation, std::string_view path);

}  // namespace quorate::io
