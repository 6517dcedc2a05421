// SPDX-License-Identifier: Apache-2.0
// How the process takes its memory. A world of many nodes is a few hundred MiB that are touched at
// random, in small pieces that come and go: much of its time would go into finding pages of 4 KiB
// and into an allocator that is made for threads. So small objects come from free lists by size, in
// large pages; nothing is given back before the process ends.
//
// No address ever reaches a result, so a run is the same with and without it.
#pragma once

#include "sim/core/memory_part.h"

namespace quorate::sim {

// Once, before anything else. Leaves everything to the C library where the environment gives it
// orders of its own: a run whose memory is filled on purpose must see that in every object.
void PrepareMemory(const char* const* environment);

// What small objects and large ones have taken, by part. All 0 where another allocator serves.
[[nodiscard]] MemoryMeter& ProgramMemory();

}  // namespace quorate::sim
