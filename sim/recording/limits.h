// SPDX-License-Identifier: Apache-2.0
// Named limits of what is shown of recordings.
#pragma once

#include <cstddef>

namespace quorate::sim {

// Of an argument, a message or a reply.
inline constexpr size_t kShownBytesMax = 100;
// What waits, of each kind; the first that began goes first.
inline constexpr size_t kWaitingMax = 1'000;

}  // namespace quorate::sim
