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
// A state that is longer than a block may be goes out in blocks of this size.
inline constexpr size_t kStateBlockBytes = size_t{1} << 20;
// No block is longer: one request of the longest kind fits.
inline constexpr size_t kBlockBytesMax = size_t{1} << 30;
// No value that was left out is longer: what clients may send (proto-max-bulk-len at its highest).
inline constexpr size_t kValueBytesMax = size_t{1} << 30;
// A segment has at least as much room for ticks as its checkpoint takes.
inline constexpr size_t kTicksPerCheckpointByte = 1;

// A checkpoint is written in pieces, one a tick, and none is larger: a millisecond or two.
inline constexpr size_t kPieceObjectsMax = 1024;
inline constexpr size_t kPieceBytesMax = size_t{256} << 10;
// It keeps ahead of the ticks by so much, and goes on by so much in any case.
inline constexpr size_t kPieceBytesPerTickByte = 2;
inline constexpr size_t kPieceBytesMin = size_t{4} << 10;
// A shard at rest ticks so often while a checkpoint is under way.
inline constexpr Duration kPieceInterval = 1ms;
// Of a segment this part is kept free for the tick that fills it, or the next one would begin
// behind a gap.
inline constexpr size_t kSegmentSlackPart = 16;

}  // namespace quorate::recording
