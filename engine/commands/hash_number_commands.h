// SPDX-License-Identifier: Apache-2.0
// Numbers in fields of a hash: as number_commands.h, with the field as the register.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteHIncrBy(KeyContext& context);
void ExecuteHIncrByFloat(KeyContext& context);

}  // namespace quorate::commands
