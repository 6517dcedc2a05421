// SPDX-License-Identifier: Apache-2.0
#include "sim/page/content.h"

#include <array>

namespace quorate::sim {

std::string_view NameOf(PageVerdict verdict) {
  constexpr std::array<std::string_view, 4> kNames = {"open", "ok", "error", "unknown"};
  return kNames[static_cast<size_t>(verdict)];
}

}  // namespace quorate::sim
