// SPDX-License-Identifier: Apache-2.0
// Strings as rows of bits, the highest bit of the first byte first.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteSetBit(KeyContext& context);
void ExecuteGetBit(KeyContext& context);
void ExecuteBitCount(KeyContext& context);
void ExecuteBitPos(KeyContext& context);
// BITOP reads each source, and then writes what it made of them.
void StepBitOp(StepContext& context);

// A position in a string of at most `string_bytes_max` bytes. Nothing where it is none.
[[nodiscard]] std::optional<uint64_t> ParseBitOffset(std::string_view text,
                                                     size_t string_bytes_max);
inline constexpr std::string_view kBadBitOffset =
    "ERR bit offset is not an integer or out of range";

}  // namespace quorate::commands
