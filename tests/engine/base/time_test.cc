// SPDX-License-Identifier: Apache-2.0
#include "engine/base/time.h"

#include <gtest/gtest.h>

#include "engine/base/ids.h"

namespace quorate {
namespace {

TEST(HybridTime, KeepsMillisecondsAboveTheCounter) {
  const HybridTime time = HybridTime::FromMs(1700000000123);
  EXPECT_EQ(time.ms(), 1700000000123);
  EXPECT_EQ(time.bits() & 0xffff, 0u);
  EXPECT_EQ(HybridTime::FromBits(time.bits()), time);
}

TEST(HybridTime, IsZeroBeforeTheEpoch) {
  EXPECT_EQ(HybridTime::FromMs(0), HybridTime());
  EXPECT_EQ(HybridTime::FromMs(-5), HybridTime());
}

TEST(HybridTime, CountsInsideAMillisecond) {
  const HybridTime time = HybridTime::FromMs(10);
  EXPECT_GT(time.Next(), time);
  EXPECT_EQ(time.Next().ms(), 10);
  EXPECT_LT(time.Next(), HybridTime::FromMs(11));
}

TEST(HybridTime, CarriesAFullCounterIntoTheNextMillisecond) {
  const HybridTime last = HybridTime::FromBits(HybridTime::FromMs(11).bits() - 1);
  EXPECT_EQ(last.ms(), 10);
  EXPECT_EQ(last.Next(), HybridTime::FromMs(11));
}

TEST(HybridTime, HoldsAllOf48BitsOfMilliseconds) {
  const int64_t largest = (int64_t{1} << 48) - 1;
  EXPECT_EQ(HybridTime::FromMs(largest).ms(), largest);
  EXPECT_EQ(HybridTime::Max().ms(), largest);
  EXPECT_LT(HybridTime::FromMs(largest), HybridTime::Max());
}

TEST(Version, IsOrderedByTimeThenWriter) {
  const auto version = [](uint64_t time, uint64_t node, uint32_t incarnation, uint16_t shard) {
    return Version{HybridTime::FromBits(time),
                   {NodeId{node}, Incarnation{incarnation}, ShardIndex{shard}}};
  };
  EXPECT_LT(version(1, 9, 9, 9), version(2, 1, 1, 1));
  EXPECT_LT(version(1, 1, 9, 9), version(1, 2, 1, 1));
  EXPECT_LT(version(1, 1, 1, 9), version(1, 1, 2, 1));
  EXPECT_LT(version(1, 1, 1, 1), version(1, 1, 1, 2));
  EXPECT_TRUE(Version().empty());
  EXPECT_FALSE(version(1, 0, 0, 0).empty());
}

}  // namespace
}  // namespace quorate
