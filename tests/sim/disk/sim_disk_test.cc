// SPDX-License-Identifier: Apache-2.0
// The simulated disk must do every harm it promises, no harm it does not, and the same from the
// same seed.
#include "sim/disk/sim_disk.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

namespace quorate::sim {
namespace {

std::unique_ptr<env::File> OpenFile(SimDisk& disk, const std::string& name) {
  auto file = disk.Open(name, true);
  EXPECT_TRUE(file.ok()) << file.status();
  return *std::move(file);
}

Bytes Sector(char fill) { return Bytes(kDiskSectorBytes, fill); }

TEST(SimDisk, ReadsWhatWasWritten) {
  SimDisk disk(1);
  const auto file = OpenFile(disk, "a");
  ASSERT_TRUE(file->Write(4090, "across pages").ok());
  Bytes out;
  ASSERT_TRUE(file->Read(4088, 100, out).ok());
  EXPECT_EQ(out, Bytes("\0\0", 2) + "across pages");
  EXPECT_EQ(*file->Size(), 4102u);
}

TEST(SimDisk, KeepsSyncedBytesThroughACrash) {
  for (uint64_t draws = 0; draws < 50; ++draws) {
    SimDisk disk(draws);
    auto file = OpenFile(disk, "a");
    ASSERT_TRUE(file->Write(0, "durable").ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(disk.SyncDirectory().ok());
    disk.Crash(draws);
    EXPECT_EQ(disk.Content("a"), "durable");
  }
}

TEST(SimDisk, TearsUnsyncedSectorsBothWays) {
  std::set<Bytes> seen;
  for (uint64_t draws = 0; draws < 200; ++draws) {
    SimDisk disk(7);
    auto file = OpenFile(disk, "a");
    ASSERT_TRUE(file->Write(0, Sector('a') + Sector('b')).ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(disk.SyncDirectory().ok());
    ASSERT_TRUE(file->Write(0, Sector('A') + Sector('B')).ok());
    disk.Crash(draws);
    seen.insert(*disk.Content("a"));
  }
  EXPECT_EQ(seen, (std::set<Bytes>{Sector('a') + Sector('b'), Sector('A') + Sector('b'),
                                   Sector('a') + Sector('B'), Sector('A') + Sector('B')}));
}

TEST(SimDisk, LosesUnsyncedEntriesFromTheEnd) {
  std::set<std::vector<std::string>> seen;
  for (uint64_t draws = 0; draws < 100; ++draws) {
    SimDisk disk(3);
    OpenFile(disk, "kept");
    ASSERT_TRUE(disk.SyncDirectory().ok());
    OpenFile(disk, "new");
    ASSERT_TRUE(disk.Rename("new", "newer").ok());
    disk.Crash(draws);
    seen.insert(*disk.List());
  }
  EXPECT_EQ(seen,
            (std::set<std::vector<std::string>>{{"kept"}, {"kept", "new"}, {"kept", "newer"}}));
}

TEST(SimDisk, BringsBackAnUnsyncedRemoval) {
  bool came_back = false;
  for (uint64_t draws = 0; draws < 20; ++draws) {
    SimDisk disk(3);
    const auto file = OpenFile(disk, "a");
    ASSERT_TRUE(file->Write(0, "x").ok());
    ASSERT_TRUE(file->Sync().ok());
    ASSERT_TRUE(disk.SyncDirectory().ok());
    ASSERT_TRUE(disk.Remove("a").ok());
    EXPECT_FALSE(*disk.Exists("a"));
    disk.Crash(draws);
    if (disk.Content("a").has_value()) {
      came_back = true;
      EXPECT_EQ(disk.Content("a"), "x");
    }
  }
  EXPECT_TRUE(came_back);
}

TEST(SimDisk, FreezesAfterTheChosenChange) {
  SimDisk disk(1);
  auto file = OpenFile(disk, "a");
  disk.CrashAfter(1);
  EXPECT_TRUE(file->Write(0, "first").ok());
  EXPECT_EQ(file->Write(0, "second").code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(disk.frozen());
  Bytes out;
  EXPECT_FALSE(file->Read(0, 1, out).ok());
  disk.Kill();
  EXPECT_FALSE(file->Write(0, "stale").ok());
  EXPECT_EQ(disk.Content("a"), "first");
}

TEST(SimDisk, RefusesWhatDoesNotFitAndTakesItOnceThereIsRoom) {
  SimDisk disk(1);
  disk.set_faults({.capacity_bytes = 8192});
  auto big = OpenFile(disk, "big");
  ASSERT_TRUE(big->Allocate(8192).ok());
  auto small = OpenFile(disk, "small");
  EXPECT_EQ(small->Write(0, "x").code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(big->Write(8000, "inside the reservation").ok());
  EXPECT_EQ(disk.effects().refused_writes, 1u);
  ASSERT_TRUE(disk.Remove("big").ok());
  EXPECT_TRUE(small->Write(0, "x").ok());
}

TEST(SimDisk, LosesForGoodWhatAFailedSyncGaveUp) {
  SimDisk disk(1);
  auto file = OpenFile(disk, "a");
  ASSERT_TRUE(file->Write(0, Sector('o')).ok());
  ASSERT_TRUE(file->Sync().ok());
  ASSERT_TRUE(disk.SyncDirectory().ok());
  ASSERT_TRUE(file->Write(0, Sector('n')).ok());
  disk.set_faults({.sync_error_ppm = 1'000'000});
  EXPECT_FALSE(file->Sync().ok());
  disk.set_faults({});
  EXPECT_EQ(disk.Content("a"), Sector('n'));
  EXPECT_TRUE(file->Sync().ok());  // says success, wrote nothing
  disk.Crash(1);
  EXPECT_EQ(disk.Content("a"), Sector('o'));
  EXPECT_EQ(disk.effects().failed_syncs, 1u);
}

TEST(SimDisk, DrawsErrorsAtTheGivenRate) {
  SimDisk disk(11);
  auto file = OpenFile(disk, "a");
  disk.set_faults({.read_error_ppm = 100'000, .write_error_ppm = 300'000});
  Bytes out;
  for (int i = 0; i < 1000; ++i) {
    file->Write(0, "x").IgnoreError();
    file->Read(0, 1, out).IgnoreError();
  }
  EXPECT_NEAR(static_cast<double>(disk.effects().failed_reads), 100, 40);
  EXPECT_NEAR(static_cast<double>(disk.effects().failed_writes), 300, 60);
}

TEST(SimDisk, ChargesTimeByWhatWasDone) {
  const DiskModel model;
  SimDisk disk(1, model);
  auto file = OpenFile(disk, "a");
  ASSERT_TRUE(file->Allocate(4096).ok());
  ASSERT_TRUE(file->Sync().ok());
  disk.TakeLatency();
  ASSERT_TRUE(file->Write(0, "x").ok());
  ASSERT_TRUE(file->Sync().ok());
  const Duration in_place = disk.TakeLatency();
  EXPECT_GE(in_place, model.write + model.sync_in_place);
  EXPECT_LT(in_place, model.write + model.sync_append);
  ASSERT_TRUE(file->Write(4096, "x").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_GE(disk.TakeLatency(), model.write + model.sync_append);
  EXPECT_EQ(disk.TakeLatency(), Duration(0));
}

TEST(SimDisk, RotsBytesThatWereSynced) {
  SimDisk disk(1);
  auto file = OpenFile(disk, "a");
  ASSERT_TRUE(file->Write(0, "abc").ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_TRUE(disk.Rot("a", 1, 0x01));
  EXPECT_EQ(disk.Content("a"), "acc");
  EXPECT_FALSE(disk.Rot("a", 3, 0x01));
  EXPECT_FALSE(disk.Rot("none", 0, 0x01));
}

TEST(SimDisk, DamageIsTheSameAtEachReadAndGoneWithAWrite) {
  SimDisk disk(1);
  const auto file = OpenFile(disk, "a");
  ASSERT_TRUE(file->Write(0, Sector('a') + Sector('b') + Sector('c')).ok());
  const auto read = [&] {
    Bytes out;
    EXPECT_TRUE(file->Read(0, 3 * kDiskSectorBytes, out).ok());
    return out;
  };
  const auto place = [](uint64_t sector, DamageKind kind, uint64_t other = 0) {
    return DiskDamage{.path = "a",
                      .offset = sector * kDiskSectorBytes,
                      .size = kDiskSectorBytes,
                      .kind = kind,
                      .other = other * kDiskSectorBytes,
                      .mask = 1};
  };
  disk.SetDamage({place(0, DamageKind::kFlipped), place(1, DamageKind::kZeros)});
  Bytes expected = Sector('a') + Sector('\0') + Sector('c');
  expected[0] = 'a' ^ 1;
  EXPECT_EQ(read(), expected);
  EXPECT_EQ(read(), expected);
  EXPECT_EQ(disk.effects().damaged_reads, 2u);
  ASSERT_TRUE(file->Write(kDiskSectorBytes, Sector('B')).ok());
  EXPECT_EQ(read().substr(kDiskSectorBytes), Sector('B') + Sector('c'));
  disk.SetDamage({place(2, DamageKind::kElsewhere, 0)});
  EXPECT_EQ(read(), Sector('a') + Sector('B') + Sector('a'));
  disk.SetDamage({});
  EXPECT_EQ(read(), Sector('a') + Sector('B') + Sector('c'));
  disk.SetDamage({place(1, DamageKind::kUnreadable)});
  Bytes out;
  EXPECT_FALSE(file->Read(0, 3 * kDiskSectorBytes, out).ok());
  EXPECT_FALSE(file->Read(kDiskSectorBytes + 3, 1, out).ok());
  EXPECT_TRUE(file->Read(0, kDiskSectorBytes, out).ok());
}

TEST(SimDisk, OneSyncFailsAndTheNextSucceeds) {
  SimDisk disk(1);
  const auto file = OpenFile(disk, "a");
  ASSERT_TRUE(disk.SyncDirectory().ok());
  ASSERT_TRUE(file->Write(0, "lost").ok());
  disk.set_faults({.syncs_to_fail = 1});
  EXPECT_FALSE(file->Sync().ok());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(disk.effects().failed_syncs, 1u);
  disk.Crash(1);
  EXPECT_EQ(disk.Content("a")->find("lost"), Bytes::npos) << "the second sync wrote nothing";
}

TEST(SimDisk, HoldsNoMemoryForZeros) {
  SimDisk disk(1);
  auto file = OpenFile(disk, "a");
  ASSERT_TRUE(file->Allocate(uint64_t{64} << 20).ok());
  ASSERT_TRUE(file->Write(0, Bytes(1 << 20, '\0')).ok());
  ASSERT_TRUE(file->Sync().ok());
  EXPECT_EQ(disk.resident_bytes(), 0u);
}

TEST(SimDisk, ReturnsToASnapshot) {
  SimDisk disk(1);
  auto file = OpenFile(disk, "a");
  ASSERT_TRUE(file->Write(0, "before").ok());
  const SimDisk image = disk;
  ASSERT_TRUE(file->Write(0, "after!").ok());
  disk.RestoreFrom(image);
  EXPECT_EQ(disk.Content("a"), "before");
  EXPECT_FALSE(file->Write(0, "stale").ok());
}

// Against a plain byte string: reads, growth, truncation; after a kill all of it, after a sync and
// a crash all of it, and the same from the same seed.
RC_GTEST_PROP(SimDisk, BehavesLikeAByteString, (uint64_t seed)) {
  SimDisk disk(seed);
  SimDisk twin(seed);
  auto file = OpenFile(disk, "a");
  auto other = OpenFile(twin, "a");
  RC_ASSERT(disk.SyncDirectory().ok() && twin.SyncDirectory().ok());
  Bytes model;
  const int steps = *rc::gen::inRange(1, 40);
  for (int step = 0; step < steps; ++step) {
    const uint64_t at = *rc::gen::inRange<uint64_t>(0, 20000);
    const auto size = *rc::gen::inRange<size_t>(0, 6000);
    switch (*rc::gen::inRange(0, 4)) {
      case 0: {
        const Bytes bytes(size, *rc::gen::element('\0', 'x', 'y'));
        RC_ASSERT(file->Write(at, bytes).ok() && other->Write(at, bytes).ok());
        if (model.size() < at + size) model.resize(at + size);
        model.replace(at, size, bytes);
        break;
      }
      case 1:
        RC_ASSERT(file->Truncate(at).ok() && other->Truncate(at).ok());
        model.resize(at);
        break;
      case 2: {
        Bytes out;
        RC_ASSERT(file->Read(at, size, out).ok());
        RC_ASSERT(out == (at < model.size() ? model.substr(at, size) : Bytes()));
        break;
      }
      default:
        RC_ASSERT(file->Sync().ok() && other->Sync().ok());
        break;
    }
  }
  RC_ASSERT(disk.Content("a") == model);
  const bool sync = *rc::gen::arbitrary<bool>();
  if (sync) RC_ASSERT(file->Sync().ok() && other->Sync().ok());
  disk.Crash(seed);
  twin.Crash(seed);
  RC_ASSERT(disk.Content("a") == twin.Content("a"));
  RC_ASSERT(disk.effects() == twin.effects());
  if (sync) RC_ASSERT(disk.Content("a") == model);
}

}  // namespace
}  // namespace quorate::sim
