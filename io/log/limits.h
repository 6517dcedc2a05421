// SPDX-License-Identifier: Apache-2.0
// Bounds of the log.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace quorate::io {

inline constexpr size_t kLogTextBytesMax = 4096;  // of one event; the rest is cut off
// Of one kind of message, in one period. More are counted and reported as one line.
inline constexpr uint64_t kLogBurst = 20;
inline constexpr Duration kLogPeriod = 10s;
inline constexpr size_t kLogKindsMax = 1024;
inline constexpr size_t kLogKindBytesMax = 48;

}  // namespace quorate::io
