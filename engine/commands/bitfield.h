// SPDX-License-Identifier: Apache-2.0
// BITFIELD and BITFIELD_RO: integers of any width at any bit of a string.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteBitField(KeyContext& context);
void ExecuteBitFieldRo(KeyContext& context);

// Whether the call writes nothing. False too where it is malformed.
[[nodiscard]] bool BitFieldOnlyReads(Arguments args);

}  // namespace quorate::commands
