// SPDX-License-Identifier: Apache-2.0
// Bounds of the admin server.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace quorate::io {

inline constexpr size_t kHttpRequestBytesMax = 8192;  // request line and headers; a body is refused
inline constexpr size_t kHttpHeadersMax = 64;
inline constexpr size_t kHttpConnectionsMax = 64;
inline constexpr Duration kHttpTimeout = 10s;  // for the whole exchange on a connection
// Input that is read and thrown away behind an answer.
inline constexpr size_t kHttpDrainedBytesMax = size_t{1} << 20;
inline constexpr int kHttpBacklog = 64;

}  // namespace quorate::io
