// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/key_commands.h"

#include "engine/commands/scan_options.h"

namespace quorate::commands {

void ExecuteDel(KeyContext& context) {
  const bool exists = context.object.exists();
  if (exists) keyspace::CellWriter(context.mutation).Tombstone(context.stamp);
  const bool counts = exists || QUORATE_PLANTED(context.planted, kCountMissing);
  context.reply.Integer(counts ? 1 : 0);
}

void ExecuteExists(KeyContext& context) { context.reply.Integer(context.object.exists() ? 1 : 0); }

void ExecuteType(KeyContext& context) { context.reply.Simple(NameOf(context.object.type())); }

}  // namespace quorate::commands
