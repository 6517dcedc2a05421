// SPDX-License-Identifier: Apache-2.0
// The bounds and habits of simulated clients.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace quorate::sim {

inline constexpr uint32_t kPipelineMax = 16;
// After a lost connection or a refusal a client waits this long.
inline constexpr Duration kReconnectMin = 10ms;
inline constexpr Duration kReconnectMax = 250ms;
// A connection is given up for another after this many batches.
inline constexpr uint64_t kBatchesPerConnectionMin = 20;
inline constexpr uint64_t kBatchesPerConnectionMax = 400;
// Keys of one command over several.
inline constexpr uint32_t kKeysPerCommandMax = 4;
// A client keeps to one of its lone keys for so many operations of all kinds.
inline constexpr uint64_t kLoneKeyOperations = 128;
// A key of the sweep is tried so often before it is given up.
inline constexpr uint32_t kSweepAttemptsMax = 40;
// A walk over all keys takes steps of at most this many, and begins so often.
inline constexpr uint64_t kScanCountMax = 50;
inline constexpr uint32_t kWalkAttemptsMax = 40;
// A probe for which a quorum is left is tried so often.
inline constexpr uint32_t kProbeAttemptsMax = 40;

}  // namespace quorate::sim
