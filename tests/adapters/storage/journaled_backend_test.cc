// SPDX-License-Identifier: Apache-2.0
// The journaled backend over both worlds' files: the shared conformance test, its limits, and what
// it does on a full or failing disk. What crashes may do to it is in journaled_crash_test.cc.
#include "adapters/storage/journaled_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/disk/posix_file_system.h"
#include "sim/disk/sim_disk.h"
#include "tests/adapters/storage/backend_conformance.h"
#include "tests/io/disk/temporary_directory.h"

namespace quorate::storage {
namespace {

using testing::HasSubstr;

// So small that a few batches fill everything; large enough for the conformance test's largest
// value.
JournaledOptions SmallOptions() {
  return {.segment_bytes = 8192,
          .journal_bytes_max = uint64_t{4} << 20,
          .dirty_bytes_max = 20000,
          .sweep_rows_max = 3,
          .sweep_bytes_max = 4000,
          .page_cache_bytes = 65536,
          .wal_pages_max = 8};
}

JournaledOptions TinyOptions() {
  JournaledOptions options = SmallOptions();
  options.journal_bytes_max = 32768;
  return options;
}

class SimDiskFactory {
 public:
  static constexpr bool kDurable = true;
  std::unique_ptr<env::StorageBackend> Open() {
    auto backend = JournaledBackend::Open(disk_, SmallOptions());
    EXPECT_TRUE(backend.ok()) << backend.status();
    return *std::move(backend);
  }

 private:
  sim::SimDisk disk_{1};
};

class PosixFactory {
 public:
  static constexpr bool kDurable = true;
  std::unique_ptr<env::StorageBackend> Open() {
    auto backend = JournaledBackend::Open(*files_, SmallOptions());
    EXPECT_TRUE(backend.ok()) << backend.status();
    return *std::move(backend);
  }

 private:
  io::TemporaryDirectory directory_;
  std::unique_ptr<io::PosixFileSystem> files_ = *io::PosixFileSystem::Open(directory_.path());
};

INSTANTIATE_TYPED_TEST_SUITE_P(JournaledOverSim, BackendConformance, SimDiskFactory);
INSTANTIATE_TYPED_TEST_SUITE_P(JournaledOverIo, BackendConformance, PosixFactory);

class JournaledBackendTest : public testing::Test {
 protected:
  absl::Status Open(const JournaledOptions& options = TinyOptions()) {
    backend_.reset();
    auto opened = JournaledBackend::OpenRecovered(disk_, options);
    if (opened.ok()) backend_ = *std::move(opened);
    return opened.status();
  }
  absl::Status Put(std::string_view key, std::string_view value, bool sync = true) {
    env::WriteBatch batch;
    batch.Put(key, value);
    const absl::Status status = backend_->Commit(batch, sync);
    if (status.ok()) ApplyTo(model_, batch);
    return status;
  }
  absl::Status PutMany(int count, size_t size) {
    for (int i = 0; i < count; ++i) {
      QUORATE_RETURN_IF_ERROR(
          Put(Format("key %d", i), Bytes(size, static_cast<char>('a' + i % 26))));
    }
    return absl::OkStatus();
  }

  sim::SimDisk disk_{1};
  std::unique_ptr<JournaledBackend> backend_;
  Model model_;
};

TEST_F(JournaledBackendTest, StaysWithinItsLimitsWithoutAnyMaintenance) {
  ASSERT_TRUE(Open().ok());
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(Put(Format("key %d", i * 7919 % 1000), Bytes(200, 'v')).ok());
    const auto stats = backend_->stats();
    ASSERT_LE(stats.dirty_bytes, stats.dirty_bytes_max);
    ASSERT_LE(stats.journal_bytes, stats.journal_bytes_max);
  }
  EXPECT_GT(backend_->stats().checkpoints, 5u);
  EXPECT_EQ(ReadAll(*backend_), model_);
}

TEST_F(JournaledBackendTest, SweepsOnlyWhenThereIsEnough) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Put("a", "1").ok());
  EXPECT_FALSE(*backend_->Maintain());
  EXPECT_GT(backend_->stats().dirty_bytes, 0u);
  ASSERT_TRUE(PutMany(60, 200).ok());
  int steps = 0;
  while (*backend_->Maintain()) ++steps;
  EXPECT_GT(steps, 10);
  EXPECT_EQ(backend_->stats().checkpoints, 1u);
  EXPECT_LT(backend_->stats().dirty_bytes, backend_->stats().dirty_bytes_max / 2);
  EXPECT_EQ(ReadAll(*backend_), model_);
}

TEST_F(JournaledBackendTest, ReplaysNothingAfterAnOrderlyClose) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(PutMany(20, 100).ok());
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(backend_->recovered_records(), 20u);
  ASSERT_TRUE(backend_->Close().ok());
  EXPECT_EQ(Put("late", "x").code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(backend_->recovered_records(), 0u);
  EXPECT_EQ(ReadAll(*backend_), model_);
}

TEST_F(JournaledBackendTest, ReadsEverythingInTheMiddleOfARound) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(PutMany(60, 200).ok());
  ASSERT_TRUE(*backend_->Maintain());
  ASSERT_TRUE(*backend_->Maintain());
  ASSERT_TRUE(PutMany(5, 50).ok());
  env::WriteBatch batch;
  for (int i = 3; i < 30; i += 2) batch.Delete(Format("key %d", i));
  ASSERT_TRUE(backend_->Commit(batch, true).ok());
  ApplyTo(model_, batch);
  EXPECT_EQ(ReadAll(*backend_), model_);
  EXPECT_EQ(ReadAll(*backend_, 300), model_);
  EXPECT_EQ(*backend_->Get("key 3"), std::nullopt);
  EXPECT_EQ(*backend_->Get("key 4"), Bytes(50, 'e'));
}

TEST_F(JournaledBackendTest, RefusesWritesOnAFullDiskAndGoesOnWhenThereIsRoom) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Put("first", "x").ok());
  disk_.set_faults({.capacity_bytes = disk_.used_bytes() + 16384});
  absl::Status status;
  for (int i = 0; i < 5000 && status.ok(); ++i) status = Put(Format("key %d", i), Bytes(200, 'v'));
  ASSERT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReadAll(*backend_), model_);
  EXPECT_EQ(Put("again", Bytes(200, 'x')).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(*backend_->Get("again"), std::nullopt);
  disk_.set_faults({});
  ASSERT_TRUE(Put("again", "y").ok());
  ASSERT_TRUE(PutMany(200, 200).ok());
  EXPECT_EQ(ReadAll(*backend_), model_);
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(ReadAll(*backend_), model_);
}

// Also where the last sweep was in the log of SQLite only, which needs room to be copied.
TEST_F(JournaledBackendTest, OpensOnAFullDiskAndLosesNothing) {
  for (uint64_t draws = 0; draws < 20; ++draws) {
    backend_.reset();
    disk_ = sim::SimDisk(draws);
    model_.clear();
    ASSERT_TRUE(Open().ok());
    for (int i = 0; backend_->stats().dirty_bytes < 12000; ++i) {
      ASSERT_TRUE(Put(Format("key %d", i), Bytes(200, 'v')).ok());
    }
    while (backend_->stats().dirty_bytes > 0) ASSERT_TRUE(*backend_->Maintain());
    disk_.Kill();
    disk_.set_faults({.capacity_bytes = disk_.used_bytes()});
    ASSERT_TRUE(Open().ok());
    EXPECT_EQ(ReadAll(*backend_), model_);
    absl::Status status;
    for (int i = 0; i < 100 && status.ok(); ++i) status = Put(Format("new %d", i), Bytes(200, 'n'));
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(backend_->Maintain().status().code(), absl::StatusCode::kUnavailable);
    disk_.Crash(draws);
    ASSERT_TRUE(Open().ok());
    EXPECT_EQ(ReadAll(*backend_), model_);
    disk_.set_faults({});
    ASSERT_TRUE(PutMany(100, 200).ok());
    while (*backend_->Maintain()) continue;
    disk_.Crash(draws + 1);
    ASSERT_TRUE(Open().ok());
    EXPECT_EQ(ReadAll(*backend_), model_);
  }
}

TEST_F(JournaledBackendTest, StopsForGoodAfterAFailedSyncButStillReads) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Put("a", "1").ok());
  disk_.set_faults({.sync_error_ppm = 1'000'000});
  const absl::Status failed = Put("b", "2");
  EXPECT_EQ(failed.code(), absl::StatusCode::kInternal);
  disk_.set_faults({});
  EXPECT_EQ(Put("c", "3"), failed);
  EXPECT_EQ(backend_->Sync(), failed);
  EXPECT_EQ(backend_->Maintain().status(), failed);
  EXPECT_EQ(*backend_->Get("a"), "1");
}

// After a failed sync the kernel reads back what is not on the disk. A restart must not build on
// it.
TEST_F(JournaledBackendTest, WritesAgainWhatAFailedSyncLeftInTheCache) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Put("a", "1").ok());
  disk_.set_faults({.sync_error_ppm = 1'000'000});
  ASSERT_FALSE(Put("b", "2").ok());
  disk_.set_faults({});
  disk_.Kill();
  ASSERT_TRUE(Open().ok());
  const Model after_kill = ReadAll(*backend_);
  ASSERT_TRUE(Put("c", "3").ok());
  Model expected = after_kill;
  expected["c"] = "3";
  disk_.Crash(5);
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(ReadAll(*backend_), expected);
}

TEST_F(JournaledBackendTest, RefusesABatchThatCanNeverFitAndGoesOn) {
  ASSERT_TRUE(Open().ok());
  EXPECT_EQ(Put("big", Bytes(40000, 'x')).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Put("small", "x").ok());
  EXPECT_TRUE(Put("large", Bytes(30000, 'x')).ok());
  EXPECT_TRUE(Put("next", "x").ok());
  EXPECT_EQ(ReadAll(*backend_), model_);
}

TEST_F(JournaledBackendTest, ReportsARottenJournalAsDataLossAndStartsEmptyAfterDestroy) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(PutMany(3, 10).ok());
  backend_.reset();
  ASSERT_TRUE(disk_.Rot("store.journal-0000000000000001", kSegmentHeaderBytes + 12, 0x40));
  const absl::Status status = Open();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(MessageOf(status), HasSubstr("sequence 1 is missing or damaged"));
  ASSERT_TRUE(JournaledBackend::Destroy(disk_, "store").ok());
  EXPECT_TRUE(disk_.List()->empty());
  ASSERT_TRUE(Open().ok());
  EXPECT_TRUE(ReadAll(*backend_).empty());
}

TEST_F(JournaledBackendTest, ReportsARottenDatabaseAsDataLoss) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Put("a", "1").ok());
  ASSERT_TRUE(backend_->Close().ok());
  backend_.reset();
  ASSERT_TRUE(disk_.Rot("store.db", 0, 0xff));
  EXPECT_EQ(Open().code(), absl::StatusCode::kDataLoss);
}

TEST_F(JournaledBackendTest, RefusesAnUnknownSchemaClearly) {
  {
    const auto connection = SqliteConnection::Open(disk_, "store.db", 1);
    ASSERT_TRUE(connection.ok());
    ASSERT_TRUE(
        (*connection)
            ->Execute(
                "CREATE TABLE meta(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;"
                "INSERT INTO meta VALUES('schema', 7);")
            .ok());
  }
  const absl::Status status = Open();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), HasSubstr("store.db has schema version 7, this release reads 1"));
}

TEST_F(JournaledBackendTest, KeepsStoresOfDifferentNamesApart) {
  ASSERT_TRUE(Open().ok());
  ASSERT_TRUE(Put("a", "1").ok());
  JournaledOptions other = TinyOptions();
  other.name = "other";
  auto second = JournaledBackend::OpenRecovered(disk_, other);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(ReadAll(**second).empty());
  EXPECT_EQ(ReadAll(*backend_), model_);
}

// The same calls leave the same bytes on the disk, whatever else used SQLite in this process.
TEST_F(JournaledBackendTest, WritesTheSameBytesFromTheSameSeed) {
  const auto run = [](bool disturbed) {
    sim::SimDisk disk(3);
    JournaledOptions options = TinyOptions();
    options.sqlite_seed = 42;
    options.salt = 9;
    const auto backend = JournaledBackend::OpenRecovered(disk, options);
    EXPECT_TRUE(backend.ok());
    for (int i = 0; i < 500; ++i) {
      char byte = 0;
      if (disturbed) sqlite3_randomness(1, &byte);
      env::WriteBatch batch;
      batch.Put(Format("key %d", i), Bytes(100, 'v'));
      EXPECT_TRUE((*backend)->Commit(batch, true).ok());
    }
    std::map<std::string, Bytes> files;
    const std::vector<std::string> names = *disk.List();
    for (const std::string& name : names) files[name] = *disk.Content(name);
    EXPECT_TRUE(files.contains("store.db-wal"));
    return files;
  };
  EXPECT_TRUE(run(false) == run(true));
}

}  // namespace
}  // namespace quorate::storage
