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

}  // namespace
}  // namespace quorate::sim
