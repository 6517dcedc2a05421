// SPDX-License-Identifier: Apache-2.0
#include "sim/client/walk_source.h"

#include <gtest/gtest.h>

#include <string>

#include "sim/client/limits.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;

const Reply kError{ReplyKind::kError, "NOQUORUM", 0, {}};
const Reply kSomething{ReplyKind::kArray, {}, 0, {}};

Reply Step(std::string cursor) {
  return {ReplyKind::kArray, {}, 0, {{ReplyKind::kBulk, std::move(cursor), 0, {}}, kSomething}};
}

// What client 0 asks next.
std::vector<Bytes> Ask(WalkSource& source) { return source.Next(0, 0)->command; }
void Answer(WalkSource& source, const Reply* reply) {
  source.Finished(0, *source.Next(0, 0), reply);
}

TEST(WalkSource, ScansFromEndToEndThenAsksForKeysAndTheirCount) {
  WalkSource source(1, {0});
  EXPECT_EQ(Ask(source)[0], "SCAN");
  EXPECT_EQ(Ask(source)[1], "0");
  const Reply on = Step("77");
  Answer(source, &on);
  EXPECT_EQ(Ask(source)[1], "77");
  const Reply end = Step("0");
  Answer(source, &end);
  EXPECT_EQ(Ask(source), (std::vector<Bytes>{"KEYS", "*"}));
  Answer(source, &kSomething);
  EXPECT_EQ(Ask(source), std::vector<Bytes>{"DBSIZE"});
  EXPECT_FALSE(source.done());
  Answer(source, &kSomething);
  EXPECT_TRUE(source.done());
  EXPECT_FALSE(source.Next(0, 0));
  EXPECT_FALSE(source.Next(1, 0));  // walks not
}

TEST(WalkSource, BeginsAnewWhereAStepFailedAndGivesUpAtLast) {
  WalkSource source(1, {0});
  const Reply on = Step("77");
  Answer(source, &on);
  Answer(source, &kError);
  EXPECT_EQ(Ask(source)[1], "0");
  for (uint32_t i = 1; i < kWalkAttemptsMax; ++i) {
    EXPECT_FALSE(source.given_up());
    Answer(source, nullptr);
  }
  EXPECT_EQ(source.given_up(), "SCAN: no answer");
}

TEST(WalkSource, WalkersTakeStepsOfTheirOwnSize) {
  WalkSource source(1, {0, 1});
  EXPECT_NE(source.Next(0, 0)->command[3], source.Next(1, 0)->command[3]);
}

}  // namespace
}  // namespace quorate::sim
