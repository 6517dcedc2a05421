// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/command_commands.h"

#include <vector>

#include "engine/commands/bitfield.h"
#include "engine/commands/command_reply.h"
#include "engine/commands/errors.h"
#include "engine/commands/glob.h"
#include "engine/commands/help.h"
#include "engine/commands/key_positions.h"
#include "engine/commands/set_options.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

constexpr size_t kFirstName = 2;
constexpr size_t kFirstSetOption = 3;

bool HasCategory(const Command& command, std::string_view category) {
  const Bytes padded = Concat({" ", command.categories, " "});
  return padded.find(Concat({" ", LowerCase(category), " "})) != Bytes::npos;
}

// What happens to the key in this call, where the row says that it varies: SET reads only with GET,
// BITFIELD may do nothing else.
uint32_t KeyFlagsOf(const Command& command, Arguments args) {
  if ((command.key_flags & kKeyVariable) == 0) return command.key_flags;
  if (command.execute == ExecuteBitField) {
    return BitFieldOnlyReads(args) ? kKeyRead | kKeyAccess : command.key_flags & ~kKeyVariable;
  }
  const auto options = ParseSetOptions(args.subspan(kFirstSetOption));
  if (options.has_value() && options->get) return command.key_flags & ~kKeyVariable;
  return kKeyOverwrite | kKeyUpdate;
}

// The keys of a full command, written by `write` one by one; an error where there are none.
template <typename Write>
void ReplyKeys(ConnectionContext& context, Write&& write) {
  const Arguments args = context.args.subspan(kFirstName);
  Bytes error;
  const Command* command = FindCommand(args.front());
  if (command != nullptr && command->subcommand_count > 0 && args.size() > 1) {
    command = FindSubcommand(*command, args[1]);
  }
  if (command == nullptr) return context.reply.Error("ERR Invalid command specified");
  if (command->first_key == 0) {
    return context.reply.Error("ERR The command has no key arguments");
  }
  if (!ArityFits(*command, args.size())) {
    return context.reply.Error("ERR Invalid number of arguments specified for command");
  }
  const KeyPositions keys = KeysOf(*command, args.size());
  context.reply.Array(keys.count());
  for (size_t i = 0; i < keys.count(); ++i) write(*command, args[keys[i]]);
}

void ReplyNames(const std::vector<const Command*>& commands, ReplySink& reply) {
  reply.Set(commands.size());
  for (const Command* command : commands) reply.Bulk(command->name);
}

// The commands, and subcommands too, that `keep` holds for.
template <typename Keep>
std::vector<const Command*> Select(Keep&& keep) {
  std::vector<const Command*> selected;
  for (const Command& command : AllCommands()) {
    if (keep(command)) selected.push_back(&command);
    for (size_t i = 0; i < command.subcommand_count; ++i) {
      if (keep(command.subcommands[i])) selected.push_back(&command.subcommands[i]);
    }
  }
  return selected;
}

}  // namespace

void HandleCommand(ConnectionContext& context) {
  context.reply.Array(AllCommands().size());
  for (const Command& command : AllCommands()) ReplyInfo(command, context.reply);
}

void HandleCommandCount(ConnectionContext& context) {
  context.reply.Integer(static_cast<int64_t>(AllCommands().size()));
}

void HandleCommandList(ConnectionContext& context) {
  const Arguments filter = context.args.subspan(kFirstName);
  if (filter.empty()) return ReplyNames(Select([](const Command&) { return true; }), context.reply);
  if (filter.size() != 3 || !IsWord(filter[0], "filterby")) {
    return context.reply.Error(errors::kSyntax);
  }
  const std::string_view value = filter[2];
  if (IsWord(filter[1], "module")) return ReplyNames({}, context.reply);
  if (IsWord(filter[1], "aclcat")) {
    return ReplyNames(
        Select([value](const Command& command) { return HasCategory(command, value); }),
        context.reply);
  }
  if (!IsWord(filter[1], "pattern")) return context.reply.Error(errors::kSyntax);
  ReplyNames(
      Select([value](const Command& command) { return GlobMatches(value, command.name, true); }),
      context.reply);
}

void HandleCommandInfo(ConnectionContext& context) {
  const Arguments names = context.args.subspan(kFirstName);
  if (names.empty()) return HandleCommand(context);
  context.reply.Array(names.size());
  for (const std::string_view name : names) {
    const Command* command = FindFullName(name);
    if (command == nullptr) {
      context.reply.NullArray();
    } else {
      ReplyInfo(*command, context.reply);
    }
  }
}

void HandleCommandDocs(ConnectionContext& context) {
  std::vector<const Command*> commands;
  for (const std::string_view name : context.args.subspan(kFirstName)) {
    const Command* command = FindFullName(name);
    if (command != nullptr) commands.push_back(command);
  }
  if (context.args.size() == kFirstName) {
    for (const Command& command : AllCommands()) commands.push_back(&command);
  }
  context.reply.Map(commands.size());
  for (const Command* command : commands) ReplyDocs(*command, context.reply);
}

void HandleCommandGetKeys(ConnectionContext& context) {
  ReplyKeys(context, [&context](const Command&, std::string_view key) { context.reply.Bulk(key); });
}

void HandleCommandGetKeysAndFlags(ConnectionContext& context) {
  const Arguments args = context.args.subspan(kFirstName);
  ReplyKeys(context, [&](const Command& command, std::string_view key) {
    context.reply.Array(2);
    context.reply.Bulk(key);
    ReplyKeyFlags(KeyFlagsOf(command, args), context.reply);
  });
}

void HandleCommandHelp(ConnectionContext& context) { ReplyHelp("command", context.reply); }

}  // namespace quorate::commands
