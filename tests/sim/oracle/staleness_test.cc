// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/staleness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/oracle/register_builder.h"

namespace quorate::sim {
namespace {

using ::testing::HasSubstr;
using topology::Consistency;

constexpr Consistency kOne = Consistency::kOne;
constexpr uint64_t kSecond = 1'000'000;

Staleness::OfLevel OfOne(const RegisterBuilder& history) {
  Staleness staleness;
  staleness.Take(history.entry(), ThreeReplicas());
  return staleness.Of(kOne);
}

// Three writes, the last of which ends after three milliseconds.
RegisterBuilder Three() {
  return RegisterBuilder().Write("a", 1, 2).Write("b", 1000, 2000).Write("c", 2001, 3000);
}

TEST(Staleness, CountsTheWritesThatAReadIsBehind) {
  const auto behind = [](std::optional<std::string> value) {
    const auto one = OfOne(Three().Read(std::move(value), 4000, 4001).At(kOne));
    EXPECT_EQ(one.reads, 1u);
    EXPECT_EQ(one.behind, one.writes_max > 0 ? 1u : 0u);
    return one.writes_max;
  };
  EXPECT_EQ(behind("c"), 0u);
  EXPECT_EQ(behind("b"), 1u);
  EXPECT_EQ(behind("a"), 2u);
  EXPECT_EQ(behind(std::nullopt), 3u);
}

TEST(Staleness, TimeCountsFromTheFirstOfThem) {
  EXPECT_EQ(OfOne(Three().Read("b", 4000, 4001).At(kOne)).us_max, 1000u);
  EXPECT_EQ(OfOne(Three().Read("a", 4000, 4001).At(kOne)).us_max, 2000u);
  const auto late = OfOne(Three().Read("b", 2 * kSecond, 2 * kSecond + 1).At(kOne));
  EXPECT_THAT(late.by_time, testing::ElementsAre(0, 0, 0, 1, 0));
  EXPECT_THAT(late.by_writes, testing::ElementsAre(1, 0, 0, 0, 0));
}

TEST(Staleness, IsOfReadsOfWhichNothingIsPromisedAlone) {
  EXPECT_EQ(OfOne(Three().Read("b", 2500, 2600).At(kOne)).behind, 0u) << "c was under way";
  EXPECT_EQ(OfOne(RegisterBuilder().Write("a", 5, 6).Read("a", 1, 7).At(kOne)).reads, 0u);
  EXPECT_EQ(OfOne(Three().At(Consistency::kAll).Read("a", 4000, 4001).At(kOne)).reads, 0u);
  EXPECT_EQ(OfOne(Three().Read("foreign", 4000, 4001).At(kOne)).reads, 0u);
  EXPECT_EQ(OfOne(Three().Add(1, 3500, 3600).Read("a", 4000, 4001).At(kOne)).reads, 0u);
  Staleness quorum;
  quorum.Take(Three().Read("a", 4000, 4001).entry(), ThreeReplicas());
  EXPECT_EQ(quorum, Staleness()) << "wrong, and for oracles to say";
}

TEST(Staleness, WhatCannotBeToldApartIsTheLatest) {
  const auto deleted = [] { return Three().Delete(3001, 3100); };
  EXPECT_EQ(OfOne(deleted().Read(std::nullopt, 4000, 4001).At(kOne)).behind, 0u);
  EXPECT_EQ(
      OfOne(deleted().Write("d", 3200, 3300).Read(std::nullopt, 4000, 4001).At(kOne)).writes_max,
      1u);
  EXPECT_EQ(OfOne(Three().Write("d", 3200, 3300).Unknown().Read("d", 4000, 4001).At(kOne)).behind,
            0u);
  EXPECT_EQ(OfOne(Three().Write("d", 3200, 3300).Refused().Read("c", 4000, 4001).At(kOne)).behind,
            0u);
}

TEST(Staleness, AWriteTakesAwayTheDeadlinesBeforeIt) {
  const auto expiring = [] { return RegisterBuilder().Write("a", 1, 2).Deadline(3, 4); };
  EXPECT_EQ(OfOne(expiring().Read(std::nullopt, 4000, 4001).At(kOne)).behind, 0u);
  EXPECT_EQ(OfOne(expiring().Write("b", 5, 6).Read(std::nullopt, 4000, 4001).At(kOne)).writes_max,
            1u);
  EXPECT_EQ(OfOne(expiring().Delete(5, 6).Read(std::nullopt, 4000, 4001).At(kOne)).behind, 0u);
}

TEST(Staleness, KnowsWhoMissesWritesOfItsOwn) {
  EXPECT_EQ(OfOne(Three().Read("b", 4000, 4001).At(kOne).By(9)).missed_own, 0u);
  EXPECT_EQ(OfOne(Three().Read("b", 4000, 4001).At(kOne).By(3)).missed_own, 1u);
  EXPECT_EQ(OfOne(Three().Read("b", 4000, 4001).At(kOne).By(2)).missed_own, 0u);
}

TEST(Staleness, IsAddedUpAndSaid) {
  Staleness staleness;
  EXPECT_EQ(staleness.Describe(), "");
  staleness.Take(Three().Read("a", 4000, 4001).At(kOne).entry(), ThreeReplicas());
  Staleness both;
  both.Take(Three().Read("c", 4000, 4001).At(kOne).entry(), ThreeReplicas());
  both.Add(staleness);
  EXPECT_THAT(both.Describe(),
              HasSubstr("ONE: of 2 reads that need not meet the last write 1 were"));
  EXPECT_THAT(both.Describe(), HasSubstr("by 1 write 0, 2 or 3 1, 4 to 7 0"));
  EXPECT_THAT(both.Describe(), HasSubstr("at most 2 ms\n"));
}

}  // namespace
}  // namespace quorate::sim
