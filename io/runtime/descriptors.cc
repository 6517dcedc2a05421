// SPDX-License-Identifier: Apache-2.0
#include "io/runtime/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

#include "engine/base/status.h"

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

}  // namespace quorate::io
