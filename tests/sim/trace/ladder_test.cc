// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/ladder.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quorate::sim {
namespace {

constexpr uint64_t kStep = uint64_t{1} << kLadderShift;

// A run of so many events, in which event `changed` carries something else.
Ladder LadderWith(uint64_t events, uint64_t changed = 0) {
  RunHash hash;
  WorldEvent event;
  for (uint64_t i = 1; i <= events; ++i) {
    event.id = {i};
    event.argument = i == changed ? 1 : 0;
    AddEvent(hash, event);
  }
  return LadderOf(hash);
}

TEST(Ladder, EqualRunsHaveEqualLadders) {
  EXPECT_EQ(CompareLadders(LadderWith(5000), LadderWith(5000)), (LadderComparison{true, 5000, 0}));
}

TEST(Ladder, EveryFieldOfAnEventCounts) {
  const auto end = [](const WorldEvent& event) {
    RunHash hash;
    AddEvent(hash, event);
    return hash.value();
  };
  const WorldEvent plain;
  std::vector<WorldEvent> others(7);
  others[0].cause = {1};
  others[1].time = {1};
  others[2].kind = EventKind::kMessageLost;
  others[3].node = {1};
  others[4].shard = 1;
  others[5].peer = 1;
  others[6].argument = 1;
  for (const WorldEvent& other : others) EXPECT_NE(end(other), end(plain));
}

RC_GTEST_PROP(Ladder, FindsTheRungAfterTheFirstDifference, ()) {
  const auto events = *rc::gen::inRange<uint64_t>(1, 12 * kStep);
  const auto changed = *rc::gen::inRange<uint64_t>(1, events + 1);
  const LadderComparison comparison =
      CompareLadders(LadderWith(events), LadderWith(events, changed));
  RC_ASSERT(!comparison.equal);
  RC_ASSERT(comparison.equal_until < changed);
  RC_ASSERT(changed <= comparison.differ_by);
  RC_ASSERT(comparison.differ_by - comparison.equal_until <= kStep);
}

TEST(Ladder, ComparesRunsOfDifferentLength) {
  const LadderComparison comparison =
      CompareLadders(LadderWith(3 * kStep), LadderWith(3 * kStep + 5));
  EXPECT_FALSE(comparison.equal);
  EXPECT_EQ(comparison.equal_until, 3 * kStep);
  EXPECT_EQ(comparison.differ_by, 3 * kStep + 1);
}

TEST(Ladder, ComparesALadderWithACoarserOne) {
  const Ladder fine = LadderWith(9 * kStep, 5 * kStep + 3);
  const Ladder coarse = Coarser(LadderWith(9 * kStep), kLadderShift + 1);
  EXPECT_EQ(coarse.rungs.size(), 4u);
  const LadderComparison comparison = CompareLadders(fine, coarse);
  EXPECT_EQ(comparison.equal_until, 4 * kStep);
  EXPECT_EQ(comparison.differ_by, 6 * kStep);
  EXPECT_TRUE(CompareLadders(LadderWith(9 * kStep), coarse).equal);
}

}  // namespace
}  // namespace quorate::sim
