// SPDX-License-Identifier: Apache-2.0
// The bounds of this folder, and the defaults of what an operator may change.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"
#include "io/net/limits.h"

namespace quorate::io {

inline constexpr uint16_t kShardsMax = 256;
// Messages waiting for one shard from its siblings; above it the sender drops, as a network may.
inline constexpr size_t kSiblingMessagesMax = 65536;
// Tasks (in-process calls, statistics, reloads) waiting for one shard.
inline constexpr size_t kTasksMax = 65536;
// In-process calls in flight.
inline constexpr size_t kCallsMax = 4096;
// Bytes of commits handed to the storage thread by one shard and not yet done; above it the shard
// reads no client until they are fewer, so a slow disk slows the writers down.
inline constexpr size_t kStorageBacklogBytesMax = size_t{128} << 20;
// What one group commit takes at most before it is synced.
inline constexpr size_t kGroupBytesMax = size_t{16} << 20;
// Commits of durability `periodic` are synced at most this much later.
inline constexpr Duration kSyncInterval = 100ms;
// How long the upkeep beside commits rests before it looks again whether they left work behind.
inline constexpr Duration kMaintainInterval = 10ms;
// How long the storage thread leaves a backend that failed to maintain itself alone.
inline constexpr Duration kMaintainRetryDelay = 100ms;
// The destructor's patience with an orderly end.
inline constexpr Duration kDestructorStopTime = 5s;
// At the orderly end clients have this long to take their last replies.
inline constexpr Duration kLastRepliesTime = 500ms;
// How often Stop looks whether the shards are done, and Wait whether one failed.
inline constexpr Duration kStopPollInterval = 1ms;
inline constexpr Duration kHealthInterval = 100ms;
// A sleep is never longer, so that a deadline that was computed wrongly delays but does not hang.
inline constexpr Duration kSleepMax = 10s;

}  // namespace quorate::io
