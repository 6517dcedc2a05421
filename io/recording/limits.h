// SPDX-License-Identifier: Apache-2.0
// Limits of recordings on their way to the disk.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::io {

// Blocks of ticks that wait for the disk; beyond that the recording has a gap.
inline constexpr size_t kRecordQueueBytesMax = size_t{16} << 20;
// Blocks that were written and wait to be filled again, so that none is new memory.
inline constexpr size_t kRecordSpareBlocks = 4;
// A recording has two segments of half its size. Where three are kept for a while, the first of a
// life has this part of it at least.
inline constexpr uint64_t kFirstSegmentPart = 8;
inline constexpr uint64_t kRecordBytesMin = uint64_t{1} << 20;
inline constexpr uint64_t kRecordBytesDefault = uint64_t{1} << 30;

}  // namespace quorate::io
