// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/acknowledged_writes.h"

#include <gtest/gtest.h>

#include "tests/sim/oracle/register_builder.h"

namespace quorate::sim {
namespace {

using topology::Consistency;

std::optional<FailureKind> Judge(const RegisterBuilder& history,
                                 env::Durability durability = env::Durability::kAlways) {
  const auto failure = CheckAcknowledgedWrites(history.entry(), ThreeReplicas(durability));
  if (!failure.has_value()) return std::nullopt;
  EXPECT_EQ(failure->oracle, "acknowledged_writes");
  EXPECT_FALSE(failure->promised.empty());
  EXPECT_FALSE(failure->seen.empty());
  EXPECT_GT(failure->event.value, 0u);
  return failure->kind;
}

TEST(AcknowledgedWrites, AcceptsTheLastWrite) {
  EXPECT_EQ(Judge(RegisterBuilder().Write("a", 1, 2).Write("b", 3, 4).Sweep("b")), std::nullopt);
}

TEST(AcknowledgedWrites, FindsALostWrite) {
  EXPECT_EQ(Judge(RegisterBuilder().Write("a", 1, 2).Write("b", 3, 4).Sweep("a")),
            FailureKind::kLostWrite);
  EXPECT_EQ(Judge(RegisterBuilder().Write("a", 1, 2).Sweep(std::nullopt)), FailureKind::kLostWrite);
}

TEST(AcknowledgedWrites, AcceptsEitherOfTwoThatOverlap) {
  const auto history = [] { return RegisterBuilder().Write("a", 1, 5).Write("b", 3, 7); };
  EXPECT_EQ(Judge(history().Sweep("a")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep("b")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep(std::nullopt)), FailureKind::kLostWrite);
}

TEST(AcknowledgedWrites, AcceptsAWriteThatOverlapsTheSweepOrItsAbsence) {
  const auto history = [] { return RegisterBuilder().Write("a", 1, 2).Write("b", 3, 1'000'000); };
  EXPECT_EQ(Judge(history().Sweep("a")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep("b")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep(std::nullopt)), FailureKind::kLostWrite);
}

TEST(AcknowledgedWrites, AcceptsAnUnknownWriteOrItsAbsence) {
  const auto history = [] {
    return RegisterBuilder().Write("a", 1, 2).Unknown().Write("b", 5, 6).Write("c", 7, 8).Unknown();
  };
  EXPECT_EQ(Judge(history().Sweep("a")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep("b")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep("c")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep(std::nullopt)), FailureKind::kLostWrite);
}

TEST(AcknowledgedWrites, FindsAResurrection) {
  EXPECT_EQ(Judge(RegisterBuilder().Write("a", 1, 2).Delete(3, 4).Sweep("a")),
            FailureKind::kResurrection);
  EXPECT_EQ(Judge(RegisterBuilder().Write("a", 1, 2).Delete(3, 4).Sweep(std::nullopt)),
            std::nullopt);
  // An overlapping write may come after the deletion.
  EXPECT_EQ(Judge(RegisterBuilder().Write("a", 1, 5).Delete(3, 4).Sweep("a")), std::nullopt);
}

TEST(AcknowledgedWrites, LetsADeadlineDeleteWhatWasNotWrittenAgain) {
  const auto history = [] { return RegisterBuilder().Write("a", 1, 2).Deadline(3, 4); };
  EXPECT_EQ(Judge(history().Sweep(std::nullopt)), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep("a")), std::nullopt) << "it may not have passed yet";
  EXPECT_EQ(Judge(history().Write("b", 5, 6).Sweep(std::nullopt)), FailureKind::kLostWrite)
      << "the write had taken the deadline away";
  EXPECT_EQ(Judge(history().Write("b", 3, 6).Sweep(std::nullopt)), std::nullopt)
      << "the deadline may have come after the write";
}

TEST(AcknowledgedWrites, FindsAValueThatNobodyWrote) {
  EXPECT_EQ(Judge(RegisterBuilder().Write("a", 1, 2).Sweep("z")), FailureKind::kWrongReply);
  EXPECT_EQ(Judge(RegisterBuilder().Write("a", 1, 2).Write("z", 3, 4).Refused().Sweep("z")),
            FailureKind::kWrongReply);
}

TEST(AcknowledgedWrites, DemandsNoOrderOfWritesThatNeedNotMeet) {
  const auto history = [](Consistency first, Consistency second) {
    return RegisterBuilder().Write("a", 1, 2).At(first).Write("b", 3, 4).At(second).Sweep("a");
  };
  EXPECT_EQ(Judge(history(Consistency::kOne, Consistency::kQuorum)), std::nullopt);
  EXPECT_EQ(Judge(history(Consistency::kQuorum, Consistency::kOne)), std::nullopt);
  EXPECT_EQ(Judge(history(Consistency::kAll, Consistency::kOne)), FailureKind::kLostWrite);
  EXPECT_EQ(Judge(history(Consistency::kOne, Consistency::kAll)), FailureKind::kLostWrite);
}

TEST(AcknowledgedWrites, DemandsThatAWriteAtOneSurvives) {
  EXPECT_EQ(Judge(RegisterBuilder().Write("a", 1, 2).At(Consistency::kOne).Sweep(std::nullopt)),
            FailureKind::kLostWrite);
  EXPECT_EQ(Judge(RegisterBuilder().Write("a", 1, 2).At(Consistency::kAny).Sweep(std::nullopt)),
            std::nullopt);
}

TEST(AcknowledgedWrites, AllowsTheLossThatADurabilityAllows) {
  const auto history = [](int crashes) {
    RegisterBuilder builder;
    builder.Write("a", 10, 20).Sweep(std::nullopt);
    for (int i = 0; i < crashes; ++i) builder.Crash(static_cast<uint16_t>(i), 50);
    return builder;
  };
  EXPECT_EQ(Judge(history(3), env::Durability::kAlways), FailureKind::kLostWrite);
  EXPECT_EQ(Judge(history(1), env::Durability::kPeriodic), FailureKind::kLostWrite);
  EXPECT_EQ(Judge(history(2), env::Durability::kPeriodic), std::nullopt);
  EXPECT_EQ(
      Judge(RegisterBuilder().Write("a", 10, 20).Sweep(std::nullopt).Crash(0, 500).Crash(1, 500),
            env::Durability::kPeriodic),
      FailureKind::kLostWrite);  // long synced
}

TEST(AcknowledgedWrites, FindsALostIncrement) {
  const auto history = [] { return RegisterBuilder().Add(1, 1, 2).Add(1, 3, 4).Add(1, 5, 6); };
  EXPECT_EQ(Judge(history().Sweep("3")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep("2")), FailureKind::kLostWrite);
  EXPECT_EQ(Judge(history().Sweep(std::nullopt)), FailureKind::kLostWrite);
}

TEST(AcknowledgedWrites, LeavesTooHighANumberToAnother) {
  EXPECT_EQ(Judge(RegisterBuilder().Add(1, 1, 2).Sweep("2")), std::nullopt);
}

TEST(AcknowledgedWrites, KnowsTheSumsThatUnknownIncrementsCanMake) {
  const auto history = [] {
    return RegisterBuilder().Add(1, 1, 2).Add(10, 3, 4).Unknown().Add(100, 5, 6).Unknown();
  };
  for (const char* sum : {"1", "11", "101", "111"}) {
    EXPECT_EQ(Judge(history().Sweep(sum)), std::nullopt) << sum;
  }
  for (const char* sum : {"10", "21", "0"}) {
    EXPECT_EQ(Judge(history().Sweep(sum)), FailureKind::kLostWrite) << sum;
  }
}

TEST(AcknowledgedWrites, AddsNothingToAWord) {
  const auto history = [] { return RegisterBuilder().Write("word", 1, 2).Add(1, 3, 4).Unknown(); };
  EXPECT_EQ(Judge(history().Sweep("word")), std::nullopt);
  EXPECT_EQ(Judge(history().Sweep("1")), FailureKind::kLostWrite);
  EXPECT_EQ(Judge(history().Sweep("words")), FailureKind::kLostWrite);
}

TEST(AcknowledgedWrites, CountsIncrementsOnTheBaseTheyMet) {
  // 5 was set before, so both increments are on it.
  const auto after = [] { return RegisterBuilder().Write("5", 1, 2).Add(1, 3, 4).Add(1, 5, 6); };
  EXPECT_EQ(Judge(after().Sweep("7")), std::nullopt);
  EXPECT_EQ(Judge(after().Sweep("6")), FailureKind::kLostWrite);
  EXPECT_EQ(Judge(after().Sweep("2")), FailureKind::kLostWrite);
  // An increment that was over when the value was set is covered by it.
  const auto before = [] { return RegisterBuilder().Add(1, 1, 2).Write("5", 3, 4); };
  EXPECT_EQ(Judge(before().Sweep("5")), std::nullopt);
  EXPECT_EQ(Judge(before().Sweep("1")), FailureKind::kLostWrite);
  // One that overlaps it may be on either.
  const auto during = [] { return RegisterBuilder().Add(1, 1, 9).Write("5", 3, 4); };
  EXPECT_EQ(Judge(during().Sweep("5")), std::nullopt);
  EXPECT_EQ(Judge(during().Sweep("6")), std::nullopt);
  // A deleted number begins again.
  const auto deleted = [] { return RegisterBuilder().Add(7, 1, 2).Delete(3, 4).Add(1, 5, 6); };
  EXPECT_EQ(Judge(deleted().Sweep("1")), std::nullopt);
  EXPECT_EQ(Judge(deleted().Sweep("7")), FailureKind::kResurrection);
  EXPECT_EQ(Judge(RegisterBuilder().Add(7, 1, 2).Delete(3, 4).Sweep("7")),
            FailureKind::kResurrection);
}

TEST(AcknowledgedWrites, LooksAtTheSweepAlone) {
  EXPECT_EQ(Judge(RegisterBuilder().Write("a", 1, 2).Read(std::nullopt, 3, 4)), std::nullopt);
}

}  // namespace
}  // namespace quorate::sim
