// SPDX-License-Identifier: Apache-2.0
// One row of the command table in the shapes that COMMAND INFO and COMMAND DOCS give it.
#pragma once

#include <string_view>

#include "engine/commands/command.h"

namespace quorate::commands {

void ReplyInfo(const Command& command, ReplySink& reply);
// The name and the documentation, as a map has them.
void ReplyDocs(const Command& command, ReplySink& reply);
// What happens to the command's keys, as a set of words.
void ReplyKeyFlags(uint32_t flags, ReplySink& reply);

// The row of "get" or "client|id", in any case; null where there is none.
[[nodiscard]] const Command* FindFullName(std::string_view name);

}  // namespace quorate::commands
