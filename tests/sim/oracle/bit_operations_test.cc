// SPDX-License-Identifier: Apache-2.0
// Histories of BITOP, written as what clients were told between which events, and judged by way of
// the interpretation that runs have.
#include "sim/oracle/bit_operations.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/sim/oracle/history_builder.h"
#include "tests/sim/oracle/register_builder.h"

namespace quorate::sim {
namespace {

using resp::Reply;

class Bits : public HistoryBuilder<Bits> {
 public:
  // "t" is made of "a" and "b".
  Bits& Make(Bytes operation, const std::optional<Reply>& reply, uint64_t from, uint64_t to) {
    return Do({"BITOP", std::move(operation), "t", "a", "b"}, reply, from, to);
  }
  [[nodiscard]] std::optional<FailureKind> Judge() const {
    const auto crashes = [](const Bytes&) { return std::vector<ReplicaCrash>(); };
    const Promises promises = ThreeReplicas();
    BitOperations oracle(history().combined(), promises);
    history().ForEachRegister(crashes, [&](const Register& entry) { oracle.Take(entry); });
    const auto failure = oracle.Check(history().CombinedKeys(crashes));
    if (!failure.has_value()) return std::nullopt;
    EXPECT_TRUE(failure->oracle == "bit_operations" || failure->oracle == "pipeline_order");
    return failure->kind;
  }
};

// "ab" and "c".
Bits Sources() { return Bits().Set("a", "ab", 1, 2).Set("b", "c", 1, 2); }

TEST(BitOperations, MakeOfTwoValuesWhatTheOperationSays) {
  const auto judge = [](Bytes operation, const Reply& seen) {
    return Sources().Make(std::move(operation), Number(2), 3, 4).Get("t", seen, 5, 6).Judge();
  };
  EXPECT_EQ(judge("AND", Text(std::string("a\0", 2))), std::nullopt);
  EXPECT_EQ(judge("and", Text(std::string("a\0", 2))), std::nullopt);
  EXPECT_EQ(judge("OR", Text("cb")), std::nullopt);
  EXPECT_EQ(judge("XOR", Text("\x02\x62")), std::nullopt);
  EXPECT_EQ(judge("AND", Text("ab")), FailureKind::kWrongReply);
  EXPECT_EQ(judge("OR", Text("ab")), FailureKind::kWrongReply);
  EXPECT_EQ(judge("OR", Text("c")), FailureKind::kWrongReply);
  EXPECT_EQ(judge("XOR", Text("cb")), FailureKind::kWrongReply);
  const auto negated = [](const Reply& seen) {
    const std::vector<Bytes> command = {"BITOP", "NOT", "t", "a"};
    return Sources().Do(command, Number(2), 3, 4).Get("t", seen, 5, 6).Judge();
  };
  EXPECT_EQ(negated(Text("\x9e\x9d")), std::nullopt);
  EXPECT_EQ(negated(Text("ab")), FailureKind::kWrongReply);
}

TEST(BitOperations, AnswerTheLengthOfTheLongest) {
  EXPECT_EQ(Sources().Make("OR", Number(2), 3, 4).Judge(), std::nullopt);
  EXPECT_EQ(Sources().Make("OR", Number(1), 3, 4).Judge(), FailureKind::kWrongReply);
  EXPECT_EQ(Sources().Make("OR", Number(3), 3, 4).Judge(), FailureKind::kWrongReply);
  EXPECT_EQ(Sources().Make("OR", Number(0), 3, 4).Judge(), FailureKind::kWrongReply);
  EXPECT_EQ(Bits().Make("OR", Number(0), 3, 4).Judge(), std::nullopt);
  EXPECT_EQ(Bits().Make("OR", Number(1), 3, 4).Judge(), FailureKind::kWrongReply);
  EXPECT_EQ(Sources().Make("OR", Error("NOQUORUM QUORUM read"), 3, 4).Judge(), std::nullopt);
}

TEST(BitOperations, TakeValuesThatTheirSourcesMayHaveShown) {
  const auto judge = [](const Reply& length, const Reply& seen) {
    return Sources().Set("a", "xyz", 3, 9).Make("OR", length, 4, 5).Get("t", seen, 6, 7).Judge();
  };
  EXPECT_EQ(judge(Number(2), Text("cb")), std::nullopt);
  EXPECT_EQ(judge(Number(3), Text("{yz")), std::nullopt);
  EXPECT_EQ(judge(Number(2), Text("{y")), FailureKind::kWrongReply);
  EXPECT_EQ(judge(Number(3), Text("cb")), FailureKind::kWrongReply) << "of another length";
  Bits stale = Sources().Set("a", "xyz", 3, 4);
  EXPECT_EQ(stale.Make("OR", Number(3), 5, 6).Get("t", Text("cb"), 7, 8).Judge(),
            FailureKind::kWrongReply);
}

TEST(BitOperations, WriteNothingOfNothing) {
  Bits made = Bits().Set("t", "v", 1, 2).Make("OR", Number(0), 3, 4);
  EXPECT_EQ(Bits(made).Get("t", kNil, 5, 6).Judge(), std::nullopt);
  EXPECT_EQ(Bits(made).Get("t", Text("v"), 5, 6).Judge(), FailureKind::kStaleRead);
  EXPECT_EQ(Bits(made).Get("t", Text("v"), Bits::kSwept, Bits::kSwept + 1).Judge(),
            FailureKind::kLostWrite);
  // Of a weaker read than write it may not have met what it had to delete.
  Bits weak = Bits().Set("t", "v", 1, 2).Reading(topology::Consistency::kOne);
  weak.Make("OR", Number(0), 3, 4).Reading(topology::Consistency::kQuorum);
  EXPECT_EQ(weak.Get("t", Text("v"), 5, 6).Judge(), std::nullopt);
}

TEST(BitOperations, ShowWhatWasMadeLastOrSomethingNewer) {
  Bits made = Sources().Make("OR", Number(2), 3, 4);
  EXPECT_EQ(Bits(made).Get("t", kNil, 5, 6).Judge(), FailureKind::kStaleRead);
  EXPECT_EQ(Bits(made).Get("t", kNil, Bits::kSwept, Bits::kSwept + 1).Judge(),
            FailureKind::kLostWrite);
  made.Make("XOR", Number(2), 5, 6);
  EXPECT_EQ(Bits(made).Get("t", Text("cb"), 7, 8).Judge(), FailureKind::kStaleRead);
  EXPECT_EQ(Bits(made).Get("t", Text("\x02\x62"), 7, 8).Judge(), std::nullopt);
  Bits set = Bits(made).Set("t", "v", 7, 8);
  EXPECT_EQ(Bits(set).Get("t", Text("v"), 9, 10).Judge(), std::nullopt);
  EXPECT_EQ(Bits(set).Get("t", Text("\x02\x62"), 9, 10).Judge(), FailureKind::kStaleRead);
  EXPECT_EQ(Bits(set).Make("OR", Number(2), 9, 10).Get("t", Text("v"), 11, 12).Judge(),
            FailureKind::kStaleRead);
}

TEST(BitOperations, DoNotGoBackToWhatAReadHasReplaced) {
  Bits made = Sources().Make("OR", Number(2), 3, 20).Make("XOR", Number(2), 3, 20);
  made.Get("t", Text("cb"), 21, 22);
  EXPECT_EQ(Bits(made).Get("t", Text("cb"), 23, 24).Judge(), std::nullopt);
  EXPECT_EQ(Bits(made).Get("t", kNil, 23, 24).Judge(), FailureKind::kStaleRead);
  made.Set("a", "de", 25, 26).Make("OR", Number(2), 27, 99).Get("t", Text("ge"), 28, 29);
  EXPECT_EQ(Bits(made).Get("t", Text("ge"), 30, 31).Judge(), std::nullopt);
  EXPECT_EQ(Bits(made).Get("t", Text("cb"), 30, 31).Judge(), FailureKind::kStaleRead);
}

TEST(BitOperations, OfUnknownOutcomeMayComeAtAnyTimeOrNever) {
  const Reply lost = Error("NOQUORUM QUORUM write: 1 of 3; the outcome is unknown");
  for (const std::optional<Reply>& reply : {std::optional<Reply>(lost), std::optional<Reply>()}) {
    Bits made = Bits().Set("t", "v", 1, 2).Set("a", "ab", 1, 2).Make("OR", reply, 3, 4);
    EXPECT_EQ(Bits(made).Get("t", Text("v"), 5, 6).Judge(), std::nullopt);
    EXPECT_EQ(Bits(made).Get("t", Text("ab"), 5, 6).Judge(), std::nullopt);
    EXPECT_EQ(Bits(made).Get("t", Text("zz"), 5, 6).Judge(), FailureKind::kWrongReply);
    EXPECT_EQ(Bits(made).Get("t", kNil, 5, 6).Judge(), FailureKind::kStaleRead)
        << "one source was there";
    Bits later = Bits(made).Set("a", "c", 7, 8);
    EXPECT_EQ(later.Get("t", Text("c"), 9, 10).Judge(), std::nullopt) << "it may read that late";
    EXPECT_EQ(Bits(made).Get("t", Text("ab"), 5, 6).Get("t", Text("v"), 7, 8).Judge(),
              FailureKind::kStaleRead)
        << "nobody brings it back";
  }
  Bits refused = Sources().Make("OR", Error("ERR syntax error"), 3, 4);
  EXPECT_EQ(refused.Get("t", Text("cb"), 5, 6).Judge(), FailureKind::kWrongReply);
}

TEST(BitOperations, OfOneClientComeInItsOrder) {
  Bits made = Sources().By(9).Make("OR", Number(2), 3, 10).Make("XOR", Number(2), 4, 10);
  EXPECT_EQ(Bits(made).Get("t", Text("\x02\x62"), 11, 12).Judge(), std::nullopt);
  EXPECT_EQ(Bits(made).Get("t", Text("cb"), 11, 12).Judge(), FailureKind::kStaleRead);
}

TEST(BitOperations, OfSourcesThatAreNotKnownMayMakeAnything) {
  Bits numbers = Bits().Do({"INCR", "a"}, Number(1), 1, 2).Make("OR", Number(5), 3, 4);
  EXPECT_EQ(Bits(numbers).Get("t", Text("whatever"), 5, 6).Judge(), FailureKind::kWrongReply)
      << "but not of another length than it said";
  EXPECT_EQ(Bits(numbers).Get("t", Text("whats"), 5, 6).Judge(), std::nullopt);
  EXPECT_EQ(Bits(numbers).Get("t", kNil, 5, 6).Judge(), FailureKind::kStaleRead);
  Bits own = Bits().Do({"BITOP", "NOT", "a", "a"}, Number(2), 1, 2).Make("OR", Number(5), 3, 4);
  EXPECT_EQ(own.Get("t", Text("whats"), 5, 6).Judge(), std::nullopt);
}

// There may be so many values of each that not all combinations can be tried.
TEST(BitOperations, TakeForPossibleWhatCannotBeSearched) {
  std::vector<ShownValues> sources(3);
  for (ShownValues& values : sources) {
    values.emplace();
    for (int i = 0; i < 100; ++i) values->emplace_back(Format("v%02d", i));
  }
  EXPECT_TRUE(Makes("xor", sources, "???"));
  sources.resize(1);
  EXPECT_FALSE(Makes("xor", sources, "???"));
  EXPECT_TRUE(Makes("xor", sources, "v42"));
  EXPECT_FALSE(Makes("xor", sources, std::nullopt));
}

}  // namespace
}  // namespace quorate::sim
