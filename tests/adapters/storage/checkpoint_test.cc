// SPDX-License-Identifier: Apache-2.0
// The checkpoint and SQLite's view of the world's files.
#include "adapters/storage/checkpoint.h"

#include <gtest/gtest.h>

#include "sim/disk/sim_disk.h"

namespace quorate::storage {
namespace {

const CheckpointOptions kSmall{
    .name = "c", .page_cache_bytes = 65536, .wal_pages_max = 8, .salt = 17};

class CheckpointTest : public testing::Test {
 protected:
  void Open() {
    checkpoint_.reset();
    auto opened = Checkpoint::Open(disk_, kSmall);
    ASSERT_TRUE(opened.ok()) << opened.status();
    checkpoint_ = *std::move(opened);
  }
  void PutOne(std::string_view key, std::string_view value, Sequence position) {
    ASSERT_TRUE(checkpoint_->Begin().ok());
    ASSERT_TRUE(checkpoint_->Put(key, value).ok());
    ASSERT_TRUE(checkpoint_->SetPosition(position).ok());
    ASSERT_TRUE(checkpoint_->Commit().ok());
  }

  sim::SimDisk disk_{1};
  std::unique_ptr<Checkpoint> checkpoint_;
};

TEST_F(CheckpointTest, KeepsRowsPositionAndTheFirstSalt) {
  Open();
  EXPECT_EQ(checkpoint_->position(), Sequence{0});
  PutOne("a", "1", {1ULL << 63});
  ASSERT_TRUE(checkpoint_->MakeDurable().ok());
  checkpoint_.reset();
  disk_.Crash(1);
  CheckpointOptions other = kSmall;
  other.salt = 99;
  auto opened = Checkpoint::Open(disk_, other);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*opened)->salt(), 17u);
  EXPECT_EQ((*opened)->position(), Sequence{1ULL << 63});
  EXPECT_EQ(*(*opened)->Get("a"), "1");
}

TEST_F(CheckpointTest, RollsBackToWhatWas) {
  Open();
  PutOne("a", "1", {1});
  ASSERT_TRUE(checkpoint_->Begin().ok());
  ASSERT_TRUE(checkpoint_->Put("a", "2").ok());
  ASSERT_TRUE(checkpoint_->SetPosition({2}).ok());
  checkpoint_->Rollback();
  EXPECT_EQ(*checkpoint_->Get("a"), "1");
  EXPECT_EQ(checkpoint_->position(), Sequence{1});
  PutOne("a", "3", {3});
  EXPECT_EQ(*checkpoint_->Get("a"), "3");
}

TEST_F(CheckpointTest, WalksARangeInOrderAndEndsEarly) {
  Open();
  ASSERT_TRUE(checkpoint_->Begin().ok());
  for (const char* key : {"d", "a", "c", "b"}) ASSERT_TRUE(checkpoint_->Put(key, key).ok());
  ASSERT_TRUE(checkpoint_->Commit().ok());
  std::string_view key;
  std::string_view value;
  checkpoint_->Walk("b", "d");
  ASSERT_TRUE(*checkpoint_->Next(key, value));
  EXPECT_EQ(key, "b");
  ASSERT_TRUE(*checkpoint_->Next(key, value));
  EXPECT_EQ(key, "c");
  EXPECT_FALSE(*checkpoint_->Next(key, value));
  EXPECT_FALSE(*checkpoint_->Next(key, value));
  checkpoint_->Walk("b", "");
  ASSERT_TRUE(*checkpoint_->Next(key, value));
  checkpoint_->EndWalk();
  PutOne("b", "new", {1});
  ASSERT_TRUE(checkpoint_->MakeDurable().ok());
  EXPECT_EQ(*checkpoint_->Get("b"), "new");
}

TEST_F(CheckpointTest, ReusesItsLogOnceItWasCopied) {
  Open();
  for (uint64_t i = 1; i <= 300; ++i) {
    PutOne(Format("key %d", i), Bytes(500, 'v'), {i});
    if (checkpoint_->WalIsFull()) {
      ASSERT_TRUE(checkpoint_->MakeDurable().ok());
      EXPECT_FALSE(checkpoint_->WalIsFull());
    }
  }
  EXPECT_LT(disk_.Content("c.db-wal")->size(), 20u * 4096);
}

// SQLite creates its files through the VFS, which must make their names durable too.
TEST_F(CheckpointTest, SyncsTheDirectoryWithANewFile) {
  for (uint64_t draws = 0; draws < 20; ++draws) {
    sim::SimDisk disk(draws);
    auto opened = Checkpoint::Open(disk, kSmall);
    ASSERT_TRUE(opened.ok());
    checkpoint_ = *std::move(opened);
    PutOne("a", "1", {1});
    ASSERT_TRUE(checkpoint_->MakeDurable().ok());
    disk.Crash(draws);
    checkpoint_.reset();
    opened = Checkpoint::Open(disk, kSmall);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ(*(*opened)->Get("a"), "1");
  }
}

TEST_F(CheckpointTest, NamesTheFileErrorBehindSqlites) {
  Open();
  disk_.set_faults({.write_error_ppm = 1'000'000});
  ASSERT_TRUE(checkpoint_->Begin().ok());
  ASSERT_TRUE(checkpoint_->Put("a", "1").ok());
  const absl::Status status = checkpoint_->Commit();
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_NE(MessageOf(status).find("disk: write c.db-wal: I/O error"), std::string::npos) << status;
}

TEST_F(CheckpointTest, CallsAFullDiskUnavailableAndLosesNothing) {
  Open();
  PutOne("a", "1", {1});
  disk_.set_faults({.capacity_bytes = disk_.used_bytes()});
  ASSERT_TRUE(checkpoint_->Begin().ok());
  absl::Status status;
  for (int i = 0; i < 1000 && status.ok(); ++i)
    status = checkpoint_->Put(Format("%d", i), Bytes(1000, 'v'));
  if (status.ok()) status = checkpoint_->Commit();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  checkpoint_->Rollback();
  EXPECT_EQ(*checkpoint_->Get("a"), "1");
  EXPECT_EQ(*checkpoint_->Get("0"), std::nullopt);
  disk_.set_faults({});
  PutOne("b", "2", {2});
  EXPECT_EQ(*checkpoint_->Get("b"), "2");
}

TEST(SqliteRandomness, DependsOnTheSeedAlone) {
  const auto draw = [](uint64_t seed) {
    ResetSqliteRandomness(seed);
    uint64_t value = 0;
    sqlite3_randomness(sizeof(value), &value);
    return value;
  };
  const uint64_t first = draw(1);
  EXPECT_NE(draw(2), first);
  EXPECT_EQ(draw(1), first);
}

}  // namespace
}  // namespace quorate::storage
