// SPDX-License-Identifier: Apache-2.0
#include "sim/world/quorum_left.h"

#include <gtest/gtest.h>

#include <vector>

namespace quorate::sim {
namespace {

using topology::Consistency;

constexpr Absence kThere = Absence::kNone;
constexpr Absence kAway = Absence::kWhole;
constexpr Absence kSlow = Absence::kDoubtful;

// Replicas of data centre 0, then of data centre 1.
QuorumLeft Left(Consistency level, const std::vector<Absence>& here,
                const std::vector<Absence>& elsewhere = {}, uint16_t local = 0) {
  std::vector<CoreReplica> replicas;
  for (const Absence absence : here) replicas.push_back({0, absence});
  for (const Absence absence : elsewhere) replicas.push_back({1, absence});
  return QuorumLeftOf(replicas, level, local);
}

TEST(QuorumLeft, CountsAllReplicasWhereTheLevelDoes) {
  EXPECT_EQ(Left(Consistency::kQuorum, {kThere, kThere, kAway}), QuorumLeft::kYes);
  EXPECT_EQ(Left(Consistency::kQuorum, {kThere, kAway, kAway}), QuorumLeft::kNo);
  EXPECT_EQ(Left(Consistency::kQuorum, {kThere, kAway}), QuorumLeft::kNo);
  EXPECT_EQ(Left(Consistency::kOne, {kThere, kAway, kAway}), QuorumLeft::kYes);
  EXPECT_EQ(Left(Consistency::kOne, {kAway, kAway}), QuorumLeft::kNo);
  EXPECT_EQ(Left(Consistency::kAll, {kThere, kThere, kAway}), QuorumLeft::kNo);
  EXPECT_EQ(Left(Consistency::kAll, {kThere, kThere}), QuorumLeft::kYes);
  EXPECT_EQ(Left(Consistency::kQuorum, {kAway, kAway, kThere}, {kThere, kThere, kThere}),
            QuorumLeft::kYes);
}

TEST(QuorumLeft, CountsADataCentreWhereTheLevelDoes) {
  for (const Consistency level :
       {Consistency::kLocalQuorum, Consistency::kDcQuorum, Consistency::kDcSafeQuorum}) {
    EXPECT_EQ(Left(level, {kThere, kAway, kAway}, {kThere, kThere, kThere}), QuorumLeft::kNo);
    EXPECT_EQ(Left(level, {kThere, kAway, kAway}, {kThere, kThere, kThere}, 1), QuorumLeft::kYes);
  }
  for (const Consistency level : {Consistency::kLocalOne, Consistency::kDcOne}) {
    EXPECT_EQ(Left(level, {kAway}, {kThere}), QuorumLeft::kNo);
    EXPECT_EQ(Left(level, {kThere}, {kAway}), QuorumLeft::kYes);
  }
  for (const Consistency level : {Consistency::kEachQuorum, Consistency::kDcEachSafeQuorum}) {
    EXPECT_EQ(Left(level, {kThere, kThere, kAway}, {kThere, kAway, kThere}), QuorumLeft::kYes);
    EXPECT_EQ(Left(level, {kThere, kThere, kThere}, {kThere, kAway, kAway}), QuorumLeft::kNo);
  }
}

TEST(QuorumLeft, LeavesOpenWhatANodeDecidesThatMayAnswer) {
  EXPECT_EQ(Left(Consistency::kQuorum, {kThere, kSlow, kAway}), QuorumLeft::kMaybe);
  EXPECT_EQ(Left(Consistency::kQuorum, {kThere, kThere, kSlow}), QuorumLeft::kYes);
  EXPECT_EQ(Left(Consistency::kAll, {kThere, kSlow, kAway}), QuorumLeft::kNo);
}

}  // namespace
}  // namespace quorate::sim
