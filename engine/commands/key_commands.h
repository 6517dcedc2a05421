// SPDX-License-Identifier: Apache-2.0
// The commands about a key of any type. DEL, UNLINK, EXISTS and TOUCH are split: one key each.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteDel(KeyContext& context);
void ExecuteExists(KeyContext& context);
void ExecuteType(KeyContext& context);

}  // namespace quorate::commands
