// SPDX-License-Identifier: Apache-2.0
#include "sim/core/draw.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/core/run_hash.h"

namespace quorate::sim {
namespace {

TEST(Draw, KeepsPurposesApart) {
  EXPECT_NE(Draw(1, Purpose::kLinkDelay, 2, 3), Draw(1, Purpose::kLinkLoss, 2, 3));
  EXPECT_NE(Draw(1, Purpose::kLinkDelay, 2, 3), Draw(1, Purpose::kLinkDelay, 3, 2));
  EXPECT_EQ(Draw(1, Purpose::kLinkDelay, 2, 3), Draw(1, Purpose::kLinkDelay, 2, 3));
}

TEST(Draw, ExponentialHasAboutItsMean) {
  int64_t sum = 0;
  Duration longest{0};
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const Duration value = Exponential(Draw(1, Purpose::kLinkDelay, i), 1000us);
    EXPECT_GE(value, 0us);
    longest = std::max(longest, value);
    sum += value.count();
  }
  EXPECT_NEAR(static_cast<double>(sum) / kDraws, 1000.0, 60.0);
  EXPECT_GT(longest, 8000us);
  EXPECT_LT(longest, 45'000us);
}

TEST(Draw, UniformReachesBothEnds) {
  EXPECT_EQ(Uniform(0, 5us, 9us), 5us);
  EXPECT_EQ(Uniform(~uint64_t{0}, 5us, 9us), 9us);
  EXPECT_EQ(Uniform(~uint64_t{0}, -5us, -5us), -5us);
}

TEST(RunHash, DependsOnEveryFieldAndItsOrder) {
  RunHash a;
  RunHash b;
  RunHash c;
  for (const uint64_t field : {0u, 0u, 7u}) a.Add(field);
  for (const uint64_t field : {0u, 7u, 0u}) b.Add(field);
  for (const uint64_t field : {0u, 7u}) c.Add(field);
  EXPECT_NE(a.value(), b.value());
  EXPECT_NE(a.value(), c.value());
  EXPECT_NE(b.value(), c.value());
}

TEST(RunHash, SamplesTheLadder) {
  RunHash hash;
  for (uint64_t i = 0; i < (3u << kLadderShift) + 5; ++i) {
    hash.Add(i);
    hash.EndEvent();
  }
  ASSERT_EQ(hash.ladder().size(), 3u);
  EXPECT_NE(hash.ladder()[0], hash.ladder()[1]);
}

}  // namespace
}  // namespace quorate::sim
