// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/help.h"

#include "engine/base/check.h"
#include "engine/commands/text.h"

namespace quorate::commands {

void ReplyHelp(std::string_view container, ReplySink& reply) {
  const Command* row = FindCommand(container);
  QUORATE_CHECK(row != nullptr && row->subcommand_count > 0);
  reply.Array(1 + 2 * row->subcommand_count);
  reply.Simple(
      Concat({UpperCase(container), " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"}));
  for (size_t i = 0; i < row->subcommand_count; ++i) {
    const Command& subcommand = row->subcommands[i];
    reply.Simple(UpperCase(subcommand.name.substr(container.size() + 1)));
    reply.Simple(Concat({"    ", subcommand.summary}));
  }
}

}  // namespace quorate::commands
