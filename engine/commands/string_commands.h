// SPDX-License-Identifier: Apache-2.0
// The commands that read strings or change a part of one.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteGet(KeyContext& context);
void ExecuteMGet(KeyContext& context);  // of one key: another type counts as nothing
void ExecuteGetDel(KeyContext& context);
void ExecuteGetEx(KeyContext& context);
void ExecuteStrLen(KeyContext& context);
void ExecuteGetRange(KeyContext& context);
void ExecuteAppend(KeyContext& context);
void ExecuteSetRange(KeyContext& context);

}  // namespace quorate::commands
