// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/epochs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorate::topology {
namespace {

using ::testing::HasSubstr;

TEST(Epochs, ServesTheCurrentAndThePreviousOne) {
  EXPECT_EQ(Check(Epoch{5}, Epoch{5}, Epoch{4}), std::nullopt);
  EXPECT_EQ(Check(Epoch{4}, Epoch{5}, Epoch{4}), std::nullopt);
}

TEST(Epochs, RefusesOthersAndNamesItsOwn) {
  EXPECT_EQ(Check(Epoch{3}, Epoch{5}, Epoch{4}), WrongEpoch{Epoch{5}});
  EXPECT_EQ(Check(Epoch{6}, Epoch{5}, Epoch{4}), WrongEpoch{Epoch{5}});
  EXPECT_EQ(Check(Epoch{0}, Epoch{1}, std::nullopt), WrongEpoch{Epoch{1}});
}

EpochHeader Header(uint64_t number, EpochState state, uint64_t digest, uint64_t parent) {
  return {Epoch{number}, state, digest, parent};
}

TEST(Epochs, FollowEachOtherInThreeSteps) {
  const EpochHeader done = Header(1, EpochState::kDone, 10, 0);
  const EpochHeader prepare = Header(2, EpochState::kPrepare, 20, 10);
  const EpochHeader change = Header(3, EpochState::kSwitch, 30, 20);
  const EpochHeader done_again = Header(4, EpochState::kDone, 40, 30);
  EXPECT_TRUE(CheckSuccessor(done, prepare).ok());
  EXPECT_TRUE(CheckSuccessor(prepare, change).ok());
  EXPECT_TRUE(CheckSuccessor(change, done_again).ok());
}

TEST(Epochs, RefuseASuccessorOutOfTurn) {
  const EpochHeader done = Header(1, EpochState::kDone, 10, 0);
  const auto error = [&](const EpochHeader& child) {
    const absl::Status status = CheckSuccessor(done, child);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    return MessageOf(status);
  };
  EXPECT_THAT(error(Header(3, EpochState::kPrepare, 20, 10)), HasSubstr("epoch 3 cannot follow"));
  EXPECT_THAT(error(Header(2, EpochState::kPrepare, 20, 11)), HasSubstr("000000000000000b"));
  EXPECT_THAT(error(Header(2, EpochState::kSwitch, 20, 10)),
              HasSubstr("'switch', which cannot follow 'done'"));
}

TEST(Epochs, TellTopologiesOfOneNumberApart) {
  const EpochHeader ours = Header(1, EpochState::kDone, 10, 0);
  EXPECT_TRUE(CheckSame(ours, ours).ok());
  EXPECT_TRUE(CheckSame(ours, Header(2, EpochState::kPrepare, 20, 10)).ok());
  const absl::Status status = CheckSame(ours, Header(1, EpochState::kDone, 11, 0));
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), HasSubstr("000000000000000a here, 000000000000000b there"));
}

}  // namespace
}  // namespace quorate::topology
