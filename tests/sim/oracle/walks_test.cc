// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/walks.h"

#include <gtest/gtest.h>

#include <string>

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;

Reply Bulk(std::string text) { return {ReplyKind::kBulk, std::move(text), 0, {}}; }
Reply Keys(const std::vector<Bytes>& names) {
  Reply reply{ReplyKind::kArray, {}, 0, {}};
  for (const Bytes& name : names) reply.elements.push_back(Bulk(name));
  return reply;
}
Reply Step(const Bytes& cursor, const std::vector<Bytes>& names) {
  return {ReplyKind::kArray, {}, 0, {Bulk(cursor), Keys(names)}};
}
const Reply kNil{ReplyKind::kNull, {}, 0, {}};
const Reply kError{ReplyKind::kError, "NOQUORUM", 0, {}};

// Operations one after the other.
class History {
 public:
  explicit History(bool whole = true) : whole_(whole) {}

  History& Do(Phase phase, const std::vector<Bytes>& command, const Reply& reply,
              uint32_t client = 1) {
    ++operation_;
    const OperationInvoked asked{operation_,          client, NodeIndex{0}, SimTime{operation_},
                                 EventId{operation_}, phase,  command};
    walks_.Completed(
        {asked, SimTime{operation_}, EventId{operation_}, OperationOutcome::kReply, reply}, whole_);
    return *this;
  }
  History& Sweep(const Bytes& key, const Reply& reply) {
    return Do(Phase::kSweep, {"GET", key}, reply);
  }
  History& Walk(const std::vector<Bytes>& command, const Reply& reply, uint32_t client = 1) {
    return Do(Phase::kSweep, command, reply, client);
  }
  [[nodiscard]] bool holds() const { return !walks_.failure(); }
  [[nodiscard]] std::vector<Bytes> found() const { return walks_.Found(); }
  [[nodiscard]] std::string seen() const { return walks_.failure()->seen; }
  [[nodiscard]] uint64_t walks() const { return walks_.walks(); }

 private:
  bool whole_;
  Walks walks_;
  uint64_t operation_ = 0;
};

// string:1 and counter:2 are there, string:3 is not.
History Swept(bool whole = true) {
  return History(whole)
      .Sweep("string:1", Bulk("a"))
      .Sweep("counter:2", Bulk("7"))
      .Sweep("string:3", kNil);
}

TEST(Walks, MeetWhatTheSweepHasRead) {
  History history = Swept();
  history.Walk({"KEYS", "*"}, Keys({"counter:2", "string:1"}))
      .Walk({"SCAN", "0", "COUNT", "1"}, Step("9", {"counter:2"}))
      .Walk({"SCAN", "9", "COUNT", "1"}, Step("0", {"string:1"}))
      .Walk({"DBSIZE"}, {ReplyKind::kInteger, {}, 2, {}});
  EXPECT_TRUE(history.holds());
  EXPECT_EQ(history.walks(), 3U);
}

TEST(Walks, KnowWhatStays) {
  EXPECT_EQ(Swept().found(), (std::vector<Bytes>{"counter:2", "string:1"}));
  History history;
  history.Do(Phase::kFaults, {"SET", "string:1", "x"}, kError).Sweep("string:1", Bulk("a"));
  history.Sweep("expiring:1", Bulk("a"));
  EXPECT_EQ(history.found(), std::vector<Bytes>());
}

TEST(Walks, MissNoKey) {
  EXPECT_FALSE(Swept().Walk({"KEYS", "*"}, Keys({"string:1"})).holds());
  EXPECT_FALSE(Swept().Walk({"SCAN", "0", "COUNT", "9"}, Step("0", {"counter:2"})).holds());
}

TEST(Walks, MeetNoKeyTwice) {
  EXPECT_FALSE(Swept().Walk({"KEYS", "*"}, Keys({"string:1", "counter:2", "string:1"})).holds());
  EXPECT_FALSE(Swept()
                   .Walk({"SCAN", "0", "COUNT", "1"}, Step("9", {"counter:2", "string:1"}))
                   .Walk({"SCAN", "9", "COUNT", "1"}, Step("0", {"string:1"}))
                   .holds());
}

TEST(Walks, MeetNoKeyThatIsNotThere) {
  EXPECT_FALSE(Swept().Walk({"KEYS", "*"}, Keys({"string:1", "counter:2", "string:3"})).holds());
  EXPECT_FALSE(Swept().Walk({"KEYS", "*"}, Keys({"string:1", "counter:2", "string:4"})).holds());
}

TEST(Walks, AreNotJudgedByKeysThatAreNotOfTheWorkload) {
  EXPECT_TRUE(Swept().Walk({"KEYS", "*"}, Keys({"string:1", "counter:2", "probe"})).holds());
}

TEST(Walks, TellTheFirstThatWasWrong) {
  History history = Swept();
  history.Walk({"KEYS", "*"}, Keys({"string:1"})).Walk({"KEYS", "*"}, Keys({"counter:2"}));
  EXPECT_TRUE(history.seen().starts_with("\"counter:2\"")) << history.seen();
}

TEST(Walks, CountEachKeyOnce) {
  EXPECT_FALSE(Swept().Walk({"DBSIZE"}, {ReplyKind::kInteger, {}, 1, {}}).holds());
  EXPECT_FALSE(Swept().Walk({"DBSIZE"}, {ReplyKind::kInteger, {}, 3, {}}).holds());
}

// Two walkers do not mix, and one that failed begins anew.
TEST(Walks, AreOfOneClientFromEndToEnd) {
  EXPECT_TRUE(Swept()
                  .Walk({"SCAN", "0", "COUNT", "1"}, Step("9", {"counter:2"}), 1)
                  .Walk({"SCAN", "0", "COUNT", "5"}, Step("0", {"counter:2", "string:1"}), 2)
                  .Walk({"SCAN", "9", "COUNT", "1"}, kError, 1)
                  .Walk({"SCAN", "0", "COUNT", "1"}, Step("9", {"counter:2"}), 1)
                  .Walk({"SCAN", "9", "COUNT", "1"}, Step("0", {"string:1"}), 1)
                  .holds());
}

TEST(Walks, LeaveOutWhatMayStillChange) {
  // The write may take effect behind the sweep.
  History doubtful;
  doubtful.Do(Phase::kFaults, {"SET", "string:3", "x"}, kError)
      .Sweep("string:1", Bulk("a"))
      .Sweep("string:3", kNil);
  EXPECT_TRUE(History(doubtful).Walk({"KEYS", "*"}, Keys({"string:1", "string:3"})).holds());
  EXPECT_TRUE(History(doubtful).Walk({"KEYS", "*"}, Keys({"string:1"})).holds());
  // And a deadline may pass.
  History expiring;
  expiring.Sweep("expiring:1", Bulk("a"));
  EXPECT_TRUE(History(expiring).Walk({"KEYS", "*"}, Keys({})).holds());
  EXPECT_TRUE(History(expiring).Walk({"DBSIZE"}, {ReplyKind::kInteger, {}, 1, {}}).holds());
}

TEST(Walks, AreNotJudgedWhereFaultsHaveStayed) {
  EXPECT_TRUE(Swept(/*whole=*/false).Walk({"KEYS", "*"}, Keys({})).holds());
}

}  // namespace
}  // namespace quorate::sim
