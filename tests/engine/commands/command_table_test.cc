// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "engine/commands/command.h"
#include "engine/commands/key_positions.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

// Commands and subcommands that can be called.
std::vector<const Command*> CallableRows() {
  std::vector<const Command*> rows;
  for (const Command& command : AllCommands()) {
    for (size_t i = 0; i < command.subcommand_count; ++i) rows.push_back(&command.subcommands[i]);
    if (command.subcommand_count == 0 || command.arity == -1) rows.push_back(&command);
  }
  return rows;
}

std::string AnyCase(std::string_view name, uint64_t bits) {
  std::string mixed(name);
  for (size_t i = 0; i < mixed.size(); ++i) {
    if ((bits >> (i % 64) & 1) != 0 && mixed[i] >= 'a' && mixed[i] <= 'z') mixed[i] -= 32;
  }
  return mixed;
}

TEST(CommandTable, IsSortedByName) {
  const auto rows = AllCommands();
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(),
                             [](const Command& a, const Command& b) { return a.name < b.name; }));
  EXPECT_GE(rows.size(), 70u);
}

RC_GTEST_PROP(CommandTable, FindsEveryNameInAnyCase, (uint64_t bits)) {
  for (const Command& command : AllCommands()) {
    RC_ASSERT(FindCommand(AnyCase(command.name, bits)) == &command);
    for (size_t i = 0; i < command.subcommand_count; ++i) {
      const Command& row = command.subcommands[i];
      const std::string name = AnyCase(row.name.substr(command.name.size() + 1), bits);
      RC_ASSERT(FindSubcommand(command, name) == &row);
    }
  }
}

RC_GTEST_PROP(CommandTable, FindsNothingElse, (const std::string& name)) {
  const auto rows = AllCommands();
  const bool known = std::any_of(rows.begin(), rows.end(), [&name](const Command& command) {
    return LowerCase(name) == command.name;
  });
  RC_ASSERT((FindCommand(name) != nullptr) == known);
}

TEST(CommandTable, EveryRowHasANumberOfItsOwn) {
  std::set<size_t> numbers;
  size_t rows = 0;
  for (const Command& command : AllCommands()) {
    ++rows;
    numbers.insert(RowOf(command));
    for (size_t i = 0; i < command.subcommand_count; ++i, ++rows) {
      numbers.insert(RowOf(command.subcommands[i]));
    }
  }
  EXPECT_EQ(numbers.size(), rows);
  EXPECT_EQ(*numbers.rbegin() + 1, CommandRows());
  EXPECT_EQ(rows, CommandRows());
}

TEST(CommandTable, ANameIsKnownWhateverTheNumberOfArguments) {
  const std::string_view get[] = {"GET"};
  const std::string_view encoding[] = {"object", "encoding"};
  const std::string_view nothing[] = {"object", "nothing"};
  EXPECT_EQ(NamedCommand(get), FindCommand("get"));
  EXPECT_EQ(NamedCommand(encoding)->name, "object|encoding");
  EXPECT_EQ(NamedCommand(nothing), nullptr);
}

TEST(CommandTable, NearMissesAreNoCommands) {
  for (const char* name :
       {"", "g", "ge", "gett", "get ", "GET\r", "g\x65\x54\x01", "[et", "client|id"}) {
    EXPECT_EQ(FindCommand(name), nullptr) << name;
  }
  // Setting bit 5 would take '\x05' for '%', and '@' for '`'.
  EXPECT_EQ(FindCommand(std::string("\x47\x45\x14", 3)), nullptr);
}

TEST(CommandTable, EveryRowCanBeCalledAndIsDocumented) {
  for (const Command* row : CallableRows()) {
    SCOPED_TRACE(row->name);
    EXPECT_NE(row->arity, 0);
    EXPECT_FALSE(row->summary.empty());
    EXPECT_FALSE(row->since.empty());
    EXPECT_FALSE(row->group.empty());
    EXPECT_FALSE(row->complexity.empty());
    EXPECT_FALSE(row->categories.empty());
    const bool keyspace = row->kind == Class::kKeyspace;
    const bool steps = row->split == Split::kSteps;
    const bool joins = row->split == Split::kJoin;
    EXPECT_EQ(row->execute != nullptr, row->first_key != 0 && !steps && !joins);
    EXPECT_EQ(row->step != nullptr, steps);
    EXPECT_EQ(row->join != nullptr, joins);
    EXPECT_EQ(row->handle != nullptr, row->first_key == 0 && !keyspace);
  }
}

TEST(CommandTable, ClassesAgreeWithFlags) {
  for (const Command* row : CallableRows()) {
    SCOPED_TRACE(row->name);
    const bool writes = row->kind == Class::kMergeableWrite ||
                        row->kind == Class::kReadModifyWrite || row->kind == Class::kNeedsOneOrder;
    if (row->first_key != 0) {
      EXPECT_EQ((row->flags & kWrite) != 0, writes);
      EXPECT_EQ((row->flags & kReadonly) != 0, row->kind == Class::kRead);
      EXPECT_NE(row->key_flags, 0u);
    }
    if (row->kind == Class::kRead) {
      EXPECT_NE(row->reads, Reads::kNothing);
      EXPECT_TRUE(row->idempotent);
    }
    EXPECT_EQ(row->kind == Class::kMergeableWrite,
              row->first_key != 0 && row->reads == Reads::kNothing);
    const bool several = row->last_key != row->first_key;
    EXPECT_EQ(row->split != Split::kNone, several);
  }
}

Bytes ResolveError(const std::vector<std::string_view>& args) {
  Bytes error;
  EXPECT_EQ(ResolveCommand(args, error), nullptr);
  return error;
}

TEST(CommandTable, ResolvesSubcommandsToTheirRows) {
  Bytes error;
  const std::vector<std::string_view> args = {"OBJECT", "Encoding", "k"};
  const Command* row = ResolveCommand(args, error);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->name, "object|encoding");
  EXPECT_EQ(KeysOf(*row, args.size())[0], 2u);
}

TEST(CommandTable, ErrorsCutLongNamesAndArguments) {
  const std::string name(300, 'n');
  const std::string argument(200, 'a');
  EXPECT_EQ(ResolveError({name, argument, "b"}), "ERR unknown command '" + std::string(128, 'n') +
                                                     "', with args beginning with: '" +
                                                     std::string(128, 'a') + "' ");
}

TEST(CommandTable, PairsMustBeWhole) {
  EXPECT_EQ(ResolveError({"mset", "a", "1", "b"}),
            "ERR wrong number of arguments for 'mset' command");
}

TEST(KeyPositions, FollowTheRow) {
  const auto keys = [](std::string_view name, size_t arguments) {
    const KeyPositions found = KeysOf(*FindCommand(name), arguments);
    std::vector<size_t> positions;
    for (size_t i = 0; i < found.count(); ++i) positions.push_back(found[i]);
    return positions;
  };
  using Positions = std::vector<size_t>;
  EXPECT_EQ(keys("get", 2), Positions({1}));
  EXPECT_EQ(keys("set", 7), Positions({1}));
  EXPECT_EQ(keys("mget", 4), Positions({1, 2, 3}));
  EXPECT_EQ(keys("mset", 7), Positions({1, 3, 5}));
  EXPECT_EQ(keys("lcs", 5), Positions({1, 2}));
  EXPECT_EQ(keys("ping", 2), Positions());
  EXPECT_EQ(keys("scan", 4), Positions());
}

TEST(KeyPositions, APartHoldsOneKeyAndWhatBelongsToIt) {
  const std::vector<std::string_view> args = {"MSET", "a", "1", "b", "2"};
  std::vector<std::string_view> part;
  const Command& mset = *FindCommand("mset");
  PartOf(mset, args, KeysOf(mset, args.size()), 1, part);
  EXPECT_EQ(part, (std::vector<std::string_view>{"MSET", "b", "2"}));
  EXPECT_EQ(&PartCommandOf(mset), &mset);
}

// Whoever executes a part checks it as a whole command.
TEST(KeyPositions, APartIsACommandThatEveryNodeTakes) {
  for (const Command* row : CallableRows()) {
    if (row->split == Split::kNone || row->split == Split::kSteps) continue;
    SCOPED_TRACE(row->name);
    std::vector<std::string_view> args(row->key_step == 2 ? 5 : 4, "word");
    args[0] = row->name;
    const KeyPositions keys = KeysOf(*row, args.size());
    for (size_t i = 0; i < keys.count(); ++i) {
      std::vector<std::string_view> part;
      PartOf(*row, args, keys, i, part);
      Bytes error;
      const Command* resolved = ResolveCommand(part, error);
      ASSERT_EQ(resolved, &PartCommandOf(*row)) << error;
      EXPECT_NE(resolved->execute, nullptr);
    }
  }
}

TEST(KeyPositions, APartOfAJoinedCommandIsAGet) {
  const std::vector<std::string_view> args = {"LCS", "a", "b", "IDX"};
  std::vector<std::string_view> part;
  const Command& lcs = *FindCommand("lcs");
  PartOf(lcs, args, KeysOf(lcs, args.size()), 1, part);
  EXPECT_EQ(part, (std::vector<std::string_view>{"get", "b"}));
}

std::string_view NameOf(Class kind) {
  switch (kind) {
    case Class::kConnection:
      return "connection";
    case Class::kRead:
      return "read";
    case Class::kMergeableWrite:
      return "mergeable write";
    case Class::kReadModifyWrite:
      return "read-modify-write";
    case Class::kNeedsOneOrder:
      return "needs one order";
    case Class::kKeyspace:
      return "keyspace";
  }
  return "";
}

std::string_view NameOf(Reads reads) {
  switch (reads) {
    case Reads::kNothing:
      return "nothing";
    case Reads::kCells:
      return "cells";
    case Reads::kObject:
      return "object";
  }
  return "";
}

std::string_view NameOf(Split split) {
  switch (split) {
    case Split::kNone:
      return "";
    case Split::kArray:
      return "array";
    case Split::kSum:
      return "sum";
    case Split::kAllOk:
      return "all OK";
    case Split::kJoin:
      return "join";
    case Split::kUnlessHeld:
      return "unless held";
    case Split::kSteps:
      return "steps";
  }
  return "";
}

// One line of the table in the README of engine/commands.
std::string TableLine(const Command& row) {
  std::string name = UpperCase(row.name);
  std::replace(name.begin(), name.end(), '|', ' ');
  return Concat({"| `", name, "` | ", NameOf(row.kind), " | ", NameOf(row.reads), " | ",
                 NameOf(row.split), " | ", row.idempotent ? "yes" : "no", " |"});
}

TEST(CommandTable, ReadmeTellsWhatTheRowsSay) {
  std::ifstream file(QUORATE_SOURCE_DIR "/engine/commands/README.md");
  std::set<std::string> lines;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| `") && std::count(line.begin(), line.end(), '|') == 6) {
      lines.insert(line);
    }
  }
  std::set<std::string> expected;
  for (const Command* row : CallableRows()) {
    if (row->kind != Class::kConnection) expected.insert(TableLine(*row));
  }
  EXPECT_EQ(lines, expected);
}

}  // namespace
}  // namespace quorate::commands
