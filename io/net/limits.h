// SPDX-License-Identifier: Apache-2.0
// The bounds of this folder.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"
#include "engine/wire/frame.h"

namespace quorate::io {

// Read from one connection in one tick; what is left waits for the next, so that one busy client
// does not delay the others.
inline constexpr size_t kReadBytesPerTick = size_t{256} << 10;
inline constexpr size_t kReadBytesMin = size_t{16} << 10;
// Connections accepted from one listener in one tick.
inline constexpr int kAcceptsPerTickMax = 128;
inline constexpr int kListenBacklog = 511;
// The kernel takes no longer interval of TCP keep-alive.
inline constexpr int64_t kKeepAliveSecondsMax = 32767;
// How long a listener rests when the process has no descriptor left.
inline constexpr Duration kAcceptRetryDelay = 100ms;
// Descriptors kept for files, links and listeners when clients are counted against the process
// limit.
inline constexpr size_t kDescriptorsReserved = 128;
// Idle connections give their buffers back after this long; also the step of the idle timeout.
inline constexpr Duration kSweepInterval = 1s;
// Read and write buffers that a stream or link keeps when empty.
inline constexpr size_t kBufferBytesKept = size_t{64} << 10;

// Links. What is queued for a peer beyond this is dropped; a single message may exceed it alone.
inline constexpr size_t kLinkBytesMax = size_t{64} << 20;
// Messages of one tick are cut into frames of about this size, so that memory for encoding is
// bounded.
inline constexpr size_t kFrameBytesAim = size_t{4} << 20;
inline constexpr Duration kConnectTimeout = 2s;
inline constexpr Duration kBackoffMin = 10ms;
inline constexpr Duration kBackoffMax = 1s;
// Unsent or unacknowledged bytes this old end a link (TCP_USER_TIMEOUT).
inline constexpr Duration kLinkSilenceMax = 10s;
// A peer that connects must have shown a whole valid frame within this time.
inline constexpr Duration kFirstFrameTimeout = 10s;
// Connections accepted from peers: every shard of every peer makes one.
inline constexpr size_t kPeerConnectionsMax = 16384;

static_assert(kReadBytesMin <= kReadBytesPerTick);
static_assert(kFrameBytesAim <= kLinkBytesMax && kLinkBytesMax < wire::kFrameBytesMax);

}  // namespace quorate::io
