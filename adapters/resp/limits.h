// SPDX-License-Identifier: Apache-2.0
// Every limit of the Redis protocol adapter. Those marked [Redis] are visible to clients and equal
// Redis 7's; the others bound memory.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::resp {

// [Redis] An inline request and a line that holds a count may have this many bytes before their
// end.
inline constexpr size_t kLineBytesMax = 64 * 1024;
// [Redis] Arguments of one request.
inline constexpr int64_t kArgumentsMax = 0x7fffffff;
// [Redis] Before authentication.
inline constexpr int64_t kUnauthenticatedArgumentsMax = 10;
inline constexpr size_t kUnauthenticatedBulkBytesMax = 16 * 1024;
// One request with all its arguments, each counted with kArgumentBytes on top of its own, since
// that is what keeping track of it costs. [Redis] closes at the same size
// (client-query-buffer-limit).
inline constexpr size_t kRequestBytesMax = size_t{1} << 30;
inline constexpr size_t kArgumentBytes = 32;
// Positions kept for the next request; a request with more gives the memory back.
inline constexpr size_t kArgumentsKept = 1024;

// The input block of a session, what it keeps of it between requests, and the least free space that
// is worth a read before a new block is made.
inline constexpr size_t kInputBlockBytes = 16 * 1024;
inline constexpr size_t kInputBytesKept = 64 * 1024;
inline constexpr size_t kInputReadBytesMin = 4 * 1024;
// A bulk string announced with at most this length gets its whole buffer at once; for a longer one
// the buffer doubles as bytes arrive, so that an announcement alone costs nothing.
inline constexpr size_t kBulkReserveBytesMax = 64 * 1024 * 1024;
// Input handed over and kept for the tick; above it the session reads again after the tick.
inline constexpr size_t kTickInputBytesMax = 4 * 1024 * 1024;

// Requests handed over and not yet answered.
inline constexpr uint64_t kOutstandingRequestsMax = 4096;
// Replies not yet written to the connection: above it no further request is handed over. The
// replies to those outstanding still come, so this is the point of back-pressure, not a ceiling.
inline constexpr size_t kOutputBytesMax = 1024 * 1024;
// Output and side buffers larger than this are given back once empty.
inline constexpr size_t kOutputBytesKept = 64 * 1024;

// What the client side accepts of a reply.
inline constexpr size_t kReplyBytesMax = size_t{1} << 30;
inline constexpr size_t kReplyDepthMax = 32;
inline constexpr size_t kReplyElementsMax = size_t{1} << 22;

static_assert(kUnauthenticatedBulkBytesMax < kRequestBytesMax);
static_assert(kInputReadBytesMin <= kInputBlockBytes && kInputBlockBytes <= kInputBytesKept);
static_assert(kLineBytesMax < kTickInputBytesMax, "an inline request must fit");

}  // namespace quorate::resp
