// SPDX-License-Identifier: Apache-2.0
// Named limits of traces.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::sim {

// Events of one block; each block is decoded on its own.
inline constexpr uint32_t kBlockEvents = 4096;
// No event takes more: a head, five varints of at most ten bytes, a check.
inline constexpr size_t kEventBytesMax = 1 + 5 * 10 + 1;
// Blocks that a writer keeps; the oldest go first. The ladder covers the whole run all the same.
inline constexpr size_t kKeptBytesMax = size_t{256} << 20;
// Operations that a writer keeps; a longer run is no regression to keep.
inline constexpr size_t kOperationsMax = 1'000'000;
// A trace file; FlatBuffers end at 2 GiB.
inline constexpr size_t kTraceBytesMax = size_t{1} << 30;
// A ladder's rungs; more events than that are sampled more coarsely.
inline constexpr size_t kRungsMax = size_t{1} << 20;
// Of what an event carried that much is shown.
inline constexpr size_t kNoteBytesMax = 100;
// Verified while a file is read.
inline constexpr int kVerifierDepth = 8;
inline constexpr uint32_t kVerifierTables = 8'000'000;

static_assert(kKeptBytesMax < kTraceBytesMax / 2);
static_assert(kVerifierTables > 2 * kOperationsMax);

}  // namespace quorate::sim
