// SPDX-License-Identifier: Apache-2.0
#include "sim/world/node_clock.h"

#include <gtest/gtest.h>

#include "sim/world/limits.h"

namespace quorate::sim {
namespace {

TEST(NodeClock, AddsItsOffsetToTheWallAlone) {
  NodeClock clock(-70ms, 0);
  clock.BeginLife(SimTime{0}, Instant(5s));
  const Clocks read = clock.At(SimTime{1'000'000});
  EXPECT_EQ(read.wall.ms, kWorldEpochMs + 1000 - 70);
  EXPECT_EQ(read.monotonic, Instant(6s));
}

TEST(NodeClock, DriftsAndGoesOnFromThere) {
  NodeClock clock(0ms, 0);
  clock.BeginLife(SimTime{0}, Instant(0s));
  clock.SetDrift(SimTime{1'000'000}, 100'000);  // a tenth too fast
  EXPECT_EQ(clock.At(SimTime{2'000'000}).monotonic, Instant(2100ms));
  clock.SetDrift(SimTime{2'000'000}, 0);
  EXPECT_EQ(clock.At(SimTime{3'000'000}).monotonic, Instant(3100ms));
}

TEST(NodeClock, ACoarseWallClockGoesByItsSteps) {
  NodeClock clock(0ms, 0, 40ms);
  clock.BeginLife(SimTime{0}, Instant(0s));
  EXPECT_EQ(clock.At(SimTime{39'999}).wall.ms, kWorldEpochMs);
  EXPECT_EQ(clock.At(SimTime{40'000}).wall.ms, kWorldEpochMs + 40);
  EXPECT_EQ(clock.At(SimTime{79'999}).wall.ms, kWorldEpochMs + 40);
  EXPECT_EQ(clock.At(SimTime{79'999}).monotonic, Instant(79'999us));
}

TEST(NodeClock, KnowsWhenItWillReadAnInstant) {
  NodeClock clock(0ms, 0);
  clock.BeginLife(SimTime{500}, Instant(77s));
  clock.SetDrift(SimTime{10'000}, -333);
  for (const int64_t ahead : {0, 1, 999, 1'000'003, 700'000'001}) {
    const Instant wanted = clock.At(SimTime{10'000}).monotonic + Duration(ahead);
    const SimTime when = clock.WhenReads(wanted);
    EXPECT_GE(clock.At(when).monotonic, wanted);
    if (when.us == 10'000) continue;
    EXPECT_LT(clock.At(SimTime{when.us - 1}).monotonic, wanted);
  }
  EXPECT_EQ(clock.WhenReads(Instant::max()).us, UINT64_MAX);
}

TEST(NodeClock, ANewLifeBeginsItsMonotonicClockAnew) {
  NodeClock clock(0ms, 50);
  clock.BeginLife(SimTime{0}, Instant(0s));
  clock.BeginLife(SimTime{9'000'000}, Instant(1s));
  EXPECT_EQ(clock.At(SimTime{9'000'000}).monotonic, Instant(1s));
}

TEST(NodeClock, AFrozenWallIsRightAgainAfterwards) {
  NodeClock clock;
  clock.BeginLife(SimTime{0}, Instant(1s));
  clock.FreezeWall(SimTime{1'000'000});
  const Clocks frozen = clock.At(SimTime{4'000'000});
  EXPECT_EQ(frozen.wall.ms, clock.At(SimTime{1'000'000}).wall.ms);
  EXPECT_EQ(frozen.monotonic, Instant(5s));
  clock.ThawWall();
  EXPECT_EQ(clock.At(SimTime{4'000'000}).wall.ms, frozen.wall.ms + 3000);
}

TEST(NodeClock, AFrozenMonotonicClockGoesOnFromThere) {
  NodeClock clock;
  clock.BeginLife(SimTime{0}, Instant(1s));
  clock.FreezeMonotonic(SimTime{1'000'000});
  EXPECT_EQ(clock.At(SimTime{4'000'000}).monotonic, Instant(2s));
  EXPECT_EQ(clock.WhenReads(Instant(3s)), SimTime{UINT64_MAX});
  EXPECT_LE(clock.WhenReads(Instant(2s)), SimTime{1'000'000});
  clock.ThawMonotonic(SimTime{4'000'000});
  EXPECT_EQ(clock.At(SimTime{4'000'000}).monotonic, Instant(2s));
  EXPECT_EQ(clock.WhenReads(Instant(3s)), SimTime{5'000'000});
}

TEST(NodeClock, AMonotonicClockMayLeapAhead) {
  NodeClock clock;
  clock.BeginLife(SimTime{0}, Instant(1s));
  clock.JumpMonotonic(10s);
  EXPECT_EQ(clock.At(SimTime{1'000'000}).monotonic, Instant(12s));
  EXPECT_LE(clock.WhenReads(Instant(11s)), SimTime{1'000'000});
}

}  // namespace
}  // namespace quorate::sim
