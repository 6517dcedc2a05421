// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace quorate::commands {

// CRC-64 in Jones's polynomial, reflected, from 0: what ends the payload of DUMP.
[[nodiscard]] uint64_t PayloadChecksum(std::string_view bytes);

}  // namespace quorate::commands
