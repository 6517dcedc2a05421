// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/text.h"

#include <charconv>

namespace quorate::commands {

Bytes LowerCase(std::string_view text) {
  Bytes lower(text);
  for (char& c : lower) c = LowerOf(c);
  return lower;
}

Bytes UpperCase(std::string_view text) {
  Bytes upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

Bytes Concat(std::initializer_list<std::string_view> parts) {
  Bytes out;
  for (const std::string_view part : parts) out.append(part);
  return out;
}

Bytes ToDecimal(int64_t value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  return {digits, end};
}

std::optional<uint64_t> ParseUnsigned(std::string_view text) {
  uint64_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (text.empty() || error != std::errc() || end != last) return std::nullopt;
  return value;
}

}  // namespace quorate::commands
