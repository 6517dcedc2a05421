// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/chronicle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/wire/message.h"
#include "tests/sim/oracle/fake_world.h"

namespace quorate::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

WorldEvent Event(uint64_t id, uint64_t cause, EventKind kind, uint32_t node) {
  WorldEvent event;
  event.id = {id};
  event.cause = {cause};
  event.time = {id * 1000};
  event.kind = kind;
  event.node = {node};
  return event;
}

std::string Text(const Chronicle& chronicle, uint64_t event) {
  return Chronicle::Describe(chronicle.entries().at({event}));
}

TEST(Chronicle, KeepsWhatIsWantedAndEndsAfterTheLast) {
  Chronicle chronicle([](EventId event) { return event.value == 2; }, {2});
  chronicle.Happened(Event(1, 0, EventKind::kTick, 0));
  chronicle.Happened(Event(2, 1, EventKind::kTick, 4));
  EXPECT_TRUE(chronicle.wants_more());  // it may go on to tell of it
  chronicle.Happened(Event(3, 2, EventKind::kTick, 0));
  EXPECT_FALSE(chronicle.wants_more());
  ASSERT_THAT(chronicle.entries(), SizeIs(1));
  EXPECT_THAT(Text(chronicle, 2), HasSubstr("0.002000 s  #2 tick at node 4 shard 0, caused by #1"));
}

TEST(Chronicle, TellsWhatMessagesCarried) {
  Chronicle chronicle([](EventId) { return true; }, {9});
  chronicle.Happened(Event(1, 0, EventKind::kMessageArrived, 0));
  wire::Message message;
  wire::Execute execute;
  execute.args = {"SET", "key", Bytes(500, 'x')};
  message.body = execute;
  chronicle.Carried({1}, message);
  EXPECT_THAT(Text(chronicle, 1), HasSubstr("SET key xxx"));
  EXPECT_THAT(Text(chronicle, 1), HasSubstr("..."));
  EXPECT_LT(Text(chronicle, 1).size(), 300u);
}

TEST(Chronicle, NamesTheFaultsInForceAndNoOthers) {
  Chronicle chronicle([](EventId) { return true; }, {9});
  Fault pause;
  pause.id = 17;
  pause.kind = FaultKind::kPause;
  pause.nodes = {2, 3};
  chronicle.Happened(Event(1, 0, EventKind::kFaultBegan, 0));
  chronicle.Began({0, pause, 5});
  chronicle.Happened(Event(2, 1, EventKind::kTick, 0));
  chronicle.Happened(Event(3, 1, EventKind::kFaultEnded, 0));
  chronicle.Ended({0, pause, 5});
  chronicle.Happened(Event(4, 1, EventKind::kTick, 0));
  EXPECT_THAT(Text(chronicle, 1), HasSubstr("begins: 17: pause 2,3"));
  EXPECT_THAT(Text(chronicle, 2), HasSubstr("in force: 17: pause 2,3"));
  EXPECT_THAT(Text(chronicle, 3), HasSubstr("ends: 17: pause after 5 effects"));
  EXPECT_THAT(Text(chronicle, 4), Not(HasSubstr("17:")));
}

TEST(Chronicle, TellsOfTheOperationWhereItIsAskedAndWhereItEnds) {
  Chronicle chronicle([](EventId) { return true; }, {9});
  const std::vector<Bytes> command = {"GET", "key"};
  chronicle.Happened(Event(1, 0, EventKind::kClientWakes, kNoNode.value));
  const OperationInvoked asked{5, 3, {1}, {1000}, {1}, Phase::kFaults, command, {}, {}};
  chronicle.Invoked(asked);
  chronicle.Happened(Event(2, 1, EventKind::kClientReceives, 1));
  chronicle.Completed({asked, {2000}, {2}, OperationOutcome::kTimeout, {}});
  EXPECT_THAT(Text(chronicle, 1), HasSubstr("asks: operation 5 of client 3 at node 1: GET key"));
  EXPECT_THAT(Text(chronicle, 2), HasSubstr("GET key = timeout"));
}

TEST(Chronicle, NamesThePoolWhereThereAreSeveral) {
  const FakeWorld world;
  Chronicle chronicle([](EventId) { return true; }, {9});
  chronicle.RunBegan(world);
  const std::vector<Bytes> command = {"GET", "key"};
  chronicle.Happened(Event(1, 0, EventKind::kClientWakes, kNoNode.value));
  chronicle.Invoked({5, 3, {1}, {1000}, {1}, Phase::kFaults, command, {}, {}, PoolId{1}});
  chronicle.Happened(Event(2, 1, EventKind::kMessageArrived, 1));
  wire::Message message;
  wire::Read read;
  read.pool = PoolId{1};
  message.body = read;
  chronicle.Carried({2}, message);
  EXPECT_THAT(Text(chronicle, 1), HasSubstr("asks: pool second: operation 5 of client 3"));
  EXPECT_THAT(Text(chronicle, 2), HasSubstr("carried: pool second: "));
}

TEST(Chronicle, TellsWhatElseCameToATick) {
  Chronicle chronicle([](EventId event) { return event.value >= 4; }, {9});
  chronicle.Happened(Event(1, 0, EventKind::kMessageArrived, 0));
  chronicle.Happened(Event(2, 0, EventKind::kMessageArrived, 1));  // elsewhere
  chronicle.Happened(Event(3, 0, EventKind::kCommitDone, 0));
  chronicle.Happened(Event(4, 1, EventKind::kTick, 0));
  chronicle.Happened(Event(5, 1, EventKind::kTick, 0));
  EXPECT_THAT(Text(chronicle, 4), HasSubstr("came to the same tick: 3\n"));
  EXPECT_THAT(Text(chronicle, 5), Not(HasSubstr("came")));
}

}  // namespace
}  // namespace quorate::sim
