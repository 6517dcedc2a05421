// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/debuggee.h"

#include <charconv>

namespace quorate::sim {

std::optional<uint64_t> ParseWhole(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace quorate::sim
