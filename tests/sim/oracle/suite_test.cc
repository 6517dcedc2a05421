// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/suite.h"

#include <gtest/gtest.h>

#include "tests/sim/oracle/fake_world.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;

// Runs operations one after another, an event each for beginning and end.
class Client {
 public:
  explicit Client(env::Durability durability = env::Durability::kAlways, uint16_t replicas = 3)
      : world_(durability, replicas) {
    suite_.RunBegan(world_);
  }

  Client& Do(const std::vector<Bytes>& command, const Reply& reply, Phase phase = Phase::kFaults,
             PoolId pool = {}) {
    OperationInvoked invoked{++operation_,  0,     NodeIndex{0}, SimTime{++now_},
                             EventId{now_}, phase, command};
    invoked.pool = pool;
    if (phase == Phase::kSweep) invoked.read = topology::Consistency::kAll;
    suite_.Invoked(invoked);
    ++now_;
    suite_.Completed({invoked, SimTime{now_}, EventId{now_}, OperationOutcome::kReply, reply});
    return *this;
  }
  // The client gives up.
  Client& Fail(const std::vector<Bytes>& command) {
    const OperationInvoked invoked{
        ++operation_, 1, NodeIndex{0}, SimTime{++now_}, EventId{now_}, Phase::kFaults, command};
    suite_.Invoked(invoked);
    ++now_;
    suite_.Completed({invoked, SimTime{now_}, EventId{now_}, OperationOutcome::kTimeout, Reply()});
    return *this;
  }
  // Asks what is not answered before the run ends.
  Client& Leave(const std::vector<Bytes>& command) {
    const OperationInvoked invoked{
        ++operation_, 1, NodeIndex{0}, SimTime{++now_}, EventId{now_}, Phase::kFaults, command};
    suite_.Invoked(invoked);
    suite_.LeftOpen(invoked);
    return *this;
  }
  Client& CrashAll() {
    ++now_;
    for (uint32_t node = 0; node < 3; ++node) suite_.Crashed(NodeIndex{node}, SimTime{now_});
    return *this;
  }
  // Their disks have gone back to how they were at the beginning.
  Client& ForgetAll() {
    ++now_;
    for (uint32_t node = 0; node < 3; ++node) {
      suite_.Forgot(NodeIndex{node}, SimTime{0}, SimTime{now_});
    }
    return *this;
  }
  FakeWorld& world() { return world_; }
  std::optional<Failure> End() {
    suite_.RunEnded(world_, 0);
    return suite_.failure();
  }
  [[nodiscard]] const OracleSuite& suite() const { return suite_; }

 private:
  FakeWorld world_;
  OracleSuite suite_;
  uint64_t operation_ = 0;
  uint64_t now_ = 0;
};

const Reply kOkReply{ReplyKind::kSimple, "OK", 0, {}};
Reply Bulk(std::string text) { return {ReplyKind::kBulk, std::move(text), 0, {}}; }
Reply Integer(int64_t value) { return {ReplyKind::kInteger, "", value, {}}; }

TEST(OracleSuite, AcceptsACorrectRunAndCountsWhatItJudged) {
  Client client;
  client.Do({"SET", "k", "a"}, kOkReply).Do({"GET", "k"}, Bulk("a"));
  client.Do({"GET", "k"}, Bulk("a"), Phase::kSweep);
  EXPECT_EQ(client.End(), std::nullopt);
  EXPECT_TRUE(client.suite().wants_more());
  EXPECT_EQ(client.suite().coverage().operations, 3u);
  EXPECT_EQ(client.suite().coverage().swept_keys, 1u);
  EXPECT_EQ(client.suite().coverage().history.registers, 1u);
}

TEST(OracleSuite, CountsWhatItCouldNotJudgeKeyByKey) {
  Client client;
  client.Do({"SET", "a", "1"}, kOkReply).Do({"RENAME", "a", "b"}, kOkReply);
  client.Do({"SET", "k", "1"}, kOkReply).Do({"APPEND", "k", "x"}, Integer(2));
  client.Do({"SET", "mixed", "1"}, kOkReply).Do({"HSET", "mixed", "f", "1"}, Integer(1));
  client.Do({"SET", "x", "1"}, kOkReply).Do({"BITOP", "NOT", "t", "x"}, Integer(1));
  client.Do({"DEL", "x", "y"}, Integer(1));
  EXPECT_EQ(client.End(), std::nullopt);
  const HistoryCoverage& history = client.suite().coverage().history;
  EXPECT_EQ(history.transfers, 1u);
  EXPECT_EQ(history.moved_keys, 2u);
  EXPECT_EQ(history.unknown_keys, 1u);
  EXPECT_EQ(history.mixed_keys, 1u);
  EXPECT_EQ(history.combined_keys, 1u);
  EXPECT_EQ(history.combinations, 1u);
  EXPECT_EQ(history.joined, 1u);
  EXPECT_GT(history.accesses, 0u);
}

// Both pools have a key of that name.
TEST(OracleSuite, AKeyOfOnePoolIsNoKeyOfAnother) {
  Client apart;
  apart.Do({"SET", "k", "a"}, kOkReply).Do({"SET", "k", "b"}, kOkReply, Phase::kFaults, PoolId{1});
  apart.Do({"GET", "k"}, Bulk("a")).Do({"GET", "k"}, Bulk("b"), Phase::kFaults, PoolId{1});
  EXPECT_EQ(apart.End(), std::nullopt);
  EXPECT_EQ(apart.suite().coverage().operations, 4u);
  EXPECT_EQ(apart.suite().coverage().history.registers, 2u);
  Client mixed;
  mixed.Do({"SET", "k", "a"}, kOkReply).Do({"GET", "k"}, Bulk("a"), Phase::kFaults, PoolId{1});
  const std::optional<Failure> failure = mixed.End();
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->oracle, "quorum_reads");
  EXPECT_TRUE(failure->seen.starts_with("pool second: ")) << failure->seen;
}

TEST(OracleSuite, NamesTheOracleThatFoundTheFailure) {
  Client lost;
  lost.Do({"SET", "k", "a"}, kOkReply).Do({"GET", "k"}, Reply(), Phase::kSweep);
  EXPECT_EQ(lost.End()->oracle, "acknowledged_writes");
  Client stale;
  stale.Do({"SET", "k", "a"}, kOkReply).Do({"GET", "k"}, Reply());
  EXPECT_EQ(stale.End()->oracle, "quorum_reads");
  Client twice;
  twice.Do({"INCR", "k"}, Integer(1)).Do({"GET", "k"}, Bulk("2"), Phase::kSweep);
  EXPECT_EQ(twice.End()->oracle, "at_most_once");
  Client shape;
  shape.Do({"INCR", "k"}, Bulk("1"));
  EXPECT_FALSE(shape.suite().wants_more());
  EXPECT_EQ(shape.End()->oracle, "request_order");
  Client leak;
  leak.world().messages = 1;
  EXPECT_EQ(leak.End()->oracle, "leaks");
}

// It may have been executed, so what it wrote may be read; that it never ended is what is wrong.
TEST(OracleSuite, WhatIsLeftOpenIsOfUnknownOutcome) {
  Client client;
  client.Do({"SET", "k", "a"}, kOkReply).Leave({"SET", "k", "b"}).Do({"GET", "k"}, Bulk("b"));
  const std::optional<Failure> failure = client.End();
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->kind, FailureKind::kLeak);
}

TEST(OracleSuite, JudgesCommandsOverSeveralKeys) {
  const auto judge = [](const std::vector<Bytes>& command, const Reply& reply, const Reply& read) {
    Client client;
    client.Do({"SET", "a", "1"}, kOkReply).Do(command, reply).Do({"GET", "a"}, read);
    const auto failure = client.End();
    return failure ? failure->oracle : "";
  };
  EXPECT_EQ(judge({"DEL", "a", "b"}, Integer(1), Reply()), "");
  EXPECT_EQ(judge({"DEL", "a", "b"}, Integer(2), Reply()), "joined_reads");
  EXPECT_EQ(judge({"DEL", "a", "b"}, Integer(1), Bulk("1")), "quorum_reads")
      << "the one that was counted can only have been the first";
  EXPECT_EQ(judge({"MSETNX", "a", "x", "b", "y"}, Integer(0), Bulk("1")), "");
  EXPECT_EQ(judge({"MSETNX", "a", "x", "b", "y"}, Integer(1), Bulk("x")), "joined_reads");
  EXPECT_EQ(judge({"MSETNX", "a", "x", "b", "y"}, Integer(0), Bulk("x")), "quorum_reads");
  EXPECT_EQ(judge({"BITOP", "NOT", "t", "a"}, Integer(1), Bulk("1")), "");
  EXPECT_EQ(judge({"BITOP", "NOT", "t", "a"}, Integer(2), Bulk("1")), "bit_operations");
}

TEST(OracleSuite, JudgesLoneKeys) {
  const auto judge = [](const Reply& length) {
    Client client;
    client.Do({"SET", "lone:1", "a"}, kOkReply).Do({"APPEND", "lone:1", "b"}, length);
    const auto failure = client.End();
    EXPECT_EQ(client.suite().coverage().judged_lone, 2u);
    return failure ? failure->oracle : "";
  };
  EXPECT_EQ(judge(Integer(2)), "");
  EXPECT_EQ(judge(Integer(1)), "lone_clients");
}

// Of two writes of unknown outcome each may be the later, but not twice.
TEST(OracleSuite, OneReplicaIsOneCopy) {
  const auto judge = [](uint16_t replicas, const Bytes& last) {
    Client client(env::Durability::kAlways, replicas);
    client.Fail({"SET", "k", "a"}).Fail({"SET", "k", "b"});
    client.Do({"GET", "k"}, Bulk("a")).Do({"GET", "k"}, Bulk("b")).Do({"GET", "k"}, Bulk(last));
    return client.End();
  };
  EXPECT_EQ(judge(1, "b"), std::nullopt);
  ASSERT_NE(judge(1, "a"), std::nullopt);
  EXPECT_EQ(judge(1, "a")->oracle, "linearizable");
}

TEST(OracleSuite, ForgivesWhatDisksHaveForgotten) {
  const auto run = [](bool forget) {
    Client client;
    client.Do({"SET", "k", "a"}, kOkReply);
    if (forget) client.ForgetAll();
    client.Do({"GET", "k"}, Reply(), Phase::kSweep);
    return client.End();
  };
  EXPECT_EQ(run(false)->kind, FailureKind::kLostWrite);
  EXPECT_EQ(run(true), std::nullopt);
}

TEST(OracleSuite, AnExchangeGivesWhatWasThere) {
  const auto judge = [](const Bytes& before) {
    Client client;
    client.Do({"SET", "k", "a"}, kOkReply).Do({"GETSET", "k", "b"}, Bulk(before));
    return client.End().has_value();
  };
  EXPECT_FALSE(judge("a"));
  EXPECT_TRUE(judge("b"));
}

TEST(OracleSuite, ForgivesWhatTheDurabilityForgives) {
  const auto run = [](env::Durability durability) {
    Client client(durability);
    client.Do({"SET", "k", "a"}, kOkReply).CrashAll();
    client.Do({"GET", "k"}, Reply(), Phase::kSweep);
    return client.End();
  };
  EXPECT_EQ(run(env::Durability::kAlways)->kind, FailureKind::kLostWrite);
  EXPECT_EQ(run(env::Durability::kPeriodic), std::nullopt);
}

}  // namespace
}  // namespace quorate::sim
