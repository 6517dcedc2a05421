// SPDX-License-Identifier: Apache-2.0
// OBJECT and MEMORY: how a key is held. The forms are quorate's own; what is told is the form of
// Redis that would hold the same, for tools that ask.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void ExecuteObjectEncoding(KeyContext& context);
void ExecuteObjectRefCount(KeyContext& context);
void ExecuteObjectIdleTime(KeyContext& context);
void ExecuteObjectFreq(KeyContext& context);
void HandleObjectHelp(ConnectionContext& context);
void ExecuteMemoryUsage(KeyContext& context);
void HandleMemoryHelp(ConnectionContext& context);

}  // namespace quorate::commands
