// SPDX-License-Identifier: Apache-2.0
// Histories of moves, written as what clients were told between which events, and judged by way of
// the interpretation that runs have.
#include "sim/oracle/moves.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/sim/oracle/history_builder.h"
#include "tests/sim/oracle/register_builder.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;

const Reply kNone = Error("ERR no such key");

class Moves : public HistoryBuilder<Moves> {
 public:
  Moves& Rename(Bytes key, Bytes other, std::optional<Reply> reply, uint64_t from, uint64_t to) {
    return Do({"RENAME", std::move(key), std::move(other)}, std::move(reply), from, to);
  }

  [[nodiscard]] std::optional<Failure> Check() const {
    return CheckMoves(history().Moved([](const Bytes&) { return std::vector<ReplicaCrash>(); }),
                      ThreeReplicas());
  }
  [[nodiscard]] std::optional<FailureKind> Judge() const {
    const auto failure = Check();
    if (!failure.has_value()) return std::nullopt;
    EXPECT_TRUE(failure->oracle == "moves" || failure->oracle == "pipeline_order");
    return failure->kind;
  }
};

Moves Moved() { return Moves().Set("a", "v", 1, 2).Rename("a", "b", kOk, 3, 6); }

TEST(Moves, WhatWasMovedIsThereAndNoLongerHere) {
  EXPECT_EQ(Moved().Get("b", Text("v"), 7, 8).Get("a", kNil, 7, 8).Judge(), std::nullopt);
  EXPECT_EQ(Moved().Get("b", kNil, 7, 8).Judge(), FailureKind::kStaleRead);
  EXPECT_EQ(Moved().Get("a", Text("v"), 7, 8).Judge(), FailureKind::kStaleRead);
  EXPECT_EQ(Moved().Get("b", kNil, 1007, 1008).Judge(), FailureKind::kLostWrite);
  EXPECT_EQ(Moved().Get("a", Text("v"), 1007, 1008).Judge(), FailureKind::kLostWrite);
}

TEST(Moves, WhatItOverwritesIsGone) {
  const auto over = [] {
    return Moves().Set("b", "old", 1, 2).Set("a", "v", 1, 2).Rename("a", "b", kOk, 3, 6);
  };
  EXPECT_EQ(over().Get("b", Text("v"), 7, 8).Judge(), std::nullopt);
  EXPECT_EQ(over().Get("b", Text("old"), 7, 8).Judge(), FailureKind::kStaleRead);
  EXPECT_EQ(over().Get("b", Text("old"), 5, 8).Judge(), std::nullopt) << "it is under way";
}

TEST(Moves, WhileItIsUnderWayAValueMayBeInBothPlacesOrInOne) {
  EXPECT_EQ(Moved().Get("a", Text("v"), 4, 5).Get("b", Text("v"), 4, 5).Judge(), std::nullopt);
  EXPECT_EQ(Moved().Get("a", kNil, 4, 5).Get("b", Text("v"), 4, 5).Judge(), std::nullopt);
  EXPECT_EQ(Moved().Get("a", Text("v"), 4, 5).Get("b", kNil, 4, 5).Judge(), std::nullopt);
}

TEST(Moves, NoValueComesFromNowhere) {
  EXPECT_EQ(Moved().Get("b", Text("w"), 7, 8).Judge(), FailureKind::kWrongReply);
  EXPECT_EQ(
      Moved().Set("c", "w", 1, 2).Rename("c", "d", kOk, 3, 4).Get("b", Text("w"), 7, 8).Judge(),
      FailureKind::kWrongReply)
      << "nobody has taken it there";
  EXPECT_EQ(Moved().Set("a", "w", 7, 8).Get("b", Text("w"), 9, 10).Judge(),
            FailureKind::kWrongReply)
      << "it came after the move";
  EXPECT_EQ(Moves().Rename("a", "b", kOk, 1, 2).Judge(), FailureKind::kWrongReply)
      << "there was nothing to move";
}

TEST(Moves, AValueGoesFromKeyToKey) {
  const auto twice = [] { return Moved().Rename("b", "c", kOk, 7, 9); };
  EXPECT_EQ(twice().Get("c", Text("v"), 10, 11).Get("b", kNil, 10, 11).Judge(), std::nullopt);
  EXPECT_EQ(twice().Get("b", Text("v"), 10, 11).Judge(), FailureKind::kStaleRead);
  EXPECT_EQ(twice().Get("c", kNil, 10, 11).Judge(), FailureKind::kStaleRead);
  EXPECT_EQ(twice().Rename("c", "a", kOk, 12, 13).Get("a", Text("v"), 14, 15).Judge(),
            std::nullopt);
}

TEST(Moves, AMissingSourceIsToldAndOnlyThen) {
  EXPECT_EQ(Moved().Rename("a", "c", kNone, 7, 8).Judge(), std::nullopt);
  EXPECT_EQ(Moved().Rename("b", "c", kNone, 7, 8).Judge(), FailureKind::kStaleRead);
  EXPECT_EQ(Moved().Rename("a", "c", kOk, 7, 8).Judge(), FailureKind::kStaleRead);
  EXPECT_EQ(Moved().Rename("a", "c", kNone, 5, 8).Judge(), std::nullopt);
  EXPECT_EQ(Moved().Rename("a", "c", Error("ERR Invalid TTL value"), 5, 8).Judge(),
            FailureKind::kWrongReply);
  EXPECT_EQ(Moved().Do({"COPY", "b", "c", "REPLACE"}, Number(0), 7, 8).Judge(),
            FailureKind::kStaleRead);
  EXPECT_EQ(Moved().Do({"COPY", "a", "c", "REPLACE"}, Number(0), 7, 8).Judge(), std::nullopt);
  EXPECT_EQ(
      Moved()
          .Do({"COPY", "a", "a"}, Error("ERR source and destination objects are the same"), 7, 8)
          .Judge(),
      std::nullopt);
}

TEST(Moves, ACopyLeavesWhatItCopies) {
  const auto copied = [] {
    return Moves().Set("a", "v", 1, 2).Do({"COPY", "a", "b", "REPLACE"}, Number(1), 3, 6);
  };
  EXPECT_EQ(copied().Get("a", Text("v"), 7, 8).Get("b", Text("v"), 7, 8).Judge(), std::nullopt);
  EXPECT_EQ(copied().Get("a", kNil, 7, 8).Judge(), FailureKind::kStaleRead);
}

TEST(Moves, OneThatIsRefusedChangesNothing) {
  const auto refused = [] {
    return Moves()
        .Set("a", "v", 1, 2)
        .Set("b", "w", 1, 2)
        .Do({"RENAMENX", "a", "b"}, Number(0), 3, 6);
  };
  EXPECT_EQ(refused().Get("a", Text("v"), 7, 8).Get("b", Text("w"), 7, 8).Judge(), std::nullopt);
  EXPECT_EQ(refused().Get("b", Text("v"), 7, 8).Judge(), FailureKind::kWrongReply);
  EXPECT_EQ(refused().Get("a", kNil, 7, 8).Judge(), FailureKind::kStaleRead);
}

TEST(Moves, OneWhoseOutcomeIsUnknownLosesNothing) {
  const auto unknown = [] { return Moves().Set("a", "v", 1, 2).Rename("a", "b", {}, 3, 6); };
  EXPECT_EQ(unknown().Get("a", Text("v"), 7, 8).Get("b", kNil, 7, 8).Judge(), std::nullopt);
  EXPECT_EQ(unknown().Get("a", Text("v"), 7, 8).Get("b", Text("v"), 7, 8).Judge(), std::nullopt);
  EXPECT_EQ(unknown().Get("a", kNil, 7, 8).Get("b", Text("v"), 9, 10).Judge(), std::nullopt);
  EXPECT_EQ(unknown().Get("a", kNil, 7, 8).Get("b", kNil, 9, 10).Judge(), FailureKind::kStaleRead)
      << "it deletes nothing before it has written";
  EXPECT_EQ(unknown().Get("a", kNil, 7, 8).Get("b", kNil, 7, 8).Judge(), std::nullopt)
      << "the first was emptied after the second was read";
}

TEST(Moves, ReadsDoNotGoBack) {
  const auto read = [] {
    return Moves()
        .Set("b", "old", 1, 2)
        .Set("a", "v", 1, 2)
        .Rename("a", "b", {}, 3, 6)
        .Get("b", Text("v"), 7, 8);
  };
  EXPECT_EQ(read().Get("b", Text("v"), 9, 10).Judge(), std::nullopt);
  EXPECT_EQ(read().Get("b", Text("old"), 9, 10).Judge(), FailureKind::kStaleRead);
}

TEST(Moves, TwoThatOverlapMayBothTakeAValue) {
  const auto both = [] { return Moved().Rename("a", "c", kOk, 4, 7); };
  EXPECT_EQ(both().Get("b", Text("v"), 8, 9).Get("c", Text("v"), 8, 9).Judge(), std::nullopt);
  EXPECT_EQ(both().Get("b", kNil, 8, 9).Judge(), FailureKind::kStaleRead);
}

TEST(Moves, WhatAClientSentFirstTakesEffectFirst) {
  const auto piped = [] { return Moves().By(7).Set("a", "v", 1, 9).Rename("a", "b", kOk, 1, 9); };
  EXPECT_EQ(piped().Get("b", Text("v"), 1, 9).Judge(), std::nullopt);
  EXPECT_EQ(piped().Get("b", kNil, 1, 9).Judge(), FailureKind::kStaleRead);
}

TEST(Moves, KeysThatOtherCommandsChangeAreLeftOut) {
  const Reply length = Number(1);
  EXPECT_EQ(Moved().Do({"APPEND", "b", "x"}, length, 7, 8).Get("b", kNil, 9, 10).Judge(),
            std::nullopt);
  EXPECT_EQ(Moved().Do({"INCR", "b"}, length, 7, 8).Get("b", kNil, 9, 10).Judge(), std::nullopt);
}

TEST(Moves, WhatIsDoneToOtherKeysHidesNothing) {
  EXPECT_EQ(Moved().Do({"APPEND", "c", "x"}, Number(1), 1, 2).Get("b", kNil, 7, 8).Judge(),
            FailureKind::kStaleRead);
  EXPECT_EQ(Moved().Do({"INCR", "c"}, Number(1), 1, 2).Get("b", kNil, 7, 8).Judge(),
            FailureKind::kStaleRead);
}

// Another's deletion may stand on one replica, where the move's own finds it and deletes nothing.
TEST(Moves, WhoReadsLessThanIsWrittenMayLeaveTheValueWhereItWas) {
  const auto judge = [](topology::Consistency level) {
    return Moves()
        .Writing(topology::Consistency::kAll)
        .Set("a", "v", 1, 2)
        .Writing(topology::Consistency::kQuorum)
        .Reading(level)
        .Rename("a", "b", kOk, 3, 6)
        .Reading(topology::Consistency::kQuorum)
        .Get("a", Text("v"), 7, 8)
        .Judge();
  };
  EXPECT_EQ(judge(topology::Consistency::kQuorum), FailureKind::kStaleRead);
  EXPECT_EQ(judge(topology::Consistency::kOne), std::nullopt);
}

TEST(Moves, AFailureSaysWhatAMoveWasTold) {
  EXPECT_EQ(Moves().Rename("a", "b", kOk, 1, 2).Check()->seen,
            "operation 1 (events 1 to 2) was told that there was something");
  EXPECT_EQ(Moves().Set("a", "v", 1, 2).Rename("a", "b", kNone, 3, 4).Check()->seen,
            "operation 2 (events 3 to 4) was told that there was nothing");
}

TEST(Moves, MovedKeysAreNoRegisters) {
  const Moves moves = Moved();
  size_t registers = 0;
  moves.history().ForEachRegister([](const Bytes&) { return std::vector<ReplicaCrash>(); },
                                  [&](const Register&) { ++registers; });
  EXPECT_EQ(registers, 0u);
  EXPECT_EQ(moves.history().coverage().moved_keys, 2u);
  EXPECT_EQ(moves.history().coverage().transfers, 1u);
}

}  // namespace
}  // namespace quorate::sim
