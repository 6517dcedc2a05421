// SPDX-License-Identifier: Apache-2.0
// Registers by hand, accepted or refused where one order is promised.
#include "sim/oracle/linearizable.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/oracle/register_builder.h"

namespace quorate::sim {
namespace {

using ::testing::HasSubstr;

TEST(Linearizable, AcceptsWhatHasAnOrder) {
  const Linearizability result = CheckLinearizable(RegisterBuilder()
                                                       .Write("a", 1, 10)
                                                       .Write("b", 2, 9)
                                                       .Read("b", 3, 4)
                                                       .Read("a", 11, 12)
                                                       .Delete(13, 14)
                                                       .Read(std::nullopt, 15, 16)
                                                       .entry());
  EXPECT_EQ(result.judgement, OrderJudgement::kJudged);
  EXPECT_FALSE(result.failure.has_value());
}

TEST(Linearizable, RefusesReadsThatSeeTwoOrders) {
  // Each read alone is fine for a quorum of replicas with an unfinished write.
  const Linearizability result = CheckLinearizable(RegisterBuilder()
                                                       .Write("a", 1, 2)
                                                       .Write("b", 3, 50)
                                                       .Read("b", 10, 11)
                                                       .Read("a", 12, 13)
                                                       .entry());
  ASSERT_TRUE(result.failure.has_value());
  EXPECT_EQ(result.failure->kind, FailureKind::kWrongReply);
  EXPECT_EQ(result.failure->oracle, "linearizable");
  EXPECT_THAT(result.failure->seen, HasSubstr("read \"a\""));
}

TEST(Linearizable, RefusesADeletedValueThatIsBack) {
  EXPECT_TRUE(
      CheckLinearizable(RegisterBuilder().Write("a", 1, 2).Delete(3, 4).Read("a", 5, 6).entry())
          .failure.has_value());
}

TEST(Linearizable, LeavesOutWhatWasRefusedAndLetsTheUnknownHappenLate) {
  EXPECT_TRUE(
      CheckLinearizable(RegisterBuilder().Write("a", 1, 2).Refused().Read("a", 3, 4).entry())
          .failure.has_value());
  EXPECT_FALSE(CheckLinearizable(RegisterBuilder()
                                     .Write("a", 1, 2)
                                     .Unknown()
                                     .Read(std::nullopt, 3, 4)
                                     .Read("a", 5, 6)
                                     .entry())
                   .failure.has_value());
}

TEST(Linearizable, ADeadlineMayDeleteLater) {
  EXPECT_FALSE(CheckLinearizable(RegisterBuilder()
                                     .Write("a", 1, 2)
                                     .Deadline(3, 4)
                                     .Read("a", 5, 6)
                                     .Read(std::nullopt, 50, 51)
                                     .entry())
                   .failure.has_value());
}

TEST(Linearizable, SaysThatItDoesNotJudgeIncrements) {
  const Linearizability result =
      CheckLinearizable(RegisterBuilder().Add(1, 1, 2, 1).Read("1", 3, 4).entry());
  EXPECT_EQ(result.judgement, OrderJudgement::kIncrements);
}

}  // namespace
}  // namespace quorate::sim
