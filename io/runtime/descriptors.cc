// SPDX-License-Identifier: Apache-2.0
#include "io/runtime/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <algorithm>

namespace quorate::io {

void RaiseDescriptorLimit(size_t wanted, env::Observer& observer) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == wanted) return;
  observer.Log(env::LogLevel::kWarning,
               Format("%u file descriptors would be needed for all clients allowed, this process "
                      "may have %u (ulimit -n)",
                      wanted, limit.rlim_cur));
}

absl::StatusOr<FileDescriptor> Duplicate(const FileDescriptor& descriptor) {
  FileDescriptor copy(::fcntl(descriptor.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy.valid()) return ErrnoStatus("duplicate", "listening socket");
  return copy;
}

}  // namespace quorate::io
