// SPDX-License-Identifier: Apache-2.0
// Some file systems refuse a write inside a reservation, after part or all of it has reached the
// file. The commit was refused, so no later start may find it.
#include <gtest/gtest.h>

#include "adapters/storage/journaled_backend.h"
#include "sim/disk/sim_disk.h"
#include "tests/adapters/storage/backend_conformance.h"

namespace quorate::storage {
namespace {

// Writes what it is given and then, where `refuses`, says that there was no room.
class RefusingFile final : public env::File {
 public:
  RefusingFile(std::unique_ptr<env::File> file, const int& refusals)
      : file_(std::move(file)), refusals_(refusals) {}
  absl::Status Read(uint64_t offset, size_t size, Bytes& out) override {
    return file_->Read(offset, size, out);
  }
  absl::Status Write(uint64_t offset, std::string_view bytes) override {
    QUORATE_RETURN_IF_ERROR(file_->Write(offset, bytes));
    return writes_++ < refusals_ ? Unavailable("no room, says the file system") : absl::OkStatus();
  }
  absl::Status Allocate(uint64_t size) override { return file_->Allocate(size); }
  absl::Status Truncate(uint64_t size) override { return file_->Truncate(size); }
  absl::Status Sync() override { return file_->Sync(); }
  absl::StatusOr<uint64_t> Size() override { return file_->Size(); }

 private:
  std::unique_ptr<env::File> file_;
  const int& refusals_;
  int writes_ = 0;
};

class RefusingFiles final : public env::FileSystem {
 public:
  explicit RefusingFiles(env::FileSystem& files) : files_(files) {}
  // So many writes from now on, of each open file, are refused.
  void set_refusals(int refusals) { refusals_ = refusals; }

  absl::StatusOr<std::unique_ptr<env::File>> Open(const std::string& path, bool create) override {
    QUORATE_ASSIGN_OR_RETURN(std::unique_ptr<env::File> file, files_.Open(path, create));
    return std::unique_ptr<env::File>(std::make_unique<RefusingFile>(std::move(file), refusals_));
  }
  absl::Status Remove(const std::string& path) override { return files_.Remove(path); }
  absl::Status Rename(const std::string& from, const std::string& to) override {
    return files_.Rename(from, to);
  }
  absl::StatusOr<bool> Exists(const std::string& path) override { return files_.Exists(path); }
  absl::StatusOr<std::vector<std::string>> List() override { return files_.List(); }
  absl::Status SyncDirectory() override { return files_.SyncDirectory(); }

 private:
  env::FileSystem& files_;
  int refusals_ = 0;
};

env::WriteBatch OnePut(std::string_view key) {
  env::WriteBatch batch;
  batch.Put(key, "value");
  return batch;
}

class RefusedWriteTest : public testing::Test {
 protected:
  Model AfterRestart() {
    disk_.Crash(1);
    backend_.reset();
    return ReadAll(**JournaledBackend::OpenRecovered(disk_, {}));
  }

  sim::SimDisk disk_{1};
  RefusingFiles files_{disk_};
  std::unique_ptr<JournaledBackend> backend_ = *JournaledBackend::OpenRecovered(files_, {});
};

TEST_F(RefusedWriteTest, IsTakenBackAndTheNextCommitGoesOn) {
  ASSERT_TRUE(
      backend_->Commit(OnePut("a"), true).ok());  // two writes of the segment: header and record
  files_.set_refusals(3);
  EXPECT_EQ(backend_->Commit(OnePut("refused"), true).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(*backend_->Get("refused"), std::nullopt);
  ASSERT_TRUE(backend_->Commit(OnePut("b"), true).ok());
  EXPECT_EQ(AfterRestart(), (Model{{"a", "value"}, {"b", "value"}}));
}

TEST_F(RefusedWriteTest, IsGoneAfterACrashRightBehindIt) {
  ASSERT_TRUE(backend_->Commit(OnePut("a"), true).ok());
  files_.set_refusals(3);
  EXPECT_EQ(backend_->Commit(OnePut("refused"), true).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(AfterRestart(), (Model{{"a", "value"}}));
}

TEST_F(RefusedWriteTest, IsFinalWhereItCannotBeTakenBack) {
  ASSERT_TRUE(backend_->Commit(OnePut("a"), true).ok());
  files_.set_refusals(4);
  EXPECT_EQ(backend_->Commit(OnePut("refused"), true).code(), absl::StatusCode::kInternal);
  files_.set_refusals(0);
  EXPECT_EQ(backend_->Commit(OnePut("b"), true).code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace quorate::storage
