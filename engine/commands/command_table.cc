// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <functional>

#include "engine/base/check.h"
#include "engine/commands/bit_rows.h"
#include "engine/commands/command.h"
#include "engine/commands/connection_rows.h"
#include "engine/commands/hash_rows.h"
#include "engine/commands/key_rows.h"
#include "engine/commands/move_rows.h"
#include "engine/commands/server_rows.h"
#include "engine/commands/string_rows.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

constexpr size_t kRows = kStringRows.size() + kBitRows.size() + kHashRows.size() + kKeyRows.size() +
                         kMoveRows.size() + kConnectionRows.size() + kServerRows.size();

constexpr std::array<Command, kRows> SortedRows() {
  std::array<Command, kRows> rows;
  auto out = std::copy(kStringRows.begin(), kStringRows.end(), rows.begin());
  out = std::copy(kBitRows.begin(), kBitRows.end(), out);
  out = std::copy(kHashRows.begin(), kHashRows.end(), out);
  out = std::copy(kKeyRows.begin(), kKeyRows.end(), out);
  out = std::copy(kMoveRows.begin(), kMoveRows.end(), out);
  out = std::copy(kConnectionRows.begin(), kConnectionRows.end(), out);
  std::copy(kServerRows.begin(), kServerRows.end(), out);
  std::sort(rows.begin(), rows.end(),
            [](const Command& a, const Command& b) { return a.name < b.name; });
  return rows;
}
constexpr std::array<Command, kRows> kTable = SortedRows();

// The index is an open-addressed table on the length and the four outer characters of a name:
// enough to tell nearly all commands apart, and quick to compute. Setting bit 5 makes letters lower
// case; what it does to other characters it does on both sides.
constexpr size_t kIndexBits = 9;
constexpr size_t kIndexSlots = size_t{1} << kIndexBits;
constexpr size_t kShortestName = 2;
constexpr uint8_t kFree = 0xff;
static_assert(kRows < kFree && kRows * 3 < kIndexSlots, "the index has room to spare");

constexpr size_t IndexSlot(std::string_view name) {
  const auto at = [name](size_t i) { return uint64_t{static_cast<uint8_t>(name[i] | 0x20)}; };
  const size_t size = name.size();
  const uint64_t outer =
      at(0) | at(1) << 8 | at(size - 2) << 16 | at(size - 1) << 24 | uint64_t{size} << 32;
  return static_cast<size_t>(outer * 0x9e3779b97f4a7c15 >> (64 - kIndexBits));
}

constexpr std::array<uint8_t, kIndexSlots> BuildIndex() {
  std::array<uint8_t, kIndexSlots> index{};
  index.fill(kFree);
  for (size_t row = 0; row < kRows; ++row) {
    size_t slot = IndexSlot(kTable[row].name);
    while (index[slot] != kFree) slot = (slot + 1) % kIndexSlots;
    index[slot] = static_cast<uint8_t>(row);
  }
  return index;
}
constexpr std::array<uint8_t, kIndexSlots> kIndex = BuildIndex();

// The rows of subcommands are numbered behind those of the table, in its order.
constexpr std::array<size_t, kRows + 1> NumberSubcommands() {
  std::array<size_t, kRows + 1> first{};
  first[0] = kRows;
  for (size_t row = 0; row < kRows; ++row)
    first[row + 1] = first[row] + kTable[row].subcommand_count;
  return first;
}
constexpr std::array<size_t, kRows + 1> kFirstSubcommand = NumberSubcommands();

// MSET takes pairs.
bool HasWholeGroups(const Command& command, size_t arguments) {
  if (command.key_step <= 1) return true;
  return (arguments - static_cast<size_t>(command.first_key)) %
             static_cast<size_t>(command.key_step) ==
         0;
}

constexpr size_t kShownBytes = 128;  // of a name, and of all arguments together, in an error

std::string_view Shown(std::string_view text, size_t limit) {
  return text.substr(0, std::min(limit, text.find('\0')));
}

}  // namespace

const Command* FindCommand(std::string_view name) {
  if (name.size() < kShortestName) return nullptr;
  for (size_t slot = IndexSlot(name); kIndex[slot] != kFree; slot = (slot + 1) % kIndexSlots) {
    const Command& row = kTable[kIndex[slot]];
    if (IsWord(name, row.name)) return &row;
  }
  return nullptr;
}

const Command* FindSubcommand(const Command& container, std::string_view name) {
  for (size_t i = 0; i < container.subcommand_count; ++i) {
    const Command& row = container.subcommands[i];
    if (IsWord(name, row.name.substr(container.name.size() + 1))) return &row;
  }
  return nullptr;
}

std::span<const Command> AllCommands() { return kTable; }

const Command* NamedCommand(Arguments args) {
  const Command* command = FindCommand(args.front());
  if (command == nullptr || command->subcommand_count == 0 || args.size() == 1) return command;
  return FindSubcommand(*command, args[1]);
}

size_t RowOf(const Command& command) {
  const std::less<const Command*> before;
  if (!before(&command, kTable.data()) && before(&command, kTable.data() + kRows)) {
    return static_cast<size_t>(&command - kTable.data());
  }
  const Command* container = FindCommand(command.name.substr(0, command.name.find('|')));
  QUORATE_CHECK(container != nullptr);
  return kFirstSubcommand[RowOf(*container)] +
         static_cast<size_t>(&command - container->subcommands);
}

size_t CommandRows() { return kFirstSubcommand[kRows]; }

const Command* CommandOf(size_t row) {
  if (row < kRows) return &kTable[row];
  for (size_t i = 0; i < kRows; ++i) {
    if (row < kFirstSubcommand[i + 1]) return kTable[i].subcommands + (row - kFirstSubcommand[i]);
  }
  return nullptr;
}

bool ArityFits(const Command& command, size_t arguments) {
  const auto given = static_cast<int64_t>(arguments);
  if (command.arity >= 0) return given == command.arity;
  return given >= -command.arity && HasWholeGroups(command, arguments);
}

Bytes UnknownCommandError(Arguments args) {
  Bytes shown;
  for (size_t i = 1; i < args.size() && shown.size() < kShownBytes; ++i) {
    const std::string_view argument = Shown(args[i], kShownBytes - shown.size());
    shown.append("'").append(argument).append("' ");
  }
  return Concat({"ERR unknown command '", Shown(args.front(), kShownBytes),
                 "', with args beginning with: ", shown});
}

Bytes WrongArityError(const Command& command) {
  return Concat({"ERR wrong number of arguments for '", command.name, "' command"});
}

Bytes UnknownSubcommandError(Arguments args) {
  return Concat({"ERR unknown subcommand '", Shown(args[1], kShownBytes), "'. Try ",
                 UpperCase(args.front()), " HELP."});
}

const Command* ResolveCommand(Arguments args, Bytes& error) {
  const Command* command = FindCommand(args.front());
  if (command == nullptr) {
    error = UnknownCommandError(args);
    return nullptr;
  }
  if (command->subcommand_count > 0 && args.size() > 1) {
    command = FindSubcommand(*command, args[1]);
    if (command == nullptr) {
      error = UnknownSubcommandError(args);
      return nullptr;
    }
  }
  if (ArityFits(*command, args.size())) return command;
  error = WrongArityError(*command);
  return nullptr;
}

}  // namespace quorate::commands
