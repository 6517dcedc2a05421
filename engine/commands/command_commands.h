// SPDX-License-Identifier: Apache-2.0
// COMMAND: the table, told to clients.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void HandleCommand(ConnectionContext& context);
void HandleCommandCount(ConnectionContext& context);
void HandleCommandList(ConnectionContext& context);
void HandleCommandInfo(ConnectionContext& context);
void HandleCommandDocs(ConnectionContext& context);
void HandleCommandGetKeys(ConnectionContext& context);
void HandleCommandGetKeysAndFlags(ConnectionContext& context);
void HandleCommandHelp(ConnectionContext& context);

}  // namespace quorate::commands
