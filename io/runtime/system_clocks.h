// SPDX-License-Identifier: Apache-2.0
// The only place of a node that reads a clock.
#pragma once

#include "engine/base/time.h"

namespace quorate::io {

[[nodiscard]] Instant ReadMonotonic();
// Both, once per tick. The wall clock is shown `wall_offset` later than it is.
[[nodiscard]] Clocks ReadClocks(Duration wall_offset);

}  // namespace quorate::io
