// SPDX-License-Identifier: Apache-2.0
#include "engine/base/mark.h"

#include <gtest/gtest.h>

#include <set>

namespace quorate {
namespace {

TEST(Marks, CountsAndKeepsTheHighest) {
  Marks marks;
  marks.Reach(Mark::kRestamped);
  marks.Reach(Mark::kRestamped);
  marks.Raise(Watermark::kOperations, 7);
  marks.Raise(Watermark::kOperations, 3);
  EXPECT_EQ(marks.times(Mark::kRestamped), 2);
  EXPECT_EQ(marks.times(Mark::kReadRepaired), 0);
  EXPECT_EQ(marks.highest(Watermark::kOperations), 7);
}

TEST(Marks, OfSeveralAddUpAndTheHighestOfAllStands) {
  Marks a;
  a.Reach(Mark::kDiskFull);
  a.Raise(Watermark::kTurnWaiters, 2);
  Marks b;
  b.Reach(Mark::kDiskFull);
  b.Reach(Mark::kRoomAgain);
  b.Raise(Watermark::kTurnWaiters, 5);
  a.Add(b);
  EXPECT_EQ(a.times(Mark::kDiskFull), 2);
  EXPECT_EQ(a.times(Mark::kRoomAgain), 1);
  EXPECT_EQ(a.highest(Watermark::kTurnWaiters), 5);
}

TEST(Marks, EachHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kMarks; ++i) names.insert(NameOf(static_cast<Mark>(i)));
  for (size_t i = 0; i < kWatermarks; ++i) names.insert(NameOf(static_cast<Watermark>(i)));
  EXPECT_EQ(names.size(), kMarks + kWatermarks);
  EXPECT_FALSE(names.contains(""));
}

}  // namespace
}  // namespace quorate
