// SPDX-License-Identifier: Apache-2.0
// HELP of the commands that have subcommands, made from their rows.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

// Requires: `container` names a row with subcommands.
void ReplyHelp(std::string_view container, ReplySink& reply);

}  // namespace quorate::commands
