// SPDX-License-Identifier: Apache-2.0
#include "io/runtime/system_clocks.h"

#include <ctime>

namespace quorate::io {
namespace {

int64_t ReadMicros(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000 + time.tv_nsec / 1000;
}

}  // namespace

Instant ReadMonotonic() { return Instant(Duration(ReadMicros(CLOCK_MONOTONIC))); }

Clocks ReadClocks(Duration wall_offset) {
  return {ReadMonotonic(), WallTime{(ReadMicros(CLOCK_REALTIME) + wall_offset.count()) / 1000}};
}

}  // namespace quorate::io
