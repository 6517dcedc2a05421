// SPDX-License-Identifier: Apache-2.0
// Both devices behind the queue of a node: what is done is kept, what is not done is kept or lost
// whole, and results come in order.
#include "sim/storage/node_storage.h"

#include <gtest/gtest.h>

#include "engine/base/random.h"
#include "sim/storage/disk_device.h"
#include "sim/storage/memory_device.h"

namespace quorate::sim {
namespace {

enum class Device : uint8_t { kMemory, kDisk };

std::unique_ptr<StorageDevice> MakeDevice(Device device, bool lose_last = false) {
  if (device == Device::kDisk) return std::make_unique<DiskDevice>(1, 0, PlantedBug::kNone);
  return std::make_unique<MemoryDevice>(1, 0, MemoryModel{}, lose_last);
}

class NodeStorageTest : public testing::TestWithParam<Device> {
 protected:
  NodeStorageTest() : storage_(MakeDevice(GetParam())) { Open(); }

  void Open() {
    Duration took{0};
    const absl::StatusOr<env::StorageBackend*> backend = storage_.Open(++life_, took);
    ASSERT_TRUE(backend.ok()) << MessageOf(backend.status());
    ASSERT_TRUE(storage_.Recover(took).ok());
    backend_ = *backend;
  }
  void Submit(std::string_view key, std::string_view value,
              env::Durability durability = env::Durability::kAlways) {
    env::WriteBatch batch;
    batch.Put(key, value);
    batch.Put(Bytes(key) + "'", value);
    shard_.Commit(std::move(batch), durability, env::CommitToken{++token_});
  }
  std::vector<StorageResult> RunGroup() {
    const std::optional<SimTime> done = storage_.Begin(now_, std::nullopt);
    if (!done) return {};
    now_ = *done;
    return storage_.Finish(now_);
  }
  // Both rows of a batch, or none.
  std::optional<Bytes> Value(const Bytes& key) {
    const auto first = backend_->Get(key);
    const auto second = backend_->Get(key + "'");
    EXPECT_TRUE(first.ok() && second.ok());
    EXPECT_EQ(*first, *second) << "a batch was torn";
    return *first;
  }
  void Restart(CrashKind kind, uint64_t draw) {
    storage_.Crash(kind, draw);
    Open();
  }

  NodeStorage storage_;
  ShardStorage shard_{storage_, 0};
  env::StorageBackend* backend_ = nullptr;
  SimTime now_;
  uint32_t life_ = 0;
  uint64_t token_ = 0;
};

TEST_P(NodeStorageTest, CommitsInOrderAndInGroups) {
  Submit("a", "1");
  ASSERT_TRUE(storage_.Begin(now_, std::nullopt).has_value());
  Submit("b", "2");
  Submit("c", "3");
  EXPECT_FALSE(storage_.Begin(now_, std::nullopt).has_value()) << "one group at a time";
  EXPECT_EQ(storage_.commits_in_flight(), 3u);
  EXPECT_EQ(storage_.Finish(now_).size(), 1u);
  const std::vector<StorageResult> results = RunGroup();
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(std::get<env::CommitDone>(results[0].event).token, env::CommitToken{2});
  EXPECT_EQ(std::get<env::CommitDone>(results[1].event).token, env::CommitToken{3});
  EXPECT_EQ(storage_.commits_in_flight(), 0u);
}

TEST_P(NodeStorageTest, KeepsWhatIsDoneThroughAPowerLoss) {
  Submit("a", "1");
  EXPECT_EQ(RunGroup().size(), 1u);
  Restart(CrashKind::kPower, 3);
  EXPECT_EQ(Value("a"), "1");
}

TEST_P(NodeStorageTest, KeepsOrLosesWholeBatchesUnderWay) {
  uint64_t kept = 0;
  constexpr uint64_t kRounds = 60;
  for (uint64_t round = 0; round < kRounds; ++round) {
    const Bytes key = "key" + std::to_string(round);
    Submit(key, "v");
    // The crash comes somewhere in the time that the group takes.
    const SimTime crash = now_ + Duration(static_cast<int64_t>(round * 20));
    ASSERT_TRUE(storage_.Begin(now_, crash).has_value());
    now_ = crash;
    Restart(CrashKind::kPower, Mix(round, 77));
    if (Value(key)) ++kept;
  }
  EXPECT_GT(kept, 0u);
  EXPECT_LT(kept, kRounds);
}

TEST_P(NodeStorageTest, LosesWhatWasOnlyQueued) {
  Submit("a", "1");
  Restart(CrashKind::kProcess, 5);
  EXPECT_EQ(Value("a"), std::nullopt);
}

TEST_P(NodeStorageTest, ScansSeeAllEarlierCommits) {
  Submit("a", "1");
  shard_.Scan({"a", "b", 1000}, env::ReadToken{9});
  Submit("a", "2");
  const std::vector<StorageResult> results = RunGroup();
  ASSERT_EQ(results.size(), 3u);
  const auto& scan = std::get<env::ScanDone>(results[1].event);
  ASSERT_TRUE(scan.result.ok());
  ASSERT_EQ(scan.result->rows.size(), 2u);
  EXPECT_EQ(scan.result->rows[0].value, "1");
}

TEST_P(NodeStorageTest, PeriodicCommitsAreSyncedWithinTheirTime) {
  Submit("a", "1", env::Durability::kPeriodic);
  EXPECT_EQ(RunGroup().size(), 1u);
  ASSERT_TRUE(storage_.sync_due().has_value());
  now_ = *storage_.sync_due();
  storage_.Tick(now_);
  EXPECT_TRUE(RunGroup().empty());
  Restart(CrashKind::kPower, 1);
  EXPECT_EQ(Value("a"), "1");
}

TEST_P(NodeStorageTest, FailedCommitsAreFinal) {
  storage_.SetFaults({.stall = Duration(0), .full = false, .fail = true});
  Submit("a", "1");
  Submit("b", "2");
  for (const StorageResult& result : RunGroup()) {
    const absl::Status& status = std::get<env::CommitDone>(result.event).status;
    EXPECT_FALSE(status.ok());
    EXPECT_FALSE(absl::IsUnavailable(status));
  }
  EXPECT_GT(storage_.TakeEffects().failures, 0u);
  storage_.SetFaults({});
  Submit("c", "3");
  const std::vector<StorageResult> later = RunGroup();
  ASSERT_EQ(later.size(), 1u);
  EXPECT_FALSE(std::get<env::CommitDone>(later[0].event).status.ok());
}

TEST_P(NodeStorageTest, StallsTakeTheirTime) {
  storage_.SetFaults({.stall = 300ms, .full = false, .fail = false});
  Submit("a", "1");
  const SimTime before = now_;
  RunGroup();
  EXPECT_GE(now_ - before, 300ms);
  EXPECT_EQ(storage_.TakeEffects().stalls, 1u);
}

TEST_P(NodeStorageTest, OneSyncFailsAndTheNextLifeGoesOn) {
  Submit("a", "1");
  EXPECT_EQ(RunGroup().size(), 1u);
  storage_.SetFaults({.sync_error = 7});
  Submit("b", "2");
  const std::vector<StorageResult> results = RunGroup();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_FALSE(std::get<env::CommitDone>(results[0].event).status.ok());
  EXPECT_EQ(storage_.TakeEffects().sync_errors, 1u);
  Restart(CrashKind::kProcess, 1);
  storage_.SetFaults({.stall = 1ms, .sync_error = 7});  // the same one: it has failed already
  Submit("c", "3");
  EXPECT_TRUE(std::get<env::CommitDone>(RunGroup().at(0).event).status.ok());
  EXPECT_EQ(Value("a"), "1");
  EXPECT_EQ(Value("c"), "3");
}

TEST_P(NodeStorageTest, DamageIsRefusedAndOverWhenItIsTakenAway) {
  for (int i = 0; i < 40; ++i) {
    Submit(Format("key%d", i), Bytes(100, 'v'));
    RunGroup();
  }
  for (const FaultKind kind : {FaultKind::kReadError, FaultKind::kBitRot, FaultKind::kDroppedWrite,
                               FaultKind::kMisdirection}) {
    storage_.Crash(CrashKind::kProcess, 1);
    StorageFaults faults;
    faults.damage = {.kind = kind, .written = false, .draw = 5};
    storage_.SetFaults(faults);
    Duration took{0};
    absl::Status status = storage_.Open(++life_, took).status();
    if (status.ok()) status = storage_.Recover(took);
    EXPECT_FALSE(status.ok()) << NameOf(kind);
    EXPECT_GT(storage_.TakeEffects().damaged_reads, 0u) << NameOf(kind);
    storage_.Crash(CrashKind::kProcess, 1);
    storage_.SetFaults({});
    Open();
    for (int i = 0; i < 40; ++i) EXPECT_EQ(Value(Format("key%d", i)), Bytes(100, 'v'));
  }
}

TEST_P(NodeStorageTest, ReturnsToItsImage) {
  Submit("a", "1");
  RunGroup();
  storage_.TakeImage();
  Submit("a", "2");
  Submit("b", "3");
  RunGroup();
  storage_.Crash(CrashKind::kPower, 1);
  EXPECT_TRUE(storage_.ReturnToImage(1));
  Open();
  EXPECT_EQ(Value("a"), "1");
  EXPECT_EQ(Value("b"), std::nullopt);
  storage_.DropImage();
  storage_.Crash(CrashKind::kPower, 1);
  EXPECT_FALSE(storage_.ReturnToImage(1));
  Open();
}

INSTANTIATE_TEST_SUITE_P(Devices, NodeStorageTest, testing::Values(Device::kMemory, Device::kDisk),
                         [](const testing::TestParamInfo<Device>& device) {
                           return device.param == Device::kMemory ? "Memory" : "Disk";
                         });

class MemoryDeviceTest : public testing::Test {
 protected:
  static env::WriteBatch Put(std::string_view key, std::string_view value) {
    env::WriteBatch batch;
    batch.Put(key, value);
    return batch;
  }
  static void RunOne(MemoryDevice& device, CommitRequest commit) {
    const std::vector<StorageRequest> group = {{0, std::move(commit)}};
    device.Begin(group, {}, std::nullopt);
    std::vector<StorageResult> results;
    device.Finish(group, results);
  }
};

TEST_F(MemoryDeviceTest, PowerLossTakesTheUnsyncedAndAKillDoesNot) {
  for (const CrashKind kind : {CrashKind::kPower, CrashKind::kProcess}) {
    MemoryDevice device(1, 0, {}, false);
    RunOne(device, {Put("a", "old"), env::Durability::kAlways, {}});
    RunOne(device, {Put("a", "new"), env::Durability::kPeriodic, {}});
    device.Crash(kind, {}, 1);
    Duration took{0};
    const auto value = (*device.Open(2, took))->Get("a");
    EXPECT_EQ(*value, kind == CrashKind::kPower ? "old" : "new");
  }
}

TEST_F(MemoryDeviceTest, PlantedBugTakesBackTheLastCommit) {
  MemoryDevice device(1, 0, {}, true);
  RunOne(device, {Put("a", "old"), env::Durability::kAlways, {}});
  RunOne(device, {Put("a", "new"), env::Durability::kAlways, {}});
  device.Crash(CrashKind::kProcess, {}, 1);
  Duration took{0};
  EXPECT_EQ(*(*device.Open(2, took))->Get("a"), "old");
}

TEST_F(MemoryDeviceTest, FullDiskRefusesAndRecovers) {
  MemoryDevice device(1, 0, {}, false);
  device.SetFaults({.stall = Duration(0), .full = true, .fail = false});
  RunOne(device, {Put("a", "1"), env::Durability::kAlways, env::CommitToken{1}});
  EXPECT_EQ(device.TakeEffects().refusals, 1u);
  device.SetFaults({});
  RunOne(device, {Put("a", "2"), env::Durability::kAlways, env::CommitToken{1}});
  Duration took{0};
  EXPECT_EQ(*(*device.Open(2, took))->Get("a"), "2");
}

}  // namespace
}  // namespace quorate::sim
