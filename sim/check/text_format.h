// SPDX-License-Identifier: Apache-2.0
// The own format of histories: one operation a line, in any order. The README defines it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "sim/check/history.h"

namespace quorate::sim::check {

// The first line: the name of the format and its version.
inline constexpr std::string_view kTextHeader = "quorate-history 1";

// One line behind the first. InvalidArgument names it. O(length).
absl::Status ParseTextLine(uint32_t line, std::string_view text, History& history);

// The whole file. Parsed again it gives the same operations in the same order.
[[nodiscard]] std::string EncodeText(const History& history);
void AppendTextLine(const History& history, const Operation& operation, std::string& out);

}  // namespace quorate::sim::check
