// SPDX-License-Identifier: Apache-2.0
// The bounds of this folder.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::io {

// Where the kernel cannot reserve space, zeros are written in pieces of this size.
inline constexpr size_t kZeroFillBytes = size_t{1} << 20;
// The version and lock files hold a line or two.
inline constexpr size_t kSmallFileBytesMax = 4096;

}  // namespace quorate::io
