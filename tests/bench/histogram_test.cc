// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/histogram.h"

#include <gtest/gtest.h>

namespace quorate::bench {
namespace {

TEST(Histogram, IsExactBelowSixtyFour) {
  Histogram histogram;
  for (uint64_t value = 0; value < 64; ++value) histogram.Add(value, 1);
  for (uint64_t value = 0; value < 64; ++value) {
    EXPECT_EQ(histogram.Quantile(static_cast<double>(value) / 64.0), value);
  }
}

TEST(Histogram, IsRightToOneBucketAtEveryMagnitude) {
  for (int shift = 6; shift < 60; ++shift) {
    const uint64_t value = (uint64_t{1} << shift) + (uint64_t{1} << (shift - 1)) + 1;
    Histogram histogram;
    histogram.Add(value, 99);
    histogram.Add(value * 4, 1);
    const uint64_t median = histogram.Quantile(0.5);
    EXPECT_GE(median, value);
    EXPECT_LE(median - value, value / 64);
    EXPECT_EQ(histogram.Quantile(1.0), value * 4);
  }
}

TEST(Histogram, CountsEachTime) {
  Histogram histogram;
  histogram.Add(10, 989);
  histogram.Add(20, 11);
  EXPECT_EQ(histogram.Quantile(0.98), 10u);
  EXPECT_EQ(histogram.Quantile(0.99), 20u);
}

}  // namespace
}  // namespace quorate::bench
