// SPDX-License-Identifier: Apache-2.0
// The limits of a shard.
#pragma once

#include <cstddef>

#include "engine/base/time.h"

namespace quorate::node {

// A backup is restored by a clock at most this far behind the highest stamp that the backup has
// reserved: stamps follow the clocks of peers within their skew.
inline constexpr int64_t kRestoreClockSlackMs = 60'000;

// So many pieces of stored rows are asked for at a time, so that storage is not idle while one is
// loaded.
inline constexpr size_t kLoadsAtOnce = 2;

// A full disk is tried again after this time.
inline constexpr Duration kCommitRetry = 500ms;

// Each time this interval has passed some keys are taken whose deadline has passed: so many, or
// this part of all that have one.
inline constexpr Duration kExpiryInterval = 100ms;
inline constexpr size_t kExpiryBudget = 2000;
inline constexpr size_t kExpiryRoundSteps = 100;
// The same in pools of several replicas, where a deletion is an operation at level ALL.
inline constexpr Duration kReapInterval = 5s;
// So many passed keys are looked at for each deletion that may begin: most are other replicas'
// turn.
inline constexpr size_t kExpiryLooksAReap = 8;
// The wall may jump: passed deadlines are looked for at least this often where there are any.
inline constexpr int64_t kSweepWaitMaxMs = 10'000;

// Requests are executed in groups of this many, so that the memory of all is on its way while the
// first is executed.
inline constexpr size_t kPrefetchGroup = 16;

// Clocks of peers that the own one is compared with: a median needs no more, and costs the same in
// a cluster of any size.
inline constexpr size_t kClocksCompared = 31;
// How often the own clock is judged: it does not leave its peers faster, and medians cost time.
inline constexpr Duration kClockInterval = 1s;
// A peer not measured for this long is compared no longer.
inline constexpr Duration kClockMeasureLife = 10s;
// A ping that is not answered for this long is sent again.
inline constexpr Duration kClockPingTimeout = 5s;
// A peer that let a request time out is asked last for this long, or until it is heard from.
inline constexpr Duration kSuspicion = 1s;
// The parts of a request's time that the first, second and later replicas get to execute a
// forwarded command.
inline constexpr int kForwardAttempts = 4;

// Requests of peers that a replica remembers before it takes more memory for them, a power of two.
inline constexpr size_t kTakenInitial = 8;

// A message older than this beyond its own expiry is nobody's any more: clocks of members are never
// so far apart.
inline constexpr int64_t kMessageLifeMs = 60'000;
// Keys that one SCAN, KEYS or FLUSHALL step looks at before it lets others go on.
inline constexpr size_t kScanCountMax = 10'000;
inline constexpr size_t kKeyspaceStepKeys = 4096;

}  // namespace quorate::node
