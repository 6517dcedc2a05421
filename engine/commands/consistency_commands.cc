// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/consistency_commands.h"

#include "engine/commands/client.h"
#include "engine/commands/errors.h"
#include "engine/commands/server.h"
#include "engine/commands/text.h"

namespace quorate::commands {

using topology::Consistency;
using topology::ConsistencyOverride;
using topology::ParseConsistency;

namespace {

absl::Status UnknownLevel(std::string_view text) {
  Bytes levels;
  for (int i = 0; i < topology::kConsistencyLevels; ++i) {
    if (i > 0) levels.append(", ");
    levels.append(topology::NameOf(static_cast<Consistency>(i)));
  }
  return InvalidArgument(
      Concat({"ERR unknown consistency level '", text, "', the levels are: ", levels}));
}

// Takes what stands between CONSISTENCY and THEN, or the end.
absl::StatusOr<ConsistencyOverride> ParseLevels(Arguments words) {
  ConsistencyOverride levels;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool read = IsWord(words[i], "read");
    const bool write = IsWord(words[i], "write");
    if ((read || write) && ++i == words.size()) return InvalidArgument(errors::kSyntax);
    const auto level = ParseConsistency(words[i]);
    if (!level.has_value()) return UnknownLevel(words[i]);
    if (!write) levels.read = level;
    if (!read) levels.write = level;
  }
  return levels;
}

void ReplyLevels(ConnectionContext& context) {
  const ConsistencyOverride& levels = context.client.state.consistency;
  context.reply.Map(2);
  context.reply.Bulk("read");
  context.reply.Bulk(topology::NameOf(levels.read.value_or(context.server.read_consistency())));
  context.reply.Bulk("write");
  context.reply.Bulk(topology::NameOf(levels.write.value_or(context.server.write_consistency())));
}

}  // namespace

absl::StatusOr<ConsistencyPrefix> ParseConsistencyPrefix(Arguments args) {
  size_t then = 1;
  while (then < args.size() && !IsWord(args[then], "then")) ++then;
  if (then == args.size()) return ConsistencyPrefix{};
  if (then == 1 || then + 1 == args.size()) return InvalidArgument(errors::kSyntax);
  QUORATE_ASSIGN_OR_RETURN(const ConsistencyOverride levels,
                           ParseLevels(args.subspan(1, then - 1)));
  return ConsistencyPrefix{levels, then + 1};
}

void HandleConsistency(ConnectionContext& context) {
  ConsistencyOverride& held = context.client.state.consistency;
  const Arguments words = context.args.subspan(1);
  if (words.empty()) return ReplyLevels(context);
  if (words.size() == 1 && IsWord(words.front(), "default")) {
    held = {};
    return context.reply.Simple("OK");
  }
  const auto levels = ParseLevels(words);
  if (!levels.ok()) return context.reply.Error(MessageOf(levels.status()));
  if (levels->read.has_value()) held.read = levels->read;
  if (levels->write.has_value()) held.write = levels->write;
  context.reply.Simple("OK");
}

void HandleDynoConsistency(ConnectionContext& context) {
  const auto level = ParseConsistency(context.args[1]);
  if (!level.has_value()) return context.reply.Error(MessageOf(UnknownLevel(context.args[1])));
  context.client.state.consistency = {level, level};
  context.reply.Simple("OK");
}

}  // namespace quorate::commands
