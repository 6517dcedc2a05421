// SPDX-License-Identifier: Apache-2.0
// CONFIG: settings by name.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

void HandleConfigGet(ConnectionContext& context);
void HandleConfigSet(ConnectionContext& context);
void HandleConfigResetStat(ConnectionContext& context);
void HandleConfigRewrite(ConnectionContext& context);
void HandleConfigHelp(ConnectionContext& context);

}  // namespace quorate::commands
