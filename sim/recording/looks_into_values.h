// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace quorate::sim {

// Whether the effects of a command depend on more of a value than its length and digest: what
// follows it may differ where a recording has left values out.
[[nodiscard]] bool LooksIntoValues(std::string_view command);

}  // namespace quorate::sim
