// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/steady_seconds.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

namespace quorate::sim {

// Of the kernel itself: the C library's function is a trap.
double SteadySeconds() {
  timespec now{};
  if (::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) != 0) return 0.0;
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace quorate::sim
