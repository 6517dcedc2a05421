// SPDX-License-Identifier: Apache-2.0
// Patterns as KEYS, SCAN and CONFIG GET take them: * ? [a-z] [^a] and \ before a character to be
// taken as it is. Bytes, not characters. Backtracks to the last star alone, so the time is at most
// the product of the lengths.
#pragma once

#include <string_view>

namespace quorate::commands {

[[nodiscard]] bool GlobMatches(std::string_view pattern, std::string_view text,
                               bool ignore_case = false);

}  // namespace quorate::commands
