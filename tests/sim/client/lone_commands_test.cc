// SPDX-License-Identifier: Apache-2.0
#include "sim/client/lone_commands.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <string_view>
#include <vector>

#include "engine/commands/command.h"
#include "engine/commands/dump_payload.h"
#include "engine/commands/key_positions.h"

namespace quorate::sim {
namespace {

constexpr int kDraws = 5000;

std::vector<std::vector<Bytes>> Draws(LoneType usual) {
  Prng prng(1);
  std::vector<std::vector<Bytes>> commands;
  commands.reserve(kDraws);
  for (int i = 0; i < kDraws; ++i) commands.push_back(LoneCommand(prng, usual, "k", "value"));
  return commands;
}

TEST(LoneCommands, AreWellFormedAndOfOneKey) {
  for (const std::vector<Bytes>& words : Draws(LoneType::kString)) {
    const std::vector<std::string_view> args(words.begin(), words.end());
    Bytes error;
    const commands::Command* command = commands::ResolveCommand(args, error);
    ASSERT_NE(command, nullptr) << words.front() << ": " << error;
    const commands::KeyPositions keys = commands::KeysOf(*command, args.size());
    ASSERT_EQ(keys.count(), 1u) << words.front();
    EXPECT_EQ(args[keys[0]], "k") << words.front();
    EXPECT_TRUE(words.front() != "RESTORE" || commands::PayloadIsWhole(words[3]));
  }
}

// All that the table has of one key, but for what depends on chance, or says what another one says.
TEST(LoneCommands, AreAllThereAre) {
  std::map<Bytes, int> drawn;
  for (const std::vector<Bytes>& words : Draws(LoneType::kHash)) ++drawn[words.front()];
  const std::vector<std::string_view> left_out = {"mget",   "mset", "msetnx",   "bitop", "lcs",
                                                  "rename", "copy", "renamenx", "memory"};
  for (const commands::Command& command : commands::AllCommands()) {
    const bool skipped =
        std::find(left_out.begin(), left_out.end(), command.name) != left_out.end();
    if (command.first_key == 0 || skipped) continue;
    Bytes name(command.name);
    for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    EXPECT_GT(drawn[name], 0) << name;
  }
}

TEST(LoneCommands, MostlyFitTheType) {
  int hash = 0;
  for (const std::vector<Bytes>& words : Draws(LoneType::kHash)) hash += words[0][0] == 'H' ? 1 : 0;
  EXPECT_GT(hash, kDraws / 2);
  EXPECT_LT(hash, kDraws * 3 / 4);
}

}  // namespace
}  // namespace quorate::sim
