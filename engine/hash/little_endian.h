// SPDX-License-Identifier: Apache-2.0
// Words read from bytes in little-endian order, on any machine and at any alignment.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace quorate::hash {

template <typename Word>
[[nodiscard]] inline Word LoadLittle(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) {
    Word swapped = 0;
    for (size_t i = 0; i < sizeof word; ++i) {
      swapped = static_cast<Word>(swapped << 8 | (word & 0xff));
      word = static_cast<Word>(word >> 8);
    }
    return swapped;
  } else {
    return word;
  }
}

}  // namespace quorate::hash
