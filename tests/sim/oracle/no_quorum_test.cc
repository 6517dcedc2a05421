// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/no_quorum.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/sim/oracle/fake_world.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;
using topology::Consistency;

const Reply kOk{ReplyKind::kSimple, "OK", 0, {}};
const Reply kNoQuorum{ReplyKind::kError, "NOQUORUM 1 answered", 0, {}};
const Reply kBusy{ReplyKind::kError, "BUSY", 0, {}};

// Three nodes, each with a replica of every key; some are away.
class Judge {
 public:
  explicit Judge(const std::vector<uint32_t>& away) {
    for (const uint32_t node : away) world_.absences[node] = Absence::kWhole;
  }
  Judge& Do(const std::vector<Bytes>& command, Consistency read, Consistency write,
            const Reply& reply, Phase phase = Phase::kHealed) {
    ++operation_;
    const OperationInvoked asked{
        operation_, 1,    NodeIndex{0}, SimTime{operation_}, EventId{operation_}, phase,
        command,    read, write};
    oracle_.Completed(
        world_, {asked, SimTime{operation_}, EventId{operation_}, OperationOutcome::kReply, reply});
    return *this;
  }
  Judge& Set(Consistency level, const Reply& reply) {
    return Do({"SET", "k", "v"}, Consistency::kAll, level, reply);
  }
  [[nodiscard]] const std::optional<Failure>& failure() const { return oracle_.failure(); }
  [[nodiscard]] const CoreFigures& figures() const { return oracle_.figures(); }

 private:
  FakeWorld world_;
  NoQuorum oracle_;
  uint64_t operation_ = 0;
};

TEST(NoQuorum, CountsWhatIsServedAndWhatIsToldThatItCannotBe) {
  Judge judge({1, 2});
  judge.Set(Consistency::kOne, kOk).Set(Consistency::kQuorum, kNoQuorum);
  judge.Do({"GET", "k"}, Consistency::kAll, Consistency::kOne, kNoQuorum, Phase::kSweep);
  judge.Set(Consistency::kQuorum, kBusy).Set(Consistency::kOne, kNoQuorum);
  EXPECT_FALSE(judge.failure());
  EXPECT_EQ(judge.figures(), (CoreFigures{1, 2}));
}

TEST(NoQuorum, RefusesAnAcknowledgementWithoutOne) {
  Judge write({1, 2});
  write.Set(Consistency::kQuorum, kOk);
  ASSERT_TRUE(write.failure());
  EXPECT_EQ(write.failure()->kind, FailureKind::kWrongReply);
  EXPECT_EQ(write.failure()->oracle, "no_quorum");
  EXPECT_FALSE(Judge({1}).Set(Consistency::kQuorum, kOk).failure());
  const auto read = [](Consistency level) {
    return Judge({2}).Do({"GET", "k"}, level, Consistency::kAll, kOk).failure().has_value();
  };
  EXPECT_TRUE(read(Consistency::kAll));
  EXPECT_FALSE(read(Consistency::kQuorum));
}

TEST(NoQuorum, JudgesNothingThatBeganBeforeTheHealingOrInAWholeWorld) {
  Judge early({1, 2});
  early.Do({"SET", "k", "v"}, Consistency::kAll, Consistency::kAll, kOk, Phase::kFaults);
  EXPECT_FALSE(early.failure());
  EXPECT_EQ(early.figures(), CoreFigures{});
  EXPECT_EQ(Judge({}).Set(Consistency::kAll, kOk).figures(), CoreFigures{});
}

}  // namespace
}  // namespace quorate::sim
