// SPDX-License-Identifier: Apache-2.0
// The bounds of this folder.
#pragma once

#include <cstddef>

namespace quorate::io {

// Descriptors reported by one wait; the rest is reported by the next.
inline constexpr size_t kEventsPerWaitMax = 1024;

}  // namespace quorate::io
