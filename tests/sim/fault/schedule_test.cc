// SPDX-License-Identifier: Apache-2.0
#include "sim/fault/schedule.h"

#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

Schedule Sample() {
  Schedule schedule{.nodes = 5, .faults = {}};
  Fault crash;
  crash.id = 4;
  crash.kind = FaultKind::kCrash;
  crash.from = {1000};
  crash.until = {5000};
  crash.nodes = {1, 3};
  Fault delay = crash;
  delay.id = 9;
  delay.kind = FaultKind::kDelay;
  delay.from = {2000};
  delay.chance_ppm = 7;
  delay.amount = 250ms;
  delay.only = 3;
  Fault drift = crash;
  drift.id = 2;
  drift.kind = FaultKind::kClockDrift;
  drift.from = {3000};
  drift.drift_ppm = -400;
  Fault cut = crash;
  cut.id = 11;
  cut.kind = FaultKind::kOneWayCut;
  cut.from = {3500};
  cut.shape = FaultShape::kInward;
  cut.messages = 5;
  cut.stays = true;
  schedule.faults = {crash, delay, drift, cut};
  return schedule;
}

TEST(Schedule, DecodesWhatWasEncoded) {
  const absl::StatusOr<Schedule> decoded = DecodeSchedule(EncodeSchedule(Sample()));
  ASSERT_TRUE(decoded.ok()) << MessageOf(decoded.status());
  EXPECT_EQ(*decoded, Sample());
}

TEST(Schedule, RefusesEveryTruncationAndForeignBytes) {
  const Bytes bytes = EncodeSchedule(Sample());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeSchedule(std::string_view(bytes).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeSchedule("not a schedule at all, but long enough").ok());
}

TEST(Schedule, RefusesWhatMakesNoSense) {
  const auto refused = [](auto change) {
    Schedule schedule = Sample();
    change(schedule);
    return !Validate(schedule).ok() && !DecodeSchedule(EncodeSchedule(schedule)).ok();
  };
  EXPECT_TRUE(Validate(Sample()).ok());
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[0].until = s.faults[0].from; }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[0].nodes.clear(); }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[0].nodes = {3, 1}; }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[0].nodes = {1, 1}; }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[0].nodes = {5}; }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[1].chance_ppm = 1'000'001; }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[1].amount = Duration(0); }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[2].drift_ppm = 900'000; }));
  EXPECT_TRUE(refused([](Schedule& s) { std::swap(s.faults[0], s.faults[2]); }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[0].shape = FaultShape::kRing; }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[1].messages = 1; }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[1].stays = true; }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[3].shape = static_cast<FaultShape>(99); }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[3].kind = FaultKind::kDiskSwap; }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[0].shape = FaultShape::kOlder; }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[0].only = 1; }));
  EXPECT_TRUE(refused([](Schedule& s) { s.faults[3].only = 1; }));
}

// What a release has stored, others read: no kind changes its number.
TEST(FaultKind, KeepsItsNumber) {
  EXPECT_EQ(static_cast<int>(FaultKind::kStop), 13);
  EXPECT_EQ(static_cast<int>(FaultKind::kCorruption), 14);
  EXPECT_EQ(static_cast<int>(FaultKind::kSlowCpu), 19);
  EXPECT_EQ(static_cast<int>(FaultKind::kSyncError), 23);
  EXPECT_EQ(static_cast<int>(FaultKind::kDroppedWrite), 31);
  EXPECT_EQ(static_cast<int>(FaultKind::kOtherRelease), 32);
  EXPECT_EQ(static_cast<int>(FaultShape::kWritten), 6);
  EXPECT_EQ(static_cast<int>(FaultShape::kOlder), 7);
}

TEST(FaultKind, HasANameOfItsOwn) {
  for (size_t i = 0; i < kFaultKinds; ++i) {
    const auto kind = static_cast<FaultKind>(i);
    EXPECT_EQ(ParseFaultKind(NameOf(kind)), kind);
  }
  EXPECT_EQ(ParseFaultKind("meteor"), std::nullopt);
}

}  // namespace
}  // namespace quorate::sim
