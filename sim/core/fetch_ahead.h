// SPDX-License-Identifier: Apache-2.0
// Asks for memory before it is needed. A world of a thousand nodes does not fit the caches, and an
// event that waits for each of its lines in turn mostly waits.
#pragma once

#include <cstddef>
#include <span>

namespace quorate::sim {

inline constexpr size_t kCacheLine = 64;

inline void FetchAhead(std::span<const std::byte> memory) {
  const std::byte* const end = memory.data() + memory.size();
  for (const std::byte* at = memory.data(); at < end; at += kCacheLine) __builtin_prefetch(at);
}
template <typename T>
void FetchAhead(const T& object) {
  FetchAhead(std::as_bytes(std::span(&object, 1)));
}

}  // namespace quorate::sim
