// SPDX-License-Identifier: Apache-2.0
// The bounds and units of the simulated disk.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::sim {

inline constexpr size_t kDiskSectorBytes = 512;  // the unit that is written whole or not at all
inline constexpr size_t kDiskPageBytes = 4096;   // the unit of memory
inline constexpr size_t kSectorsPerPage = kDiskPageBytes / kDiskSectorBytes;
static_assert(kSectorsPerPage == 8, "a page's sectors are the bits of one byte");

// Directory changes that may wait for a sync; the oldest then become durable by themselves, as a
// kernel's write-back would make them.
inline constexpr size_t kPendingEntriesMax = 256;

}  // namespace quorate::sim
