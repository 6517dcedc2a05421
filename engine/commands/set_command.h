// SPDX-License-Identifier: Apache-2.0
// SET and the commands that are a SET with another face. MSET is split: each of its keys is a SET.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteSet(KeyContext& context);
void ExecuteSetNx(KeyContext& context);
void ExecuteSetEx(KeyContext& context);
void ExecutePSetEx(KeyContext& context);
void ExecuteGetSet(KeyContext& context);
void ExecuteMSetNx(KeyContext& context);  // of one key, known to be absent

}  // namespace quorate::commands
