// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/operation_times.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

using ::testing::HasSubstr;

class Waiting {
 public:
  // One after another.
  Waiting& Ask(const char* command, uint64_t us, const resp::Reply& reply,
               OperationOutcome outcome = OperationOutcome::kReply, Phase phase = Phase::kFaults) {
    const std::vector<Bytes> words = {command, "k"};
    ++number_;
    const OperationInvoked asked = {.operation = number_,
                                    .node = NodeIndex{0},
                                    .time = now_,
                                    .event = EventId{number_},
                                    .phase = phase,
                                    .command = words};
    now_.us += us;
    times_.Completed({.invoked = asked,
                      .time = now_,
                      .event = EventId{number_},
                      .outcome = outcome,
                      .reply = reply});
    return *this;
  }
  [[nodiscard]] std::string Describe() const { return times_.Describe(); }

 private:
  OperationTimes times_;
  uint64_t number_ = 0;
  SimTime now_;
};

TEST(OperationTimes, AreOfReadsAndOfWrites) {
  Waiting waiting;
  for (uint64_t i = 1; i <= 200; ++i) waiting.Ask("GET", i * 10, {});
  waiting.Ask("SET", 7, {}).Ask("DEL", 5, {});
  EXPECT_THAT(waiting.Describe(),
              HasSubstr("reads  200 answered, 0 with an error, 0 not; half within 1.000 ms, 99 of "
                        "100 within 1.980 ms, all within 2.000 ms\n"));
  EXPECT_THAT(waiting.Describe(),
              HasSubstr("writes 2 answered, 0 with an error, 0 not; half within 0.005 ms, 99 of "
                        "100 within 0.007 ms, all within 0.007 ms\n"));
}

TEST(OperationTimes, CountErrorsAndWhatWasNotAnsweredApart) {
  Waiting waiting;
  waiting.Ask("GET", 9, {resp::ReplyKind::kError, "NOQUORUM", 0, {}})
      .Ask("GET", 9, {}, OperationOutcome::kTimeout)
      .Ask("GET", 9, {}, OperationOutcome::kDisconnected);
  EXPECT_THAT(waiting.Describe(), HasSubstr("reads  0 answered, 1 with an error, 2 not\n"));
}

TEST(OperationTimes, LeaveOutTheSweep) {
  Waiting waiting;
  waiting.Ask("GET", 9, {}, OperationOutcome::kReply, Phase::kSweep);
  EXPECT_THAT(waiting.Describe(), HasSubstr("reads  0 answered, 0 with an error, 0 not\n"));
}

}  // namespace
}  // namespace quorate::sim
