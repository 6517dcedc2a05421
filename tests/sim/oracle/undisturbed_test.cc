// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/undisturbed.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/sim/oracle/fake_world.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;

Reply Error(std::string text) { return {ReplyKind::kError, std::move(text), 0, {}}; }

class Beginning {
 public:
  explicit Beginning(bool as_in_production = true) {
    world_.production = as_in_production;
    undisturbed_.RunBegan(world_);
  }
  Beginning& Begins() {
    undisturbed_.FaultBegan();
    return *this;
  }
  // As many ask for the key at once, of which the first is answered so.
  Beginning& Answers(const Reply& reply, OperationOutcome outcome = OperationOutcome::kReply,
                     uint64_t at_once = 1) {
    const std::vector<Bytes> command = {"GET", "string:1"};
    std::vector<OperationInvoked> all;
    for (uint64_t i = 0; i < at_once; ++i) {
      all.push_back(
          {++operation_, 1, NodeIndex{0}, SimTime{1}, EventId{2}, Phase::kFaults, command});
      undisturbed_.Invoked(all.back());
    }
    undisturbed_.Completed({all.front(), SimTime{1} + took_, EventId{4}, outcome, reply});
    for (size_t i = 1; i < all.size(); ++i) {
      undisturbed_.Completed({all[i], SimTime{3}, EventId{4}, OperationOutcome::kReply, Reply()});
    }
    return *this;
  }
  Beginning& GivesUpAfter(Duration time) {
    took_ = time;
    return Answers(Reply(), OperationOutcome::kTimeout);
  }

  [[nodiscard]] const Undisturbed& seen() const { return undisturbed_; }
  [[nodiscard]] bool holds() const { return !undisturbed_.failure().has_value(); }

 private:
  FakeWorld world_;
  Undisturbed undisturbed_;
  uint64_t operation_ = 0;
  Duration took_ = 1ms;
};

TEST(Undisturbed, AcceptsAnswersAndErrorsOfWhoAsked) {
  Beginning run;
  run.Answers(Reply()).Answers(Error("ERR value is not an integer or out of range"));
  run.Answers(Error("WRONGTYPE Operation against a key")).Answers(Error("LOADING rows"));
  run.Answers(Error("OOM command not allowed")).Answers(Error("NOORDER two replicas"));
  EXPECT_TRUE(run.holds());
  EXPECT_EQ(run.seen().judged(), 6u);
}

TEST(Undisturbed, FindsThatSomethingIsSaidToBeWrong) {
  for (const char* const text : {"NOQUORUM QUORUM read: 1 of 3", "IOERR storage", "DISKFULL disk",
                                 "BUSY too many", "SHUTDOWN stops", "CLOCKSKEW clock"}) {
    Beginning run;
    run.Answers(Reply()).Answers(Error(text));
    ASSERT_FALSE(run.holds()) << text;
    EXPECT_EQ(run.seen().failure()->kind, FailureKind::kUnhealthy);
    EXPECT_EQ(run.seen().failure()->event, EventId{4});
  }
}

TEST(Undisturbed, FindsAClientThatGaveUp) {
  EXPECT_FALSE(Beginning().GivesUpAfter(2s).holds());
  EXPECT_TRUE(Beginning().GivesUpAfter(1999ms).holds()) << "before its node had to answer";
  EXPECT_FALSE(Beginning().Answers(Reply(), OperationOutcome::kDisconnected).holds());
}

TEST(Undisturbed, ForgivesWhatManyAskForAtOnce) {
  EXPECT_FALSE(Beginning().Answers(Error("NOQUORUM"), OperationOutcome::kReply, 8).holds());
  EXPECT_TRUE(Beginning().Answers(Error("NOQUORUM"), OperationOutcome::kReply, 9).holds());
  // They are over when the next one comes.
  Beginning run;
  run.Answers(Reply(), OperationOutcome::kReply, 9);
  EXPECT_FALSE(run.Answers(Error("NOQUORUM")).holds());
}

TEST(Undisturbed, ForgivesEverythingOnceAFaultHasBegun) {
  EXPECT_TRUE(Beginning().Begins().Answers(Error("NOQUORUM")).holds());
  EXPECT_FALSE(Beginning().Answers(Error("NOQUORUM")).Begins().holds());
}

TEST(Undisturbed, IsNotOfWorldsWithLimitsOfTheirOwn) {
  Beginning run(/*as_in_production=*/false);
  run.Answers(Error("BUSY"));
  EXPECT_TRUE(run.holds());
  EXPECT_EQ(run.seen().judged(), 0u);
}

}  // namespace
}  // namespace quorate::sim
