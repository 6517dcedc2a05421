// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/float_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "engine/base/check.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

constexpr int kFractionDigits = 17;
// The largest value has 4933 digits before the point.
constexpr size_t kTextBytesMax = 5 * 1024;

bool IsHexDigit(char c) {
  return (c >= '0' && c <= '9') || (LowerOf(c) >= 'a' && LowerOf(c) <= 'f');
}

// A number without a sign.
std::optional<long double> ParseMagnitude(std::string_view text) {
  // Infinity is not left to from_chars: for it libstdc++ 12 reads behind the end of the text.
  if (IsWord(text, "inf") || IsWord(text, "infinity")) {
    return std::numeric_limits<long double>::infinity();
  }
  const bool hexadecimal = text.size() > 2 && IsWord(text.substr(0, 2), "0x");
  if (hexadecimal) text.remove_prefix(2);
  if (text.empty() || text.size() >= kTextBytesMax) return std::nullopt;
  const char first = text.front();
  const bool digit = hexadecimal ? IsHexDigit(first) : first >= '0' && first <= '9';
  if (!digit && first != '.') return std::nullopt;
  long double value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(
      text.data(), last, value, hexadecimal ? std::chars_format::hex : std::chars_format::general);
  if (error != std::errc() || end != last) return std::nullopt;
  return value;
}

}  // namespace

std::optional<long double> ParseFloat(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  const auto magnitude = ParseMagnitude(text);
  if (!magnitude.has_value()) return std::nullopt;
  return negative ? -*magnitude : *magnitude;
}

Bytes FormatFloat(long double value) {
  std::array<char, kTextBytesMax> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                          std::chars_format::fixed, kFractionDigits);
  QUORATE_CHECK(error == std::errc());
  Bytes text(buffer.data(), end);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

bool IsFinite(long double value) { return std::isfinite(value); }

}  // namespace quorate::commands
