// SPDX-License-Identifier: Apache-2.0
// A client against a host that notes what it is asked for.
#include "sim/client/sim_client.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

const MayLackQuorum kNeverLacks = [](uint32_t, std::string_view) { return false; };

class FakeHost final : public ClientHost {
 public:
  void Connect(SimClient& /*client*/, uint32_t node) override { connects.push_back(node); }
  void Send(SimClient& /*client*/, Bytes bytes) override { sent += bytes; }
  void Disconnect(SimClient& /*client*/) override { ++disconnects; }
  void WakeAt(SimClient& /*client*/, SimTime time, uint64_t generation) override {
    wake_time = time;
    wake_generation = generation;
  }
  void Invoked(SimClient& /*client*/, const Operation& operation) override {
    invoked.push_back(operation.command);
  }
  void Completed(SimClient& /*client*/, const resp::Reply* reply, bool timed_out) override {
    std::string what = std::to_string(completed.size() + 1) + " ";
    what += reply != nullptr ? resp::Describe(*reply) : timed_out ? "timeout" : "lost";
    completed.push_back(what);
  }
  void ProtocolBroken(SimClient& /*client*/, std::string_view what) override { broken = what; }

  std::vector<uint32_t> connects;
  Bytes sent;
  int disconnects = 0;
  SimTime wake_time;
  uint64_t wake_generation = 0;
  std::vector<std::vector<Bytes>> invoked;
  std::vector<std::string> completed;
  std::string broken;
};

class GetSource final : public OperationSource {
 public:
  std::optional<Operation> Next(uint32_t /*client*/, uint64_t number) override {
    if (number >= limit) return std::nullopt;
    return Operation{{"GET", "k" + std::to_string(number)}, {}};
  }
  void Finished(uint32_t /*client*/, const Operation& /*operation*/,
                const resp::Reply* reply) override {
    ++(reply == nullptr ? unanswered : answered);
  }
  uint64_t limit = 1000;
  int answered = 0;
  int unanswered = 0;
};

class SimClientTest : public testing::Test {
 protected:
  void Start(ClientConfig config = {}) {
    config.nodes = 5;
    client_.Start(source_, config, now_);
  }
  void Wake() {
    now_ = host_.wake_time;
    ASSERT_TRUE(client_.Expects(host_.wake_generation));
    client_.OnWake(now_);
  }
  void ConnectAndSend() {
    Wake();
    client_.OnConnected(now_);
  }

  FakeHost host_;
  GetSource source_;
  SimClient client_{1, 2, {}, host_};
  SimTime now_;
};

TEST_F(SimClientTest, AsksWaitsAndThinks) {
  Start();
  EXPECT_FALSE(client_.idle());
  ConnectAndSend();
  ASSERT_EQ(host_.connects.size(), 1u);
  EXPECT_LT(host_.connects[0], 5u);
  EXPECT_EQ(host_.sent, "*2\r\n$3\r\nGET\r\n$2\r\nk0\r\n");
  client_.OnBytes("$1\r\n", now_);
  EXPECT_TRUE(host_.completed.empty());
  client_.OnBytes("x\r\n", now_);
  EXPECT_EQ(host_.completed, std::vector<std::string>{"1 \"x\""});
  EXPECT_EQ(source_.answered, 1);
  Wake();
  EXPECT_EQ(host_.invoked.size(), 2u);
}

TEST_F(SimClientTest, GivesUpAfterItsTimeoutAndGoesElsewhere) {
  ClientConfig config;
  config.timeout = 3s;
  Start(config);
  ConnectAndSend();
  EXPECT_EQ(host_.wake_time, now_ + Duration(3s));
  Wake();
  EXPECT_EQ(host_.completed, std::vector<std::string>{"1 timeout"});
  EXPECT_EQ(host_.disconnects, 1);
  EXPECT_EQ(source_.unanswered, 1);
  Wake();
  EXPECT_EQ(host_.connects.size(), 2u);
}

TEST_F(SimClientTest, ALostConnectionLeavesTheOutcomeOpen) {
  Start();
  ConnectAndSend();
  client_.OnClosed(now_);
  EXPECT_EQ(host_.completed, std::vector<std::string>{"1 lost"});
  EXPECT_EQ(host_.disconnects, 0);
  Wake();
  EXPECT_EQ(host_.connects.size(), 2u);
}

TEST_F(SimClientTest, SetsItsLevelsFirst) {
  ClientConfig config;
  config.levels = {topology::Consistency::kAll, std::nullopt};
  Start(config);
  ConnectAndSend();
  EXPECT_TRUE(host_.sent.starts_with("*3\r\n$11\r\nCONSISTENCY\r\n$4\r\nREAD\r\n$3\r\nALL\r\n*2"));
  client_.OnBytes("+OK\r\n$-1\r\n", now_);
  EXPECT_EQ(host_.completed, std::vector<std::string>{"1 nil"});
}

// The sweep asks only those that heal, whatever the client was connected to before.
TEST_F(SimClientTest, LeavesANodeThatItIsToAvoid) {
  const auto rest = [this] {
    client_.Quiesce();
    Wake();
    ASSERT_TRUE(client_.idle());
  };
  Start();
  ConnectAndSend();
  client_.OnBytes("$1\r\nx\r\n", now_);
  rest();
  ClientConfig config;
  config.avoid = {true, true, true, true, true};
  config.avoid[host_.connects.at(0)] = false;
  Start(config);
  rest();
  EXPECT_EQ(host_.disconnects, 0);
  config.avoid = {false, false, false, false, false};
  config.avoid[host_.connects.at(0)] = true;
  Start(config);
  EXPECT_EQ(host_.disconnects, 1);
  Wake();
  ASSERT_EQ(host_.connects.size(), 2u);
  EXPECT_NE(host_.connects[1], host_.connects[0]);
}

TEST_F(SimClientTest, LeavesANodeThatIsLoading) {
  Start();
  ConnectAndSend();
  client_.OnBytes("-LOADING later\r\n", now_);
  Wake();
  EXPECT_EQ(host_.disconnects, 1);
  EXPECT_EQ(host_.connects.size(), 2u);
}

TEST_F(SimClientTest, TellsOfBytesThatAnswerNothing) {
  Start();
  ConnectAndSend();
  client_.OnBytes("+OK\r\n+OK\r\n", now_);
  EXPECT_NE(host_.broken.find("a reply to nothing"), std::string::npos);
}

TEST_F(SimClientTest, FinishesWhatItBeganWhenQuiesced) {
  Start();
  ConnectAndSend();
  client_.Quiesce();
  EXPECT_FALSE(client_.idle());
  client_.OnBytes("$-1\r\n", now_);
  Wake();
  EXPECT_TRUE(client_.idle());
  EXPECT_EQ(host_.invoked.size(), 1u);
}

TEST(SweepSource, RepeatsWhatFailedAndGivesUpAtLast) {
  SweepSource source({{KeyClass::kString, 1}}, kNeverLacks);
  EXPECT_FALSE(source.done());
  resp::Reply error;
  error.kind = resp::ReplyKind::kError;
  error.text = "ERR no";
  for (int i = 0; i < 1000 && !source.given_up(); ++i) {
    const std::optional<Operation> operation = source.Next(0, 0);
    ASSERT_TRUE(operation.has_value());
    source.Finished(0, *operation, &error);
  }
  EXPECT_EQ(source.given_up(), "string:1: ERR no");
}

TEST(SweepSource, WaitsForRoom) {
  SweepSource source({{KeyClass::kString, 1}}, kNeverLacks);
  resp::Reply busy;
  busy.kind = resp::ReplyKind::kError;
  busy.text = "BUSY too many requests are in flight; try again";
  for (int i = 0; i < 1000; ++i) source.Finished(0, *source.Next(0, 0), &busy);
  EXPECT_EQ(source.given_up(), std::nullopt);
  EXPECT_FALSE(source.done());
}

TEST(SweepSource, ReadsEachKeyOnce) {
  SweepSource source({{KeyClass::kString, 1}, {KeyClass::kHash, 2}}, kNeverLacks);
  const resp::Reply reply;
  const std::optional<Operation> first = source.Next(0, 0);
  const std::optional<Operation> second = source.Next(0, 1);
  EXPECT_EQ(first->command, (std::vector<Bytes>{"GET", "string:1"}));
  EXPECT_EQ(second->command, (std::vector<Bytes>{"HGETALL", "hash:2"}));
  EXPECT_FALSE(source.Next(0, 2).has_value());
  source.Finished(0, *first, &reply);
  source.Finished(0, *second, nullptr);
  EXPECT_FALSE(source.done());
  source.Finished(0, *source.Next(0, 3), &reply);
  EXPECT_TRUE(source.done());
}

}  // namespace
}  // namespace quorate::sim
