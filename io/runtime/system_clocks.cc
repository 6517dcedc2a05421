// SPDX-License-Identifier: Apache-2.0
#include "io/runtime/system_clocks.h"

#include "io/reactor/kernel.h"

namespace quorate::io {

Instant ReadMonotonic() { return LinuxKernel().Monotonic(); }

Clocks ReadClocks(Duration wall_offset) {
  LinuxKernel kernel;
  return {kernel.Monotonic(), kernel.Wall(wall_offset)};
}

}  // namespace quorate::io
