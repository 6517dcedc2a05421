// SPDX-License-Identifier: Apache-2.0
#include "engine/base/fault_point.h"

#include <gtest/gtest.h>

#include <set>

namespace quorate {
namespace {

constexpr uint64_t kSeed = 7;
constexpr uint64_t kCases = 10'000;

uint64_t TimesOf(const FaultPoints& points, FaultPoint point, uint64_t seed, Marks& marks) {
  uint64_t times = 0;
  for (uint64_t what = 0; what < kCases; ++what) {
    if (points.Fires(point, seed, what, marks)) ++times;
  }
  return times;
}

TEST(FaultPoints, AreNeutralUnlessSet) {
  const FaultPoints points;
  Marks marks;
  for (size_t i = 0; i < kFaultPoints; ++i) {
    EXPECT_EQ(TimesOf(points, static_cast<FaultPoint>(i), kSeed, marks), 0U);
  }
  EXPECT_EQ(marks, Marks());
}

TEST(FaultPoints, FireAsOftenAsTheyWereSetAndAreCounted) {
  FaultPoints points;
  points.Set(FaultPoint::kRefuseStep, 100'000);
  Marks marks;
  const uint64_t times = TimesOf(points, FaultPoint::kRefuseStep, kSeed, marks);
  EXPECT_NEAR(static_cast<double>(times), kCases / 10.0, kCases / 50.0);
  EXPECT_EQ(marks.times(Mark::kRefuseStep), times);
  EXPECT_EQ(TimesOf(points, FaultPoint::kAskAnother, kSeed, marks), 0U);
}

TEST(FaultPoints, ACaseHasOneAnswerInAShard) {
  FaultPoints points;
  points.Set(FaultPoint::kLongWay, 500'000);
  Marks marks;
  size_t others = 0;
  for (uint64_t what = 0; what < kCases; ++what) {
    const bool fires = points.Fires(FaultPoint::kLongWay, kSeed, what, marks);
    EXPECT_EQ(fires, points.Fires(FaultPoint::kLongWay, kSeed, what, marks));
    if (fires != points.Fires(FaultPoint::kLongWay, kSeed + 1, what, marks)) ++others;
  }
  EXPECT_GT(others, kCases / 4);
}

TEST(FaultPoints, EachHasAMarkOfItsOwn) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kFaultPoints; ++i) {
    names.insert(NameOf(MarkOf(static_cast<FaultPoint>(i))));
  }
  EXPECT_EQ(names.size(), kFaultPoints);
  EXPECT_EQ(NameOf(MarkOf(FaultPoint::kReadAllAtOnce)), "read-all-at-once");
  EXPECT_EQ(NameOf(MarkOf(FaultPoint::kSmallPiece)), "small-piece");
}

}  // namespace
}  // namespace quorate
