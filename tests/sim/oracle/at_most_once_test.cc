// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/at_most_once.h"

#include <gtest/gtest.h>

#include "sim/oracle/base_sums.h"
#include "sim/oracle/counter_bounds.h"
#include "tests/sim/oracle/register_builder.h"

namespace quorate::sim {
namespace {

std::optional<FailureKind> Judge(const RegisterBuilder& history) {
  const auto failure = CheckAtMostOnce(history.entry(), ThreeReplicas());
  if (!failure.has_value()) return std::nullopt;
  EXPECT_EQ(failure->oracle, "at_most_once");
  return failure->kind;
}

TEST(AtMostOnce, FindsAnIncrementThatCountedTwice) {
  EXPECT_EQ(Judge(RegisterBuilder().Add(1, 1, 2, 1).Sweep("1")), std::nullopt);
  EXPECT_EQ(Judge(RegisterBuilder().Add(1, 1, 2, 1).Sweep("2")), FailureKind::kExecutedTwice);
}

TEST(AtMostOnce, CountsAnUnknownIncrementOnceAtMost) {
  const auto history = [] { return RegisterBuilder().Add(1, 1, 2, 1).Add(1, 3, 4).Unknown(); };
  EXPECT_EQ(Judge(history().Sweep("1")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep("2")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep("3")), FailureKind::kExecutedTwice);
}

TEST(AtMostOnce, FindsARefusedIncrementThatCounts) {
  EXPECT_EQ(Judge(RegisterBuilder().Add(1, 1, 2, 1).Add(1, 3, 4).Refused().Sweep("2")),
            FailureKind::kExecutedTwice);
}

TEST(AtMostOnce, SeesItInAnAnswerOnTheWay) {
  EXPECT_EQ(Judge(RegisterBuilder().Add(1, 1, 2, 2)), FailureKind::kExecutedTwice);
  EXPECT_EQ(Judge(RegisterBuilder().Add(1, 1, 2, 1).Read("2", 3, 4).Add(1, 5, 6, 2)),
            FailureKind::kExecutedTwice);  // shown before it was asked for
  EXPECT_EQ(Judge(RegisterBuilder().Add(1, 1, 2, 1).Add(1, 3, 9, 2).Read("2", 4, 5)), std::nullopt);
}

TEST(AtMostOnce, LearnsNothingFromAReadThatWasNotAnswered) {
  const auto history = [] { return RegisterBuilder().Add(-2, 1, 2, -2).Read(std::nullopt, 3, 4); };
  EXPECT_EQ(Judge(history()), FailureKind::kExecutedTwice);
  EXPECT_EQ(Judge(history().Unknown()), std::nullopt);
}

TEST(AtMostOnce, JudgesNumbersThatWereAlsoSetByTheirEnd) {
  const auto history = [] { return RegisterBuilder().Write("5", 1, 2).Add(1, 3, 4, 6); };
  EXPECT_EQ(Judge(history().Sweep("6")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep("7")), FailureKind::kExecutedTwice);
  EXPECT_EQ(Judge(history().Sweep("5")), std::nullopt);  // lost: another's to say
}

TEST(AtMostOnce, HasNothingToSayOfRegistersWithoutIncrements) {
  EXPECT_EQ(Judge(RegisterBuilder().Write("5", 1, 2).Sweep("6")), std::nullopt);
}

TEST(CounterBounds, AgreeWithTheDefinition) {
  const RegisterBuilder history = RegisterBuilder()
                                      .Add(3, 1, 4, 3)
                                      .Add(-2, 2, 6, 1)
                                      .Add(10, 5, 9)
                                      .Unknown()
                                      .Add(7, 12, 20, 8)
                                      .Read("1", 7, 13);
  const Promises promises = ThreeReplicas();
  const CounterBounds bounds(history.entry(), promises);
  ASSERT_TRUE(bounds.apply());
  // Certain: 3 and -2. Possible: 10 and 7.
  const PossibleEnd::Bounds read = bounds.Of(history.entry().accesses.back());
  EXPECT_EQ(static_cast<int64_t>(read.low), 1);
  EXPECT_EQ(static_cast<int64_t>(read.high), 18);
  // The increment by 7 counts itself; 10 may.
  const PossibleEnd::Bounds own = bounds.Of(history.entry().accesses[3]);
  EXPECT_EQ(static_cast<int64_t>(own.low), 8);
  EXPECT_EQ(static_cast<int64_t>(own.high), 18);
}

}  // namespace
}  // namespace quorate::sim
