// SPDX-License-Identifier: Apache-2.0
// What one command may use at most.
#pragma once

#include <cstddef>
#include <cstdint>

namespace quorate::commands {

// The table of LCS: 4 bytes for every pair of positions.
inline constexpr size_t kLcsTableBytesMax = size_t{64} << 20;
// Draws of HRANDFIELD with a negative count, which may repeat fields.
inline constexpr uint64_t kRandomDrawsMax = uint64_t{1} << 20;
// Steps of one glob match; what needs more does not match. Only patterns with many stars come near.
inline constexpr size_t kGlobStepsMax = size_t{1} << 20;
// A name or library name that a client gives itself.
inline constexpr size_t kClientNameBytesMax = 1024;

}  // namespace quorate::commands
