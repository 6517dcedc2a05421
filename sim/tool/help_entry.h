// SPDX-License-Identifier: Apache-2.0
// What the help says of one command.
#pragma once

#include <string_view>

namespace quorate::sim {

// The lines of `help` from "quorate-sim COMMAND" to where the next command begins, or what is said
// of them all; empty where there are none. A part of `help`.
[[nodiscard]] std::string_view HelpEntry(std::string_view help, std::string_view command);

}  // namespace quorate::sim
