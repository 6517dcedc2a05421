// SPDX-License-Identifier: Apache-2.0
#include "sim/core/slab.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace quorate::sim {
namespace {

TEST(Slab, GivesBackWhatWasPutIn) {
  Slab<std::string> slab;
  const uint32_t a = slab.Add("a");
  const uint32_t b = slab.Add("b");
  EXPECT_NE(a, b);
  EXPECT_EQ(slab[a], "a");
  EXPECT_EQ(slab.Take(b), "b");
  EXPECT_EQ(slab.Take(a), "a");
  EXPECT_EQ(slab.used(), 0u);
}

TEST(Slab, UsesTheLastFreedPlaceFirst) {
  Slab<int> slab;
  const uint32_t a = slab.Add(1);
  const uint32_t b = slab.Add(2);
  slab.Free(a);
  slab.Take(b);
  EXPECT_EQ(slab.used(), 0u);
  EXPECT_EQ(slab.Add(3), b);
  EXPECT_EQ(slab.Add(4), a);
  EXPECT_EQ(slab[b], 3);
  EXPECT_EQ(slab[a], 4);
}

TEST(Slab, ValuesStayWhereTheyAreWhileItGrows) {
  Slab<int> slab;
  const int* const first = &slab[slab.Add(0)];
  std::vector<uint32_t> slots;
  for (uint32_t i = 1; i < 3 * kSlabChunk; ++i) slots.push_back(slab.Add(static_cast<int>(i)));
  EXPECT_EQ(&slab[0], first);
  EXPECT_EQ(slab.used(), 3 * kSlabChunk);
  for (size_t i = 0; i < slots.size(); ++i) EXPECT_EQ(slab[slots[i]], static_cast<int>(i) + 1);
}

TEST(Slab, NothingOfATakenValueStays) {
  Slab<std::shared_ptr<int>> slab;
  const auto value = std::make_shared<int>(1);
  slab.Take(slab.Add(value));
  EXPECT_EQ(value.use_count(), 1);
  // What is freed ends when its place is used again.
  const uint32_t slot = slab.Add(value);
  slab.Free(slot);
  EXPECT_EQ(slab.Add(nullptr), slot);
  EXPECT_EQ(value.use_count(), 1);
}

TEST(SlabDeathTest, NothingIsFreedTwice) {
  Slab<int> slab;
  slab.Free(slab.Add(1));
  EXPECT_DEATH(slab.Free(0), "used_ > 0");
}

}  // namespace
}  // namespace quorate::sim
