// SPDX-License-Identifier: Apache-2.0
#include "sim/core/draw_epochs.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

constexpr uint64_t kSeed = 7;

// The seeds in force at a time.
std::pair<uint64_t, uint64_t> At(std::vector<DrawEpoch> epochs, uint64_t us) {
  DrawEpochs all(kSeed, std::move(epochs));
  all.Advance(SimTime{us});
  return {all.seed(), all.delays()};
}

TEST(DrawEpochs, WithoutAnyTheSeedIsTheRuns) {
  EXPECT_EQ(At({}, 1'000'000), std::pair(kSeed, kSeed));
}

TEST(DrawEpochs, AreInForceFromTheirTimeOn) {
  const std::vector<DrawEpoch> epochs = {{SimTime{10}, 5}, {SimTime{20}, 6}};
  EXPECT_EQ(At(epochs, 9), std::pair(kSeed, kSeed));
  const uint64_t first = At(epochs, 10).first;
  EXPECT_NE(first, kSeed);
  EXPECT_EQ(At(epochs, 19).first, first);
  EXPECT_NE(At(epochs, 20).first, first);
  // What came before the last one does not matter any more.
  EXPECT_EQ(At(epochs, 20), At({{SimTime{20}, 6}}, 20));
}

TEST(DrawEpochs, OfDelaysLeaveEverythingElse) {
  const auto [seed, delays] = At({{SimTime{10}, 5, EpochScope::kDelays}}, 10);
  EXPECT_EQ(seed, kSeed);
  EXPECT_NE(delays, kSeed);
  // And go on to tell delays apart where everything is drawn anew later.
  const DrawEpoch later{SimTime{20}, 6};
  EXPECT_NE(At({{SimTime{10}, 5, EpochScope::kDelays}, later}, 20).second,
            At({{SimTime{10}, 4, EpochScope::kDelays}, later}, 20).second);
}

TEST(DrawEpochs, ThoseThatHoldASeedSeeItChange) {
  DrawEpochs epochs(kSeed, {});
  const DrawSeed lent = epochs.seed();
  epochs.Add({SimTime{5}, 1});
  epochs.Advance(SimTime{4});
  EXPECT_EQ(lent, kSeed);
  epochs.Advance(SimTime{5});
  EXPECT_NE(lent, kSeed);
  EXPECT_EQ(DrawSeed(3), 3U);  // that of nobody else stays
}

}  // namespace
}  // namespace quorate::sim
