// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/backup.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "adapters/storage/journaled_backend.h"
#include "adapters/storage/memory_backend.h"
#include "sim/disk/sim_disk.h"
#include "tests/adapters/storage/backend_conformance.h"

namespace quorate::storage {
namespace {

class BackupTest : public testing::Test {
 protected:
  void Fill(env::StorageBackend& backend, int rows, size_t size) {
    env::WriteBatch batch;
    for (int i = 0; i < rows; ++i)
      batch.Put(Format("key %05d", i), Bytes(size, static_cast<char>('a' + i % 26)));
    ASSERT_TRUE(backend.Commit(batch, true).ok());
  }
  absl::Status TryRestore() {
    MemoryBackend target;
    const absl::Status status = Restore(*file_, target);
    if (!status.ok()) {
      EXPECT_TRUE(ReadAll(target).empty());
    }
    return status;
  }

  sim::SimDisk disk_{1};
  std::unique_ptr<env::File> file_ = *disk_.Open("backup", true);
  MemoryBackend source_;
};

TEST_F(BackupTest, RestoresIntoAnotherKindOfBackend) {
  Fill(source_, 3000, 1000);
  ASSERT_TRUE(Backup(source_, *file_).ok());
  const auto target = JournaledBackend::OpenRecovered(disk_, {.name = "target"});
  ASSERT_TRUE(target.ok());
  ASSERT_TRUE(Restore(*file_, **target).ok());
  EXPECT_EQ(ReadAll(**target), ReadAll(source_));
}

TEST_F(BackupTest, CopiesAllAndOnlyIntoAnEmptyBackend) {
  Fill(source_, 3000, 1000);
  MemoryBackend target;
  ASSERT_TRUE(CopyAll(source_, target).ok());
  EXPECT_EQ(ReadAll(target), ReadAll(source_));
  EXPECT_EQ(CopyAll(source_, target).code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(BackupTest, RestoresNothingFromAnEmptyBackend) {
  ASSERT_TRUE(Backup(source_, *file_).ok());
  EXPECT_EQ(*file_->Size(), kBackupHeaderBytes + kBackupEndBytes);
  EXPECT_TRUE(TryRestore().ok());
}

TEST_F(BackupTest, FindsEveryDamagedByte) {
  Fill(source_, 5, 10);
  ASSERT_TRUE(Backup(source_, *file_).ok());
  const uint64_t size = *file_->Size();
  for (uint64_t i = 0; i < size; ++i) {
    ASSERT_TRUE(disk_.Rot("backup", i, 0x04));
    EXPECT_FALSE(TryRestore().ok()) << "byte " << i;
    ASSERT_TRUE(disk_.Rot("backup", i, 0x04));
  }
  EXPECT_TRUE(TryRestore().ok());
}

TEST_F(BackupTest, FindsEveryCutAndWhatIsBehindTheEnd) {
  Fill(source_, 5, 10);
  ASSERT_TRUE(Backup(source_, *file_).ok());
  const Bytes whole = *disk_.Content("backup");
  ASSERT_TRUE(file_->Write(whole.size(), "x").ok());
  EXPECT_EQ(TryRestore().code(), absl::StatusCode::kDataLoss);
  for (size_t size = whole.size(); size-- > 0;) {
    ASSERT_TRUE(file_->Truncate(size).ok());
    EXPECT_FALSE(TryRestore().ok()) << "cut at " << size;
  }
}

TEST_F(BackupTest, FindsAMissingAndARepeatedBlock) {
  Fill(source_, 3000, 1000);  // three blocks
  ASSERT_TRUE(Backup(source_, *file_).ok());
  const Bytes whole = *disk_.Content("backup");
  const size_t second = whole.find("qblk", kBackupHeaderBytes + 1);
  const size_t third = whole.find("qblk", second + 1);
  ASSERT_NE(third, Bytes::npos);
  for (const Bytes& broken : {whole.substr(0, second) + whole.substr(third),
                              whole.substr(0, third) + whole.substr(second)}) {
    ASSERT_TRUE(file_->Truncate(0).ok());
    ASSERT_TRUE(file_->Write(0, broken).ok());
    EXPECT_EQ(TryRestore().code(), absl::StatusCode::kDataLoss);
  }
}

TEST_F(BackupTest, RefusesOtherFilesAndVersionsClearly) {
  ASSERT_TRUE(file_->Write(0, "REDIS0009 and more").ok());
  EXPECT_EQ(TryRestore().code(), absl::StatusCode::kInvalidArgument);
  ASSERT_TRUE(Backup(source_, *file_).ok());
  ASSERT_TRUE(disk_.Rot("backup", 11, 0x06));
  EXPECT_EQ(TryRestore().code(), absl::StatusCode::kFailedPrecondition);
}

RC_GTEST_PROP(Backup, RestoresWhatWasThere, ()) {
  sim::SimDisk disk(1);
  MemoryBackend source;
  MemoryBackend target;
  const auto batches = *rc::gen::container<std::vector<env::WriteBatch>>(BatchGenerator());
  for (const env::WriteBatch& batch : batches) RC_ASSERT(source.Commit(batch, true).ok());
  const std::unique_ptr<env::File> file = *disk.Open("backup", true);
  RC_ASSERT(Backup(source, *file).ok());
  RC_ASSERT(Restore(*file, target).ok());
  RC_ASSERT(ReadAll(target) == ReadAll(source));
}

}  // namespace
}  // namespace quorate::storage
