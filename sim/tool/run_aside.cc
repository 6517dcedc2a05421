// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/run_aside.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace quorate::sim {

void RunAside(const std::function<void()>& work) {
  std::fflush(stdout);
  const pid_t process = ::fork();
  if (process < 0) {
    std::printf("no further process\n");
    return;
  }
  if (process == 0) {
    work();
    std::fflush(stdout);
    ::_exit(0);
  }
  while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace quorate::sim
