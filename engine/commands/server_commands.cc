// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/server_commands.h"

#include <algorithm>
#include <array>

#include "engine/commands/errors.h"
#include "engine/commands/help.h"
#include "engine/commands/server.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

constexpr std::array<InfoSectionName, 13> kInfoSections = {{
    {"server", "Server", true},
    {"clients", "Clients", true},
    {"memory", "Memory", true},
    {"persistence", "Persistence", true},
    {"stats", "Stats", true},
    {"replication", "Replication", true},
    {"cpu", "CPU", true},
    {"modules", "Modules", true},
    {"commandstats", "Commandstats", false},
    {"errorstats", "Errorstats", true},
    {"cluster", "Cluster", true},
    {"keyspace", "Keyspace", true},
    {"quorate", "Quorate", true},
}};

bool IsWanted(const InfoSectionName& section, Arguments wanted) {
  if (wanted.empty()) return section.in_default;
  return std::any_of(wanted.begin(), wanted.end(), [&section](std::string_view name) {
    return IsWord(name, section.name) || IsWord(name, "all") || IsWord(name, "everything") ||
           (section.in_default && IsWord(name, "default"));
  });
}

constexpr int64_t kMsPerSecond = 1000;
constexpr int64_t kMicrosecondsPerMs = 1000;

}  // namespace

std::span<const InfoSectionName> InfoSections() { return kInfoSections; }

void HandleInfo(ConnectionContext& context) {
  const Arguments wanted = context.args.subspan(1);
  Bytes text;
  for (const InfoSectionName& section : kInfoSections) {
    if (!IsWanted(section, wanted)) continue;
    if (!text.empty()) text.append("\r\n");
    text.append(Concat({"# ", section.title, "\r\n"}));
    for (const std::string& field : context.server.InfoSection(section.name)) {
      text.append(field).append("\r\n");
    }
  }
  context.reply.Verbatim(text);
}

void HandleTime(ConnectionContext& context) {
  const int64_t ms = context.server.clocks().wall.ms;
  context.reply.Array(2);
  context.reply.Bulk(ToDecimal(ms / kMsPerSecond));
  context.reply.Bulk(ToDecimal(ms % kMsPerSecond * kMicrosecondsPerMs));
}

void HandleDebug(ConnectionContext& context) {
  context.reply.Error(
      "ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you "
      "can run it from a local connection, otherwise you need to set this option in the "
      "configuration file, and then restart the server.");
}

void HandleFunctionFlush(ConnectionContext& context) {
  const Arguments options = context.args.subspan(2);
  const bool known =
      options.empty() ||
      (options.size() == 1 && (IsWord(options[0], "sync") || IsWord(options[0], "async")));
  if (!known) {
    return context.reply.Error("ERR FUNCTION FLUSH only supports SYNC|ASYNC option");
  }
  context.reply.Simple("OK");
}

void HandleSlowlogGet(ConnectionContext& context) {
  if (context.args.size() > 3) {
    return context.reply.Error(WrongArityError({.name = "slowlog|get"}));
  }
  if (context.args.size() == 3) {
    const auto count = keyspace::ParseInteger(context.args[2]);
    if (!count.has_value() || *count < -1) {
      return context.reply.Error("ERR count should be greater than or equal to -1");
    }
  }
  context.reply.Array(0);
}

void HandleSlowlogLen(ConnectionContext& context) { context.reply.Integer(0); }
void HandleSlowlogReset(ConnectionContext& context) { context.reply.Simple("OK"); }
void HandleSlowlogHelp(ConnectionContext& context) { ReplyHelp("slowlog", context.reply); }

}  // namespace quorate::commands
