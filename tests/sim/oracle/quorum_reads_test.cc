// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/quorum_reads.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "engine/base/random.h"
#include "tests/sim/oracle/register_builder.h"

namespace quorate::sim {
namespace {

using topology::Consistency;

std::optional<FailureKind> Judge(const RegisterBuilder& history) {
  const auto failure = CheckQuorumReads(history.entry(), ThreeReplicas());
  if (!failure.has_value()) return std::nullopt;
  EXPECT_EQ(failure->oracle, "quorum_reads");
  return failure->kind;
}

TEST(QuorumReads, FindsAStaleRead) {
  const auto history = [] { return RegisterBuilder().Write("a", 1, 2).Write("b", 3, 4); };
  EXPECT_EQ(Judge(history().Read("b", 5, 6)), std::nullopt);
  EXPECT_EQ(Judge(history().Read("a", 5, 6)), FailureKind::kStaleRead);
  EXPECT_EQ(Judge(history().Read(std::nullopt, 5, 6)), FailureKind::kStaleRead);
}

TEST(QuorumReads, AllowsAnOverlappingWriteOrNot) {
  const auto history = [] { return RegisterBuilder().Write("a", 1, 2).Write("b", 3, 9); };
  EXPECT_EQ(Judge(history().Read("a", 5, 6)), std::nullopt);
  EXPECT_EQ(Judge(history().Read("b", 5, 6)), std::nullopt);
}

TEST(QuorumReads, DemandsNothingOfReadsThatNeedNotMeetTheWrite) {
  const auto history = [] { return RegisterBuilder().Write("a", 1, 2).Write("b", 3, 4); };
  EXPECT_EQ(Judge(history().Read("a", 5, 6).At(Consistency::kOne)), std::nullopt);
  EXPECT_EQ(
      Judge(RegisterBuilder().Write("b", 3, 4).At(Consistency::kOne).Read(std::nullopt, 5, 6)),
      std::nullopt);
  EXPECT_EQ(Judge(RegisterBuilder()
                      .Write("b", 3, 4)
                      .At(Consistency::kAll)
                      .Read(std::nullopt, 5, 6)
                      .At(Consistency::kOne)),
            FailureKind::kStaleRead);
}

// A weak read that misses a decrement shows a higher number, which is not a newer one.
TEST(QuorumReads, AWeakReadNeedNotHaveSeenADecrement) {
  const auto history = [] {
    return RegisterBuilder().Add(-2, 1, 2, -2).Read(std::nullopt, 3, 4).At(Consistency::kOne);
  };
  EXPECT_EQ(Judge(history().Read("-2", 5, 6).At(Consistency::kAll)), std::nullopt);
  EXPECT_EQ(Judge(history().Read("-3", 5, 6).At(Consistency::kAll)), FailureKind::kStaleRead);
}

TEST(QuorumReads, FindsAReadThatGoesBack) {
  // b was never acknowledged, but it was seen by a read that began after a had ended.
  const auto history = [] {
    return RegisterBuilder().Write("a", 1, 2).Write("b", 3, 4).Unknown().Read("b", 5, 6);
  };
  EXPECT_EQ(Judge(history().Read("b", 7, 8)), std::nullopt);
  EXPECT_EQ(Judge(history().Read("a", 7, 8)), FailureKind::kStaleRead);
  EXPECT_EQ(Judge(history().Read("a", 5, 8)), std::nullopt);  // began before the other ended
  EXPECT_EQ(Judge(history().Sweep("a")), FailureKind::kStaleRead);
}

TEST(QuorumReads, WhatAReadShowsStandsWhereItRead) {
  const auto judge = [](Consistency level) {
    return Judge(RegisterBuilder()
                     .Write("a", 1, 2)
                     .Write("b", 3, 4)
                     .Unknown()
                     .Read("b", 5, 6)
                     .ReadingAt(level)
                     .Read("a", 7, 8));
  };
  EXPECT_EQ(judge(Consistency::kQuorum), FailureKind::kStaleRead);
  EXPECT_EQ(judge(Consistency::kOne), std::nullopt) << "whatever its client writes at";
}

TEST(QuorumReads, AReadThatAWriteOutlastsDoesNotHideIt) {
  const auto history = [] {
    return RegisterBuilder().Write("a", 1, 2).Write("b", 3, 10).Read("a", 4, 5);
  };
  EXPECT_EQ(Judge(history().Read("b", 11, 12)), std::nullopt);
  EXPECT_EQ(Judge(history().Read("a", 11, 12)), FailureKind::kStaleRead);
}

TEST(QuorumReads, AllowsAWriteThatIsStampedAgainToComeBack) {
  // a is not acknowledged before event 20: it may be shown, superseded, and shown again.
  EXPECT_EQ(Judge(RegisterBuilder()
                      .Write("a", 1, 20)
                      .Write("b", 2, 19)
                      .Read("a", 3, 4)
                      .Read("b", 5, 6)
                      .Read("a", 7, 8)),
            std::nullopt);
  EXPECT_EQ(Judge(RegisterBuilder()
                      .Write("a", 1, 5)
                      .Write("b", 2, 19)
                      .Read("a", 6, 7)
                      .Read("b", 8, 9)
                      .Read("a", 10, 11)),
            FailureKind::kStaleRead);
}

TEST(QuorumReads, FindsAValueFromNowhereFromTheFutureAndFromARefusedWrite) {
  EXPECT_EQ(Judge(RegisterBuilder().Read("z", 1, 2)), FailureKind::kWrongReply);
  EXPECT_EQ(Judge(RegisterBuilder().Read("z", 1, 2).Write("z", 3, 4)), FailureKind::kWrongReply);
  EXPECT_EQ(Judge(RegisterBuilder().Write("z", 1, 2).Refused().Read("z", 3, 4)),
            FailureKind::kWrongReply);
  EXPECT_EQ(Judge(RegisterBuilder().Write("z", 1, 2).Unknown().Read("z", 3, 4)), std::nullopt);
}

TEST(QuorumReads, FindsADeletedValueThatIsStillRead) {
  const auto history = [] { return RegisterBuilder().Write("a", 1, 2).Delete(3, 4); };
  EXPECT_EQ(Judge(history().Read("a", 5, 6)), FailureKind::kStaleRead);
  EXPECT_EQ(Judge(history().Read(std::nullopt, 5, 6)), std::nullopt);
  EXPECT_EQ(Judge(history().Read(std::nullopt, 5, 6).Write("c", 7, 8).Read(std::nullopt, 9, 10)),
            FailureKind::kStaleRead);
  // A deletion that read at ONE may have missed the value.
  EXPECT_EQ(
      Judge(RegisterBuilder().Write("a", 1, 2).Delete(3, 4).At(Consistency::kOne).Read("a", 5, 6)),
      std::nullopt);
}

TEST(QuorumReads, ADeletionMayMissWhatItsReadNeedNotMeet) {
  const auto judge = [](Consistency level) {
    return Judge(RegisterBuilder().Write("a", 1, 2).Delete(3, 4).ReadingAt(level).Read("a", 5, 6));
  };
  EXPECT_EQ(judge(Consistency::kQuorum), FailureKind::kStaleRead);
  EXPECT_EQ(judge(Consistency::kOne), std::nullopt) << "though it would be written to a quorum";
}

// Of two that overlap nobody knows which came first, before a read shows it.
TEST(QuorumReads, AReadShowsThatADeadlineWasTakenAway) {
  const auto both = [] {
    return RegisterBuilder().Write("a", 1, 10).Deadline(1, 10).Numbered(1).Write("b", 5, 8);
  };
  const auto judge = [](const RegisterBuilder& history) {
    return CheckQuorumReads(history.entry(), ThreeReplicas()).has_value();
  };
  EXPECT_FALSE(judge(both().Read(std::nullopt, 13, 14)));
  EXPECT_TRUE(judge(both().Read("b", 11, 12).Read(std::nullopt, 13, 14)));
  EXPECT_FALSE(judge(both().Read("a", 11, 12).Read(std::nullopt, 13, 14))) << "its own";
  EXPECT_FALSE(judge(both().Read("b", 9, 12).Read(std::nullopt, 13, 14)))
      << "the other may have come behind it";
  EXPECT_FALSE(
      judge(both().Read("b", 11, 12).At(topology::Consistency::kOne).Read(std::nullopt, 13, 14)))
      << "of a replica that has not got it";
  RegisterBuilder set_later;
  set_later.Write("a", 1, 10).Write("b", 5, 8).Deadline(6, 10);
  EXPECT_FALSE(judge(set_later.Read("b", 11, 12).Read(std::nullopt, 13, 14)))
      << "of whatever is there then";
}

TEST(QuorumReads, WhoReplacesAValueHasNotReadItsOwn) {
  const auto replaced = [](std::string old) {
    return RegisterBuilder()
        .Write("a", 1, 2)
        .Read(std::move(old), 3, 4)
        .Write("b", 3, 4)
        .Numbered(2);
  };
  EXPECT_EQ(Judge(replaced("a")), std::nullopt);
  EXPECT_EQ(Judge(replaced("b")), FailureKind::kWrongReply);
}

TEST(QuorumReads, LetsOneReplicaJudgeADeadlineByItsClock) {
  const auto history = [] { return RegisterBuilder().Write("a", 1, 2).Deadline(3, 4); };
  const auto after = [&](Consistency level) {
    return Judge(history()
                     .Read(std::nullopt, 5, 6)
                     .At(level)
                     .Read("a", 7, 8)
                     .At(level == Consistency::kOne ? Consistency::kAll : level));
  };
  EXPECT_EQ(after(Consistency::kQuorum), FailureKind::kStaleRead);
  EXPECT_EQ(after(Consistency::kOne), std::nullopt);
}

TEST(QuorumReads, FindsACounterThatForgot) {
  const auto history = [] {
    return RegisterBuilder().Add(1, 1, 2, 1).Add(1, 3, 4, 2).Add(1, 5, 9, 3);
  };
  EXPECT_EQ(Judge(history().Read("2", 6, 7)), std::nullopt);
  EXPECT_EQ(Judge(history().Read("3", 6, 7)), std::nullopt);
  EXPECT_EQ(Judge(history().Read("1", 6, 7)), FailureKind::kStaleRead);
  EXPECT_EQ(Judge(history().Read("word", 6, 7)), FailureKind::kWrongReply);
  // What was shown once stays, even if nobody knows what became of the increment.
  const auto shown = [] {
    return RegisterBuilder().Add(1, 1, 2, 1).Add(5, 3, 4).Unknown().Read("6", 5, 6).Add(1, 7, 8, 7);
  };
  EXPECT_EQ(Judge(shown().Read("7", 9, 10)), std::nullopt);
  EXPECT_EQ(Judge(shown().Read("6", 9, 10)), FailureKind::kStaleRead);
  EXPECT_EQ(Judge(shown().Add(-2, 9, 20, 5).Read("5", 11, 12)), std::nullopt);
  // An increment's own answer is a read, too.
  EXPECT_EQ(Judge(RegisterBuilder().Add(1, 1, 2, 1).Add(1, 3, 4, 1)), FailureKind::kStaleRead);
}

// A register of versions held by one true store: every run of it must be accepted. Operations of
// several clients overlap; each takes effect at one point between its ends.
RC_GTEST_PROP(QuorumReads, AcceptsWhateverOneTrueRegisterAnswers, (uint64_t seed)) {
  Prng draws(seed);
  struct Operation {
    uint64_t from;
    uint64_t point;
    uint64_t to;
    uint64_t what;
    std::optional<std::string> value;
  };
  std::vector<Operation> operations;
  std::map<uint64_t, size_t> by_point;
  for (uint64_t client = 0; client < 4; ++client) {
    uint64_t now = client;
    for (size_t i = 0; i < 8; ++i) {
      const uint64_t from = now + 4 * draws.Between(1, 5);
      const uint64_t point = from + 4 * draws.Between(1, 6);
      now = point + 4 * draws.Between(1, 6);
      by_point[point] = operations.size();
      operations.push_back({from, point, now, draws.Below(5), std::nullopt});
    }
  }
  std::optional<std::string> content;
  for (const auto& [point, index] : by_point) {
    Operation& operation = operations[index];
    if (operation.what < 2) content = std::to_string(index);
    if (operation.what == 2) content.reset();
    operation.value = content;
  }
  RegisterBuilder history;
  for (const Operation& operation : operations) {
    if (operation.what < 2) history.Write(*operation.value, operation.from, operation.to);
    if (operation.what == 2) history.Delete(operation.from, operation.to);
    if (operation.what > 2) history.Read(operation.value, operation.from, operation.to);
  }
  RC_ASSERT(Judge(history) == std::nullopt);
}

}  // namespace
}  // namespace quorate::sim
