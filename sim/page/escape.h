// SPDX-License-Identifier: Apache-2.0
// Text that is to be read, not obeyed, wherever it stands in HTML.
#pragma once

#include <string>
#include <string_view>

namespace quorate::sim {

// Markup and quotes become entities, and what is no character a question mark.
[[nodiscard]] std::string EscapeHtml(std::string_view text);

}  // namespace quorate::sim
