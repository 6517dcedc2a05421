// SPDX-License-Identifier: Apache-2.0
#include "io/disk/file_descriptor.h"

#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace quorate::io {

FileDescriptor::~FileDescriptor() {
  if (!valid()) return;
  if (owner_ != nullptr) {
    owner_->Close(fd_);
  } else {
    ::close(fd_);
  }
}

bool WasInterrupted() { return errno == EINTR; }

absl::Status ErrnoStatus(std::string_view operation, std::string_view path) {
  return ErrorStatus(errno, operation, path);
}

absl::Status ErrorStatus(int error, std::string_view operation, std::string_view path) {
  const std::string text = Format("%s %s: %s", operation, path,
                                  std::error_code(error, std::generic_category()).message());
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return Unavailable(text);
    case ENOENT:
      return FailedPrecondition(text);
    case EACCES:
    case EPERM:
    case EROFS:
    case ENOTDIR:
      return InvalidArgument(text);
    default:
      return Internal(text);
  }
}

}  // namespace quorate::io
