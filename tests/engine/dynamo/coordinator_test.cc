// SPDX-License-Identifier: Apache-2.0
// The coordinator against a hand that plays the replicas: each test is a short transcript.
#include "engine/dynamo/coordinator.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/base/overloaded.h"

namespace quorate::dynamo {
namespace {

using topology::Consistency;

Version At(uint64_t time) { return {HybridTime::FromBits(time), {NodeId{1}, {}, {}}}; }

// Runs a coordinator at replica 0 of three and writes its effects down, a word each.
class Hand {
 public:
  explicit Hand(PlantedBug bug = PlantedBug::kNone) : coordinator_({10'000, bug, {}, 0}) {}

  OperationStarted Operation(uint64_t id, bool needs_read) const {
    OperationStarted start;
    start.id = {id};
    start.key = "k";
    for (uint16_t i = 0; i < 3; ++i) start.replicas.push_back({NodeId{i + 1u}, 0, i, i});
    start.read = start.write = Consistency::kQuorum;
    start.needs_read = needs_read;
    start.deadline = Instant(5s);
    start.speculative_delay = 50ms;
    return start;
  }

  // The effects of one event, for example "ask1 inspect".
  std::string Do(const Event& event) {
    Bytes saved;
    coordinator_.Save(saved);
    Coordinator twin;  // what was saved and loaded does the same
    EXPECT_TRUE(twin.Load(saved).ok());
    const std::string text = Run(coordinator_, event);
    EXPECT_EQ(Run(twin, event), text);
    Bytes after, twin_after;
    coordinator_.Save(after);
    twin.Save(twin_after);
    EXPECT_EQ(after, twin_after);
    EXPECT_FALSE(twin.Load(saved.substr(0, saved.size() - 1)).ok());
    return text;
  }
  void Pass(Duration time) { now_ += time; }

  Coordinator coordinator_;
  Instant now_{};

 private:
  std::string Run(Coordinator& coordinator, const Event& event) const {
    std::vector<Effect> effects;
    coordinator.Step(event, now_, effects);
    coordinator.CheckInvariants();
    std::string text;
    for (const Effect& effect : effects) text += (text.empty() ? "" : " ") + Word(effect);
    return text;
  }
  static std::string Word(const Effect& effect) {
    return std::visit(
        Overloaded{
            [](const AskReplica& e) {
              return (e.want_state ? "state" : "ask") + std::to_string(e.replica);
            },
            [](const InspectState&) { return std::string("inspect"); },
            [](const MergeState& e) { return "merge(" + e.state + ")"; },
            [](const ExecuteOperation& e) {
              return "execute#" + std::to_string(e.id.value) +
                     (e.expected.has_value() ? "=" + std::to_string(*e.expected) : "");
            },
            [](const WriteReplica& e) {
              return "write" + std::to_string(e.replica) + "(" + e.cells + ")";
            },
            [](const RestampOperation&) { return std::string("restamp"); },
            [](const OperationFinished& e) {
              return (e.ok ? "ok#" : "failed#") + std::to_string(e.id.value);
            },
        },
        effect);
  }
};

TEST(Coordinator, WritesToAllAndAnswersAtTheQuorum) {
  Hand hand;
  EXPECT_EQ(hand.Do(hand.Operation(1, false)), "execute#1");
  EXPECT_EQ(hand.Do(OperationExecuted{{1}, "c", At(5), true, At(5)}), "write1(c) write2(c)");
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 2, 1, true, At(5)}), "");
  EXPECT_EQ(hand.Do(LocallyDurable{{1}, 1}), "ok#1");
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 1, 1, true, At(5)}), "") << "the operation is over";
  EXPECT_EQ(hand.coordinator_.operations(), 0u);
}

TEST(Coordinator, DoesNotCountItsOwnCopyBeforeItIsDurable) {
  Hand hand;
  hand.Do(hand.Operation(1, false));
  hand.Do(OperationExecuted{{1}, "c", At(5), true, At(5)});
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 1, 1, true, At(5)}), "");
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 1, 1, true, At(5)}), "") << "one replica counts once";
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 2, 1, true, At(5)}), "ok#1") << "two others are a quorum";
}

TEST(Coordinator, StampsAgainAboveWhatAReplicaHolds) {
  Hand hand;
  hand.Do(hand.Operation(1, false));
  hand.Do(OperationExecuted{{1}, "c", At(5), true, At(5)});
  hand.Do(LocallyDurable{{1}, 1});
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 1, 1, true, At(9)}), "restamp");
  EXPECT_EQ(hand.Do(Restamped{{1}, "d", At(10)}), "write1(d) write2(d)");
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 2, 1, true, At(5)}), "") << "an answer to the first round";
  hand.Do(LocallyDurable{{1}, 2});
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 2, 2, true, At(10)}), "ok#1");
  EXPECT_EQ(hand.coordinator_.stats().restamps, 1u);
}

TEST(Coordinator, ReadsAQuorumThatAgrees) {
  Hand hand;
  EXPECT_EQ(hand.Do(hand.Operation(1, true)), "inspect ask1");
  EXPECT_EQ(hand.Do(StateInspected{{1}, 77, {}}), "");
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 1, true, 77, {}}), "execute#1=77");
  EXPECT_EQ(hand.Do(OperationExecuted{{1}, {}, {}, false, {}, false, 77}), "ok#1");
}

TEST(Coordinator, PutsTheMergedStateOnAQuorumBeforeItAnswers) {
  Hand hand;
  hand.Do(hand.Operation(1, true));
  hand.Do(StateInspected{{1}, 77, {}});
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 1, true, 88, {}}), "state1");
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 1, true, 88, "s"}), "merge(s)");
  EXPECT_EQ(hand.Do(StateInspected{{1}, 99, "m"}), "write1(m)") << "neither held the merged state";
  EXPECT_EQ(hand.Do(LocallyDurable{{1}, 1}), "");
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 1, 1, true, {}}), "execute#1=99");
}

TEST(Coordinator, NeedsNoWriteBackWhereTheOtherHeldTheMergedState) {
  Hand hand;
  hand.Do(hand.Operation(1, true));
  hand.Do(StateInspected{{1}, 0, {}});
  hand.Do(ReadAnswered{{1}, 1, true, 88, {}});
  hand.Do(ReadAnswered{{1}, 1, true, 88, "s"});
  EXPECT_EQ(hand.Do(StateInspected{{1}, 88, "s"}), "");
  EXPECT_EQ(hand.Do(LocallyDurable{{1}, 1}), "execute#1=88") << "both hold it now";
}

TEST(Coordinator, RepairsAReplicaThatKnowsNothing) {
  Hand hand;
  hand.Do(hand.Operation(1, true));
  hand.Do(StateInspected{{1}, 77, {}});
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 1, true, 0, {}}), "merge()")
      << "there is no state to ask for";
  EXPECT_EQ(hand.Do(StateInspected{{1}, 77, "m"}), "write1(m)");
}

TEST(Coordinator, DoesNotCountACopyInDoubtUntilAllHaveAnswered) {
  Hand hand;
  hand.Do(hand.Operation(1, true));
  hand.Do(StateInspected{{1}, 77, {}});
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 1, true, 77, {}, /*doubtful=*/true}), "");
  hand.Pass(50ms);
  EXPECT_EQ(hand.Do(TimePassed{}), "ask2");
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 2, true, 77, {}, /*doubtful=*/true}), "execute#1=77");
}

TEST(Coordinator, AsksOneMoreReplicaWhenAReadIsSlow) {
  Hand hand;
  hand.Do(hand.Operation(1, true));
  hand.Do(StateInspected{{1}, 77, {}});
  EXPECT_EQ(hand.coordinator_.NextDeadline(), Instant(50ms));
  hand.Pass(50ms);
  EXPECT_EQ(hand.Do(TimePassed{}), "ask1 ask2");
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 2, true, 77, {}}), "execute#1=77");
}

TEST(Coordinator, GoesOnWithoutAReplicaThatNeverSendsItsState) {
  Hand hand;
  hand.Do(hand.Operation(1, true));
  hand.Do(StateInspected{{1}, 77, {}});
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 1, true, 88, {}}), "state1");
  hand.Pass(50ms);
  EXPECT_EQ(hand.Do(TimePassed{}), "ask1 ask2");
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 2, true, 77, {}}), "execute#1=77");
}

TEST(Coordinator, FailsAtTheDeadlineAndSaysWhatItHad) {
  Hand hand;
  hand.Do(hand.Operation(1, false));
  hand.Do(OperationExecuted{{1}, "c", At(5), true, At(5)});
  hand.Do(LocallyDurable{{1}, 1});
  hand.Pass(5s);
  std::vector<Effect> effects;
  hand.coordinator_.Step(TimePassed{}, hand.now_, effects);
  const auto& finished = std::get<OperationFinished>(effects.back());
  EXPECT_FALSE(finished.ok);
  EXPECT_TRUE(finished.executed);
  EXPECT_EQ(finished.failure,
            "NOQUORUM QUORUM write: 2 of 3 replicas wanted, 1 answered in 5000 ms; the outcome is "
            "unknown");
}

TEST(Coordinator, SendsAWriteAgainToWhoDidNotAnswer) {
  Hand hand;
  hand.Do(hand.Operation(1, false));
  hand.Do(OperationExecuted{{1}, "c", At(5), true, At(5)});
  hand.Do(WriteAnswered{{1}, 1, 1, true, At(5)});
  hand.Pass(100ms);
  EXPECT_EQ(hand.Do(TimePassed{}), "write2(c)");
}

TEST(Coordinator, LetsOperationsOnAKeyTakeTheirTurnAndShareOneRead) {
  Hand hand;
  EXPECT_EQ(hand.Do(hand.Operation(1, true)), "inspect ask1");
  EXPECT_EQ(hand.Do(hand.Operation(2, true)), "");
  EXPECT_EQ(hand.Do(hand.Operation(3, false)), "") << "a blind write waits too: order is order";
  EXPECT_EQ(hand.Do(hand.Operation(4, true)), "");
  hand.Do(StateInspected{{1}, 7, {}});
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 1, true, 7, {}}), "execute#1=7");
  EXPECT_EQ(hand.Do(OperationExecuted{{1}, {}, {}, false, {}, false, 7}), "ok#1 inspect ask1");
  hand.Do(StateInspected{{2}, 7, {}});
  EXPECT_EQ(hand.Do(ReadAnswered{{2}, 1, true, 7, {}}), "execute#2=7");
  EXPECT_EQ(hand.Do(OperationExecuted{{2}, {}, {}, false, {}, false, 7}), "ok#2 execute#3");
  EXPECT_EQ(hand.Do(OperationExecuted{{3}, "c", At(5), true, At(5), false, 8}),
            "write1(c) write2(c) execute#4=8");
  EXPECT_EQ(hand.Do(OperationExecuted{{4}, {}, {}, false, {}, false, 8}), "")
      << "it shows what 3 wrote";
  EXPECT_FALSE(hand.coordinator_.Busy(Place{}, "k"));
}

// Brings two operations to their execution, which share a read that found the digest 7.
void Share(Hand& hand, const OperationStarted& first, const OperationStarted& second) {
  OperationStarted before = hand.Operation(9, true);
  before.read = first.read;
  hand.Do(before);
  hand.Do(first);
  hand.Do(second);
  hand.Do(StateInspected{{9}, 7, {}});
  hand.Do(ReadAnswered{{9}, 1, true, 7, {}});
  hand.Do(OperationExecuted{{9}, {}, {}, false, {}});
  hand.Do(StateInspected{{1}, 7, {}});
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 1, true, 7, {}}), "execute#1=7");
}

TEST(Coordinator, ShowsAStateThatCameMeanwhileOnlyWhenItStandsOnAQuorum) {
  Hand hand;
  hand.Do(hand.Operation(1, true));
  hand.Do(StateInspected{{1}, 77, {}});
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 1, true, 77, {}}), "execute#1=77");
  EXPECT_EQ(hand.Do(OperationExecuted{{1}, "all", {}, false, {}, /*moved=*/true, 88}),
            "write1(all) write2(all)");
  EXPECT_EQ(hand.Do(LocallyDurable{{1}, 1}), "");
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 2, 1, true, {}}), "ok#1");
  EXPECT_EQ(hand.coordinator_.stats().settled, 1u);
}

TEST(Coordinator, WaitsForTheReadLevelWhereAWeakWriteShowedMore) {
  Hand hand;
  OperationStarted weak = hand.Operation(1, true);
  weak.write = Consistency::kOne;
  hand.Do(weak);
  hand.Do(StateInspected{{1}, 77, {}});
  hand.Do(ReadAnswered{{1}, 1, true, 77, {}});
  hand.Do(OperationExecuted{{1}, "all", At(5), false, At(5), /*moved=*/true, 88});
  EXPECT_EQ(hand.Do(LocallyDurable{{1}, 1}), "") << "one is enough for the write alone";
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 1, 1, true, {}}), "ok#1");
}

TEST(Coordinator, EndsAReadAfterTheWriteThatItShows) {
  Hand hand;
  Share(hand, hand.Operation(1, true), hand.Operation(2, true));
  EXPECT_EQ(hand.Do(OperationExecuted{{1}, "c", At(5), false, At(5), false, 8}),
            "write1(c) write2(c) execute#2=8");
  EXPECT_EQ(hand.Do(OperationExecuted{{2}, {}, {}, false, {}, false, 8}), "");
  EXPECT_EQ(hand.Do(LocallyDurable{{1}, 1}), "");
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 1, 1, true, {}}), "ok#1 ok#2");
}

TEST(Coordinator, FailsAReadWithTheWriteThatItShows) {
  Hand hand;
  Share(hand, hand.Operation(1, true), hand.Operation(2, true));
  hand.Do(OperationExecuted{{1}, "c", At(5), false, At(5), false, 8});
  hand.Do(OperationExecuted{{2}, {}, {}, false, {}, false, 8});
  hand.Do(WriteAnswered{{1}, 1, 1, false, {}});
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 2, 1, false, {}}), "failed#1 failed#2");
}

TEST(Coordinator, WaitsForTheWriteThatItShowsThoughAnotherWasTooLateBetween) {
  Hand hand;
  hand.Do(hand.Operation(9, true));
  hand.Do(hand.Operation(1, true));
  OperationStarted hasty = hand.Operation(2, true);
  hasty.deadline = Instant(20ms);
  hand.Do(hasty);
  hand.Do(hand.Operation(3, true));
  hand.Do(StateInspected{{9}, 7, {}});
  hand.Do(ReadAnswered{{9}, 1, true, 7, {}});
  hand.Do(OperationExecuted{{9}, {}, {}, false, {}, false, 7});
  hand.Do(StateInspected{{1}, 7, {}});
  hand.Pass(20ms);
  EXPECT_EQ(hand.Do(ReadAnswered{{1}, 1, true, 7, {}}), "execute#1=7");
  EXPECT_EQ(hand.Do(OperationExecuted{{1}, "c", At(5), false, At(5), false, 8}),
            "write1(c) write2(c) failed#2 execute#3=8");
  EXPECT_EQ(hand.Do(OperationExecuted{{3}, {}, {}, false, {}, false, 8}), "");
  hand.Do(LocallyDurable{{1}, 1});
  EXPECT_EQ(hand.Do(WriteAnswered{{1}, 1, 1, true, {}}), "ok#1 ok#3");
}

TEST(Coordinator, DoesNotCallAWriteUndoneThatFailedWithAReadBeforeIt) {
  Hand hand;
  Share(hand, hand.Operation(1, true), hand.Operation(2, true));
  hand.Do(OperationExecuted{{1}, "all", {}, false, {}, /*moved=*/true, 8});
  hand.Do(OperationExecuted{{2}, "c", At(5), false, At(5), false, 9});
  hand.Pass(5s);
  std::vector<Effect> effects;
  hand.coordinator_.Step(TimePassed{}, hand.now_, effects);
  ASSERT_EQ(effects.size(), 2u);
  EXPECT_TRUE(std::get<OperationFinished>(effects[0]).failure.ends_with("nothing was changed"));
  EXPECT_TRUE(std::get<OperationFinished>(effects[1]).failure.ends_with("the outcome is unknown"));
  EXPECT_TRUE(std::get<OperationFinished>(effects[1]).executed);
}

TEST(Coordinator, ExpectsNothingOfAWriteThatIsWeakerThanTheRead) {
  Hand hand;
  OperationStarted weak = hand.Operation(1, true);
  weak.write = Consistency::kOne;
  Share(hand, weak, hand.Operation(2, true));
  EXPECT_EQ(hand.Do(OperationExecuted{{1}, "c", At(5), false, At(5), false, 8}),
            "write1(c) write2(c) execute#2=7");
}

TEST(Coordinator, PassesTheTurnOnWhenTheReaderFails) {
  Hand hand;
  OperationStarted hasty = hand.Operation(1, true);
  hasty.deadline = Instant(20ms);
  hand.Do(hasty);
  hand.Do(hand.Operation(2, true));
  hand.Pass(20ms);
  EXPECT_EQ(hand.Do(TimePassed{}), "inspect ask1 failed#1");
}

TEST(Coordinator, GivesTheTurnOfABackgroundReadToWhoeverComes) {
  Hand hand;
  OperationStarted background = hand.Operation(1, true);
  background.yields = true;
  EXPECT_EQ(hand.Do(background), "inspect ask1");
  EXPECT_EQ(hand.Do(hand.Operation(2, true)), "failed#1 inspect ask1");
  EXPECT_EQ(hand.coordinator_.stats().failures, 0u) << "nobody was refused";
}

TEST(Coordinator, SkipsTheReadThatItsOwnCopySatisfies) {
  Hand hand;
  OperationStarted one = hand.Operation(1, true);
  one.read = Consistency::kOne;
  EXPECT_EQ(hand.Do(one), "execute#1");
  OperationStarted doubtful = hand.Operation(2, true);
  doubtful.read = Consistency::kOne;
  doubtful.self_counts = false;
  EXPECT_EQ(hand.Do(doubtful), "inspect ask1") << "its own copy may have lost acknowledged writes";
}

}  // namespace
}  // namespace quorate::dynamo
