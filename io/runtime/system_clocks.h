// SPDX-License-Identifier: Apache-2.0
// The clocks for what is no loop: storage, upkeep, the handle. A loop asks its kernel.
#pragma once

#include "engine/base/time.h"

namespace quorate::io {

[[nodiscard]] Instant ReadMonotonic();
// Both. The wall clock is shown `wall_offset` later than it is.
[[nodiscard]] Clocks ReadClocks(Duration wall_offset);

}  // namespace quorate::io
