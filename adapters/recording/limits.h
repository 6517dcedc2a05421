// SPDX-License-Identifier: Apache-2.0
// Limits of recordings.
#pragma once

#include <cstddef>

#include "engine/base/time.h"

namespace quorate::recording {

// A block of ticks goes out when it is so long or, at the end of a tick, so old: what a process
// that is killed has not told yet.
inline constexpr size_t kBlockBytes = size_t{256} << 10;
inline constexpr Duration kBlockAge = 100ms;
// A checkpoint that is longer than a block may be goes out in blocks of this size.
inline constexpr size_t kStateBlockBytes = size_t{1} << 20;
// No block is longer: one request of the longest kind fits.
inline constexpr size_t kBlockBytesMax = size_t{1} << 30;
// No value that was left out is longer: what clients may send (proto-max-bulk-len at its highest).
inline constexpr size_t kValueBytesMax = size_t{1} << 30;
// A segment has at least as much room for ticks as its checkpoint takes.
inline constexpr size_t kTicksPerCheckpointByte = 1;

}  // namespace quorate::recording
