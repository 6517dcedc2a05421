// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/request_order.h"

#include <gtest/gtest.h>

#include <map>
#include <utility>
#include <vector>

#include "tests/sim/oracle/fake_world.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;

class Connection {
 public:
  void Ask(uint64_t operation, const std::vector<Bytes>& command, uint32_t client = 1) {
    asked_[operation] = {client, command};
    requests_.Invoked(Asked(operation));
  }
  void Answer(uint64_t operation, const Reply& reply,
              OperationOutcome outcome = OperationOutcome::kReply) {
    requests_.Completed({Asked(operation), SimTime{2}, EventId{2}, outcome, reply});
  }
  std::optional<FailureKind> End() {
    requests_.RunEnded(world_, 0);
    if (!requests_.failure().has_value()) return std::nullopt;
    return requests_.failure()->kind;
  }
  [[nodiscard]] const RequestOrder& requests() const { return requests_; }

 private:
  [[nodiscard]] OperationInvoked Asked(uint64_t operation) const {
    const auto& [client, command] = asked_.at(operation);
    return {operation, client, NodeIndex{0}, SimTime{1}, EventId{1}, Phase::kFaults, command};
  }

  FakeWorld world_;
  RequestOrder requests_;
  std::map<uint64_t, std::pair<uint32_t, std::vector<Bytes>>> asked_;
};

const Reply kOkReply{ReplyKind::kSimple, "OK", 0, {}};
const Reply kOne{ReplyKind::kInteger, "", 1, {}};
const Reply kNil{};

TEST(RequestOrder, AcceptsRepliesInOrder) {
  Connection connection;
  connection.Ask(1, {"SET", "k", "v"});
  connection.Ask(2, {"INCR", "n"});
  connection.Answer(1, kOkReply);
  connection.Answer(2, kOne);
  EXPECT_EQ(connection.End(), std::nullopt);
}

TEST(RequestOrder, FindsRepliesThatChangedPlaces) {
  Connection connection;
  connection.Ask(1, {"INCR", "n"});
  connection.Ask(2, {"INCR", "n"});
  connection.Answer(2, kOne);
  connection.Answer(1, kOne);
  EXPECT_EQ(connection.End(), FailureKind::kWrongReply);
}

TEST(RequestOrder, FindsAReplyOfAnotherKind) {
  Connection connection;
  connection.Ask(1, {"GET", "k"});
  connection.Answer(1, kOne);
  EXPECT_EQ(connection.End(), FailureKind::kWrongReply);
}

TEST(RequestOrder, FindsASecondReply) {
  Connection connection;
  connection.Ask(1, {"GET", "k"});
  connection.Answer(1, kNil);
  connection.Answer(1, kNil);
  EXPECT_EQ(connection.End(), FailureKind::kWrongReply);
}

TEST(RequestOrder, FindsARequestThatNeverEnds) {
  Connection connection;
  connection.Ask(1, {"GET", "k"});
  EXPECT_EQ(connection.End(), FailureKind::kLeak);
}

TEST(RequestOrder, TakesErrorsForAnythingAndCountsThem) {
  Connection connection;
  connection.Ask(1, {"GET", "k"});
  connection.Answer(1, {ReplyKind::kError, "NOQUORUM x", 0, {}});
  connection.Ask(2, {"GET", "k"});
  connection.Answer(2, kNil, OperationOutcome::kTimeout);
  EXPECT_EQ(connection.End(), std::nullopt);
  EXPECT_EQ(connection.requests().errors().at("NOQUORUM"), 1u);
}

TEST(RequestOrder, ComparesWhatIsEchoed) {
  EXPECT_TRUE(FitsCommand({"PING", "a"}, {ReplyKind::kBulk, "a", 0, {}}));
  EXPECT_FALSE(FitsCommand({"PING", "a"}, {ReplyKind::kBulk, "b", 0, {}}));
  EXPECT_FALSE(FitsCommand({"MGET", "a", "b"}, {ReplyKind::kArray, "", 0, {kNil}}));
  EXPECT_TRUE(FitsCommand({"CONSISTENCY", "ALL", "THEN", "GET", "a"}, kNil));
  EXPECT_FALSE(FitsCommand({"CONSISTENCY", "ALL", "THEN", "GET", "a"}, kOne));
  EXPECT_TRUE(FitsCommand({"OBJECT", "a"}, kOne));
}

TEST(RequestOrder, ComparesHowMuchIsAnswered) {
  const auto array = [](size_t elements) {
    return Reply{ReplyKind::kArray, "", 0, std::vector<Reply>(elements, kNil)};
  };
  EXPECT_TRUE(FitsCommand({"MGET", "a", "b"}, array(2)));
  EXPECT_FALSE(FitsCommand({"MGET", "a", "b"}, array(3)));
  EXPECT_TRUE(FitsCommand({"HMGET", "k", "f", "g"}, array(2)));
  EXPECT_FALSE(FitsCommand({"HMGET", "k", "f", "g"}, array(3)));
  EXPECT_TRUE(FitsCommand({"HGETALL", "k"}, array(4)));
  EXPECT_FALSE(FitsCommand({"HGETALL", "k"}, array(3)));
  EXPECT_TRUE(FitsCommand({"HKEYS", "k"}, array(3)));
}

TEST(RequestOrder, ComparesWhatIsSaidOfSuccess) {
  const Reply pong{ReplyKind::kSimple, "PONG", 0, {}};
  EXPECT_TRUE(FitsCommand({"PING"}, pong));
  EXPECT_FALSE(FitsCommand({"PING"}, kOkReply));
  EXPECT_TRUE(FitsCommand({"SET", "k", "v"}, kOkReply));
  EXPECT_FALSE(FitsCommand({"SET", "k", "v"}, pong));
  EXPECT_FALSE(FitsCommand({"MSET", "k", "v"}, pong));
  EXPECT_TRUE(FitsCommand({"SET", "k", "v", "GET"}, {ReplyKind::kBulk, "old", 0, {}}));
}

}  // namespace
}  // namespace quorate::sim
