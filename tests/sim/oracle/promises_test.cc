// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/promises.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quorate::sim {
namespace {

using topology::Consistency;

TEST(Promises, CountsReplicasPerLevelInOneDataCentre) {
  const Promises promises({3}, env::Durability::kAlways, 1s);
  EXPECT_EQ(promises.Of(Consistency::kAny, 0).in_all, 0);
  EXPECT_EQ(promises.Of(Consistency::kOne, 0).in_all, 1);
  EXPECT_EQ(promises.Of(Consistency::kQuorum, 0).in_all, 2);
  EXPECT_EQ(promises.Of(Consistency::kAll, 0).in_all, 3);
  EXPECT_EQ(promises.Of(Consistency::kLocalQuorum, 0).in_data_centre[0], 2);
}

TEST(Promises, ImpliesWhatATotalMeansForEachDataCentre) {
  const Promises promises({3, 1}, env::Durability::kAlways, 1s);
  const Reach quorum = promises.Of(Consistency::kQuorum, 0);  // 3 of 4
  EXPECT_EQ(quorum.in_all, 3);
  EXPECT_EQ(quorum.in_data_centre[0], 2);
  EXPECT_EQ(quorum.in_data_centre[1], 0);
  const Reach each = promises.Of(Consistency::kEachQuorum, 0);
  EXPECT_EQ(each.in_all, 3);
  EXPECT_EQ(each.in_data_centre[1], 1);
}

TEST(Promises, LetsLocalQuorumsMeetInOneDataCentreOnly) {
  const Promises promises({3, 3}, env::Durability::kAlways, 1s);
  const Reach here = promises.Of(Consistency::kLocalQuorum, 0);
  const Reach there = promises.Of(Consistency::kLocalQuorum, 1);
  EXPECT_TRUE(promises.Meet(here, here));
  EXPECT_FALSE(promises.Meet(here, there));
  EXPECT_TRUE(promises.Meet(promises.Of(Consistency::kEachQuorum, 0), there));
  EXPECT_TRUE(promises.Meet(promises.Of(Consistency::kAll, 0), promises.Of(Consistency::kOne, 1)));
  EXPECT_FALSE(
      promises.Meet(promises.Of(Consistency::kQuorum, 0), promises.Of(Consistency::kOne, 1)));
}

TEST(Promises, OneOfADataCentreIsOfThatOne) {
  const Promises promises({3, 0}, env::Durability::kAlways, 1s);
  for (const Consistency level : {Consistency::kLocalOne, Consistency::kDcOne}) {
    EXPECT_EQ(promises.Of(level, 0).in_data_centre[0], 1);
    EXPECT_EQ(promises.Of(level, 0).in_all, 1);
    EXPECT_EQ(promises.Of(level, 1).in_all, 0) << "no replica is there";
  }
}

TEST(Promises, TakesOffWhatACrashForgot) {
  const std::vector<ReplicaCrash> crashes = {{SimTime{150}, 0, 0, {}}, {SimTime{170}, 0, 0, {}}};
  const Promises always({3}, env::Durability::kAlways, Duration(100));
  const Promises periodic({3}, env::Durability::kPeriodic, Duration(100));
  const Promises none({3}, env::Durability::kNone, Duration(100));
  const Reach quorum = always.Of(Consistency::kQuorum, 0);
  EXPECT_EQ(always.Without(quorum, SimTime{90}, SimTime{100}, crashes).in_all, 2);
  EXPECT_EQ(periodic.Without(quorum, SimTime{150}, SimTime{150}, crashes).in_all, 1);
  EXPECT_EQ(periodic.Without(quorum, SimTime{171}, SimTime{172}, crashes).in_all, 2);
  // One replica that crashed twice forgets once.
  EXPECT_EQ(periodic.Without(quorum, SimTime{90}, SimTime{100}, crashes).in_all, 1);
  EXPECT_EQ(periodic.Without(quorum, SimTime{10}, SimTime{20}, crashes).in_all, 2);
  EXPECT_EQ(none.Without(quorum, SimTime{10}, SimTime{20}, crashes).in_all, 1);
  EXPECT_EQ(none.Without(quorum, SimTime{180}, SimTime{190}, crashes).in_all, 2);
}

TEST(Promises, TakesOffWhatAReplicaLostThoughItWasDurable) {
  const std::vector<ReplicaCrash> lapses = {{SimTime{150}, 0, 0, SimTime{120}}};
  const Promises always({3}, env::Durability::kAlways, Duration(100));
  const Reach quorum = always.Of(Consistency::kQuorum, 0);
  EXPECT_EQ(always.Without(quorum, SimTime{110}, SimTime{119}, lapses).in_all, 2);
  EXPECT_EQ(always.Without(quorum, SimTime{110}, SimTime{121}, lapses).in_all, 1);
  EXPECT_EQ(always.Without(quorum, SimTime{140}, SimTime{160}, lapses).in_all, 1);
  EXPECT_EQ(always.Without(quorum, SimTime{151}, SimTime{160}, lapses).in_all, 2);
}

RC_GTEST_PROP(Promises, AnyTwoQuorumsMeet, ()) {
  const auto sizes = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<uint16_t>>(rc::gen::inRange<uint16_t>(1, 6)));
  const Promises promises(sizes, env::Durability::kAlways, 1s);
  const auto a = *rc::gen::inRange<size_t>(0, sizes.size());
  const auto b = *rc::gen::inRange<size_t>(0, sizes.size());
  const Reach left = promises.Of(Consistency::kQuorum, static_cast<uint16_t>(a));
  const Reach right = promises.Of(Consistency::kQuorum, static_cast<uint16_t>(b));
  RC_ASSERT(promises.Meet(left, right));
}

}  // namespace
}  // namespace quorate::sim
