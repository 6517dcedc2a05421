// SPDX-License-Identifier: Apache-2.0
// The limits of a dynamo coordinator.
#pragma once

#include <cstddef>

#include "engine/base/time.h"

namespace quorate::dynamo {

// An operation that waits for replicas asks those that have not answered again after this time,
// then after twice as long, and so on: a lost message costs one interval, a dead replica few
// messages.
inline constexpr Duration kResendInterval = 100ms;
inline constexpr int kResendDoublingsMax = 4;
// Where a fault point wants it sooner.
inline constexpr Duration kResendSoon = 1ms;

// Replicas of one key, over all data centres.
inline constexpr size_t kReplicasMax = 64;

}  // namespace quorate::dynamo
