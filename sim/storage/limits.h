// SPDX-License-Identifier: Apache-2.0
// The bounds and units of simulated storage.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace quorate::sim {

// Places of a disk that one fault damages.
inline constexpr uint64_t kDamagedPlacesMax = 3;

// Requests that become durable with one sync.
inline constexpr size_t kGroupRequestsMax = 1024;
// What was not synced at once is synced this long after.
inline constexpr Duration kPeriodicSync = 100ms;

// Journal and dirty set of the embedded backend, small enough that a short run goes through many
// segments and rounds.
inline constexpr uint64_t kSimSegmentBytes = uint64_t{64} << 10;
inline constexpr uint64_t kSimJournalBytes = uint64_t{1} << 20;
inline constexpr uint64_t kSimDirtyBytes = uint64_t{512} << 10;
inline constexpr uint64_t kSimPageCacheBytes = uint64_t{256} << 10;
inline constexpr uint64_t kSimSweepRows = 64;

}  // namespace quorate::sim
