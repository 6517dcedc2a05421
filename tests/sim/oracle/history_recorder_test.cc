// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/history_recorder.h"

#include <gtest/gtest.h>

#include "tests/sim/oracle/history_builder.h"

namespace quorate::sim {
namespace {

TEST(HistoryRecorder, AnAccessLastsFromItsRequestToItsAnswer) {
  HistoryRecorder recorder;
  const std::vector<Bytes> command = {"SET", "k", "a"};
  const OperationInvoked invoked{1,      0, NodeIndex{0}, SimTime{10}, EventId{1}, Phase::kFaults,
                                 command};
  recorder.Invoked(invoked);
  recorder.Completed({invoked, SimTime{70}, EventId{2}, OperationOutcome::kReply, kOk});
  std::vector<Access> accesses;
  recorder.history().ForEachRegister([](const Bytes&) { return std::vector<ReplicaCrash>(); },
                                     [&](const Register& entry) { accesses = entry.accesses; });
  ASSERT_EQ(accesses.size(), 1u);
  EXPECT_EQ(accesses[0].invoked, EventId{1});
  EXPECT_EQ(accesses[0].invoked_at, SimTime{10});
  EXPECT_EQ(accesses[0].completed, EventId{2});
  EXPECT_EQ(accesses[0].completed_at, SimTime{70});
}

}  // namespace
}  // namespace quorate::sim
