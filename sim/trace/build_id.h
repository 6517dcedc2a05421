// SPDX-License-Identifier: Apache-2.0
// Which sources a run was made by. Equal sources give equal runs, whatever compiled them; so the id
// is a digest of engine, adapters and sim, not of a binary.
#pragma once

#include <string>
#include <string_view>

namespace quorate::sim {

// 16 hexadecimal digits.
[[nodiscard]] std::string_view BuildId();
// For people: "g++ 12.2.0".
[[nodiscard]] std::string CompilerName();

}  // namespace quorate::sim
