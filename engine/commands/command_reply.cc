// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/command_reply.h"

#include <array>
#include <bit>
#include <vector>

#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

// In the order of the bits.
constexpr std::array<std::string_view, 10> kFlagNames = {
    "write",   "readonly", "denyoom", "admin",    "fast",
    "no_auth", "loading",  "stale",   "noscript", "allow_busy"};
constexpr std::array<std::string_view, 9> kKeyFlagNames = {
    "RW", "RO", "OW", "RM", "access", "update", "insert", "delete", "variable_flags"};
static_assert(kAllowBusy == 1u << (kFlagNames.size() - 1));
static_assert(kKeyVariable == 1u << (kKeyFlagNames.size() - 1));

void ReplyFlags(uint32_t flags, std::span<const std::string_view> names, ReplySink& reply) {
  reply.Set(static_cast<size_t>(std::popcount(flags)));
  for (size_t i = 0; i < names.size(); ++i) {
    if ((flags >> i & 1) != 0) reply.Simple(names[i]);
  }
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

void ReplyTextPair(std::string_view name, std::string_view value, ReplySink& reply) {
  reply.Bulk(name);
  reply.Bulk(value);
}

void ReplyNumberPair(std::string_view name, int64_t value, ReplySink& reply) {
  reply.Bulk(name);
  reply.Integer(value);
}

void ReplyKeySpecification(const Command& command, ReplySink& reply) {
  reply.Map(3);
  reply.Bulk("flags");
  ReplyKeyFlags(command.key_flags, reply);
  reply.Bulk("begin_search");
  reply.Map(2);
  ReplyTextPair("type", "index", reply);
  reply.Bulk("spec");
  reply.Map(1);
  ReplyNumberPair("index", command.first_key, reply);
  reply.Bulk("find_keys");
  reply.Map(2);
  ReplyTextPair("type", "range", reply);
  reply.Bulk("spec");
  reply.Map(3);
  // Counted from the first key, unless it is counted from the end.
  const int last = command.last_key < 0 ? command.last_key : command.last_key - command.first_key;
  ReplyNumberPair("lastkey", last, reply);
  ReplyNumberPair("keystep", command.key_step, reply);
  ReplyNumberPair("limit", 0, reply);
}

}  // namespace

void ReplyKeyFlags(uint32_t flags, ReplySink& reply) { ReplyFlags(flags, kKeyFlagNames, reply); }

void ReplyInfo(const Command& command, ReplySink& reply) {
  reply.Array(10);
  reply.Bulk(command.name);
  reply.Integer(command.arity);
  ReplyFlags(command.flags, kFlagNames, reply);
  reply.Integer(command.first_key);
  reply.Integer(command.last_key);
  reply.Integer(command.key_step);
  const auto categories = Words(command.categories);
  reply.Set(categories.size());
  for (const std::string_view category : categories) reply.Simple(Concat({"@", category}));
  const auto tips = Words(command.tips);
  reply.Set(tips.size());
  for (const std::string_view tip : tips) reply.Bulk(tip);
  reply.Set(command.first_key == 0 ? 0 : 1);
  if (command.first_key != 0) ReplyKeySpecification(command, reply);
  reply.Set(command.subcommand_count);
  for (size_t i = 0; i < command.subcommand_count; ++i) ReplyInfo(command.subcommands[i], reply);
}

void ReplyDocs(const Command& command, ReplySink& reply) {
  reply.Bulk(command.name);
  reply.Map(command.subcommand_count == 0 ? 4 : 5);
  ReplyTextPair("summary", command.summary, reply);
  ReplyTextPair("since", command.since, reply);
  ReplyTextPair("group", command.group, reply);
  ReplyTextPair("complexity", command.complexity, reply);
  if (command.subcommand_count == 0) return;
  reply.Bulk("subcommands");
  reply.Map(command.subcommand_count);
  for (size_t i = 0; i < command.subcommand_count; ++i) ReplyDocs(command.subcommands[i], reply);
}

const Command* FindFullName(std::string_view name) {
  const size_t bar = name.find('|');
  const Command* command = FindCommand(name.substr(0, bar));
  if (command == nullptr || bar == std::string_view::npos) return command;
  return FindSubcommand(*command, name.substr(bar + 1));
}

}  // namespace quorate::commands
