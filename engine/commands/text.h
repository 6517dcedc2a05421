// SPDX-License-Identifier: Apache-2.0
// Comparing and reading the words of a request: ASCII alone, no locale.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "engine/base/codec.h"

namespace quorate::commands {

[[nodiscard]] constexpr char LowerOf(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// True if `text` is `word` in any case. `word` is in lower case.
[[nodiscard]] constexpr bool IsWord(std::string_view text, std::string_view word) {
  if (text.size() != word.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (LowerOf(text[i]) != word[i]) return false;
  }
  return true;
}

[[nodiscard]] Bytes LowerCase(std::string_view text);
[[nodiscard]] Bytes UpperCase(std::string_view text);
[[nodiscard]] Bytes Concat(std::initializer_list<std::string_view> parts);
[[nodiscard]] Bytes ToDecimal(int64_t value);
// Decimal digits alone, with nothing before, between or after them.
[[nodiscard]] std::optional<uint64_t> ParseUnsigned(std::string_view text);

}  // namespace quorate::commands
