// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/config_commands.h"

#include "engine/commands/errors.h"
#include "engine/commands/help.h"
#include "engine/commands/server.h"

namespace quorate::commands {

void HandleConfigGet(ConnectionContext& context) {
  const auto found = context.server.config().Get(context.args.subspan(2));
  context.reply.Map(found.size());
  for (const auto& [name, value] : found) {
    context.reply.Bulk(name);
    context.reply.Bulk(value);
  }
}

void HandleConfigSet(ConnectionContext& context) {
  const Arguments pairs = context.args.subspan(2);
  if (pairs.size() % 2 != 0) return context.reply.Error(errors::kSyntax);
  std::vector<ConfigChange> changes;
  for (size_t i = 0; i < pairs.size(); i += 2) {
    changes.push_back({std::string(pairs[i]), std::string(pairs[i + 1])});
  }
  const absl::Status status = context.server.ConfigSet(changes);
  if (!status.ok()) return context.reply.Error(MessageOf(status));
  context.reply.Simple("OK");
}

void HandleConfigResetStat(ConnectionContext& context) {
  context.server.ConfigResetStatistics();
  context.reply.Simple("OK");
}

void HandleConfigRewrite(ConnectionContext& context) {
  context.reply.Error("ERR The server is running without a config file");
}

void HandleConfigHelp(ConnectionContext& context) { ReplyHelp("config", context.reply); }

}  // namespace quorate::commands
