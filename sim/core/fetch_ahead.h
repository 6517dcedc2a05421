// SPDX-License-Identifier: Apache-2.0
// Asks for memory before it is needed. A world of a thousand nodes does not fit the caches, and an
// event that waits for each of its lines in turn mostly waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "absl/container/inlined_vector.h"
#include "engine/base/footprint.h"

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

// A footprint in little memory, which lies where it is needed: a word for each run of lines, its
// address and, in the bits that are free there, how many they are.
class FetchList {
 public:
  FetchList() = default;
  explicit FetchList(const Footprint& footprint);
  void Fetch() const {
    for (const uintptr_t run : runs_) {
      const char* const line = reinterpret_cast<const char*>(run & ~kCountMask);
      for (size_t i = 0; i < (run & kCountMask); ++i) __builtin_prefetch(line + i * kCacheLine);
    }
  }

 private:
  static constexpr uintptr_t kCountMask = kCacheLine - 1;
  static constexpr size_t kRunsUsual = 12;
  absl::InlinedVector<uintptr_t, kRunsUsual> runs_;
};

}  // namespace quorate::sim
