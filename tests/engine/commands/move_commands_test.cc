// SPDX-License-Identifier: Apache-2.0
// The steps of RENAME and COPY where other clients come between them.
#include "engine/commands/move_commands.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/commands/reply.h"

namespace quorate::commands {
namespace {

constexpr int64_t kNoKey = -2;

Bytes BulkTape(std::string_view value) {
  ReplyTape tape;
  tape.Bulk(value);
  return tape.Take();
}
Bytes IntegerTape(int64_t value) {
  ReplyTape tape;
  tape.Integer(value);
  return tape.Take();
}
Bytes ErrorTapeFor(std::string_view text) {
  ReplyTape tape;
  tape.Error(text);
  return tape.Take();
}

// What the second step makes of the answers to DUMP and PEXPIRETIME.
struct SecondStep {
  SecondStep(StepHandler step, const std::vector<std::string_view>& args,
             std::vector<Bytes> tapes) {
    Bytes memory;
    StepContext context{args, 1, tapes, memory, next, reply};
    step(context);
  }
  std::vector<std::vector<Bytes>> next;
  ReplyTape reply;
};

// DUMP saw it and PEXPIRETIME did not: it was deleted in between.
TEST(MoveCommands, ASourceThatVanishesBetweenTheReadsIsMissing) {
  const std::vector<Bytes> tapes = {BulkTape("dumped"), IntegerTape(kNoKey)};
  SecondStep rename(StepRename, {"RENAME", "a", "b"}, tapes);
  EXPECT_TRUE(rename.next.empty());
  EXPECT_EQ(rename.reply.Take(), ErrorTapeFor("ERR no such key"));
  SecondStep rename_nx(StepRenameNx, {"RENAMENX", "a", "b"}, tapes);
  EXPECT_EQ(rename_nx.reply.Take(), ErrorTapeFor("ERR no such key"));
  SecondStep copy(StepCopy, {"COPY", "a", "b", "REPLACE"}, tapes);
  EXPECT_TRUE(copy.next.empty());
  EXPECT_EQ(copy.reply.Take(), IntegerTape(0));
}

TEST(MoveCommands, WhatIsThereIsRestoredWithItsDeadline) {
  using Request = std::vector<Bytes>;
  SecondStep forever(StepRename, {"RENAME", "a", "b"}, {BulkTape("dumped"), IntegerTape(-1)});
  ASSERT_EQ(forever.next.size(), 1u);
  EXPECT_EQ(forever.next.front(), (Request{"restore", "b", "0", "dumped", "absttl", "replace"}));
  SecondStep until(StepRenameNx, {"RENAMENX", "a", "b"}, {BulkTape("dumped"), IntegerTape(77)});
  ASSERT_EQ(until.next.size(), 1u);
  EXPECT_EQ(until.next.front(), (Request{"restore", "b", "77", "dumped", "absttl"}));
}

}  // namespace
}  // namespace quorate::commands
