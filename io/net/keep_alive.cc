// SPDX-License-Identifier: Apache-2.0
#include "io/net/keep_alive.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

#include "io/net/limits.h"

namespace quorate::io {
namespace {

constexpr int kProbes = 3;

}  // namespace

void SetKeepAlive(Kernel& kernel, int fd, Duration interval) {
  kernel.SetOption(fd, SOL_SOCKET, SO_KEEPALIVE, interval > Duration(0) ? 1 : 0);
  if (interval <= Duration(0)) return;
  const int seconds = static_cast<int>(std::clamp<int64_t>(interval / 1s, 1, kKeepAliveSecondsMax));
  kernel.SetOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, seconds);
  kernel.SetOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, std::max(1, seconds / kProbes));
  kernel.SetOption(fd, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
}

}  // namespace quorate::io
