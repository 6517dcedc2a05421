// SPDX-License-Identifier: Apache-2.0
// Which faults a run has, and that each does something in it.
#include "sim/tool/single_faults.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "sim/fault/words.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/run_command.h"

namespace quorate::sim {
namespace {

WorldEvent Event(uint64_t id, uint64_t cause, EventKind kind, uint64_t time, uint32_t node,
                 uint32_t peer = kNoNode.value) {
  WorldEvent event;
  event.id = EventId{id};
  event.cause = EventId{cause};
  event.kind = kind;
  event.time = SimTime{time};
  event.node = NodeIndex{node};
  event.peer = peer;
  return event;
}

size_t Count(const std::vector<Fault>& faults, FaultKind kind) {
  return static_cast<size_t>(std::count_if(faults.begin(), faults.end(),
                                           [kind](const Fault& f) { return f.kind == kind; }));
}

TEST(SingleFaults, AreOfEveryEffectCommitAndMessage) {
  SingleFaults singles(SimTime{1000});
  // A tick that sends to two others and to a sibling, and begins a commit; its end begins another.
  singles.Happened(Event(1, 0, EventKind::kTick, 100, 0));
  singles.Happened(Event(2, 1, EventKind::kMessageArrived, 200, 1, 0));
  singles.Happened(Event(3, 1, EventKind::kMessageArrived, 210, 2, 0));
  singles.Happened(Event(4, 1, EventKind::kMessageArrived, 220, 0, 0));
  singles.Happened(Event(5, 1, EventKind::kCommitDone, 300, 0));
  singles.Happened(Event(6, 5, EventKind::kCommitDone, 400, 0));
  // One without effects, and one that is too late.
  singles.Happened(Event(7, 2, EventKind::kTick, 500, 1));
  singles.Happened(Event(8, 3, EventKind::kTick, 1000, 2));
  singles.Happened(Event(9, 8, EventKind::kMessageArrived, 1100, 0, 2));
  EXPECT_EQ(singles.ticks(), 1u);
  EXPECT_EQ(singles.effects(), 4u);
  EXPECT_EQ(singles.messages(), 2u);
  const std::vector<Fault> faults = singles.All();
  // Before four effects, behind them, behind the tick, and in two commits.
  EXPECT_EQ(Count(faults, FaultKind::kCrash), 4u + 1u + 1u + 2u);
  EXPECT_EQ(Count(faults, FaultKind::kStop), 2u);
  EXPECT_EQ(Count(faults, FaultKind::kLoss), 2u);
  EXPECT_EQ(Count(faults, FaultKind::kDuplication), 2u);
  EXPECT_EQ(Count(faults, FaultKind::kDelay), 2u);
  for (const Fault& fault : faults) {
    EXPECT_TRUE(Validate(Schedule{3, {fault}}).ok()) << Words(fault, 3);
    EXPECT_EQ(fault.nodes, std::vector<uint32_t>{0});
  }
}

TEST(SingleFaults, OfARunWithOneAMessageThatWasLostWasSentAndOneThatCameTwiceIsOne) {
  Fault doubled;
  doubled.kind = FaultKind::kDuplication;
  doubled.from = SimTime{100};
  doubled.nodes = {0};
  for (const Fault* fault : {static_cast<const Fault*>(nullptr), &std::as_const(doubled)}) {
    SingleFaults singles(SimTime{1000}, fault);
    singles.Happened(Event(1, 0, EventKind::kTick, 100, 0));
    singles.Happened(Event(2, 1, EventKind::kMessageLost, 100, 1, 0));
    singles.Happened(Event(3, 1, EventKind::kMessageArrived, 200, 2, 0));
    singles.Happened(Event(4, 1, EventKind::kMessageArrived, 220, 2, 0));
    EXPECT_EQ(singles.messages(), fault == nullptr ? 3u : 2u);
    EXPECT_EQ(singles.effects(), fault == nullptr ? 3u : 2u);
  }
}

// An enumeration that misses its aim would hold for nothing.
void ExpectEachMeetsWhatItIsMeantFor(const char* scenario, uint64_t seed, Duration length) {
  WorldConfig config = MakeConfig(*FindScenario(scenario), seed, {{}, length, {}});
  config.schedule = Schedule{config.nodes, {}};
  SingleFaults singles(SimTime{} + config.duration);
  ASSERT_TRUE(RunConfig(config, {&singles}).ok());
  const std::vector<Fault> faults = singles.All();
  ASSERT_GT(faults.size(), 20u);
  for (const Fault& fault : faults) {
    config.schedule = Schedule{config.nodes, {fault}};
    const absl::StatusOr<Outcome> outcome = RunConfig(config, {});
    ASSERT_TRUE(outcome.ok());
    EXPECT_FALSE(outcome->failure) << Words(fault, config.nodes);
    EXPECT_EQ(outcome->result.effects[static_cast<size_t>(fault.kind)], 1u)
        << Words(fault, config.nodes);
  }
}

TEST(SingleFaults, EachMeetsWhatItIsMeantFor) { ExpectEachMeetsWhatItIsMeantFor("kv-3", 1, 60ms); }

// Of a pool without durability and several shards, which nothing else wakes.
TEST(SingleFaults, EachMeetsWhatItIsMeantForOnALoneNode) {
  ExpectEachMeetsWhatItIsMeantFor("kv-sole", 2, 60ms);
}

}  // namespace
}  // namespace quorate::sim
