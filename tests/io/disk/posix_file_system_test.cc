// SPDX-License-Identifier: Apache-2.0
#include "io/disk/posix_file_system.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/io/disk/temporary_directory.h"

namespace quorate::io {
namespace {

class PosixFileSystemTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  std::unique_ptr<PosixFileSystem> files_ = *PosixFileSystem::Open(directory_.path());
};

TEST_F(PosixFileSystemTest, ReadsWhatWasWritten) {
  const auto file = files_->Open("a", true);
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_TRUE((*file)->Write(3, "abc").ok());
  Bytes out = "old";
  ASSERT_TRUE((*file)->Read(2, 100, out).ok());
  EXPECT_EQ(out, Bytes("\0", 1) + "abc");
  ASSERT_TRUE((*file)->Read(100, 5, out).ok());
  EXPECT_EQ(out, "");
  EXPECT_EQ(*(*file)->Size(), 6u);
  EXPECT_TRUE((*file)->Sync().ok());
}

TEST_F(PosixFileSystemTest, AllocatesZerosAndKeepsWhatIsThere) {
  const auto file = files_->Open("a", true);
  ASSERT_TRUE((*file)->Write(0, "abc").ok());
  ASSERT_TRUE((*file)->Allocate(10000).ok());
  EXPECT_EQ(*(*file)->Size(), 10000u);
  Bytes out;
  ASSERT_TRUE((*file)->Read(0, 10000, out).ok());
  EXPECT_EQ(out, "abc" + Bytes(9997, '\0'));
  ASSERT_TRUE((*file)->Allocate(5).ok());
  EXPECT_EQ(*(*file)->Size(), 10000u);
  ASSERT_TRUE((*file)->Truncate(2).ok());
  EXPECT_EQ(*(*file)->Size(), 2u);
}

TEST_F(PosixFileSystemTest, ListsRegularFilesSorted) {
  for (const char* name : {"c", "a", "b"}) ASSERT_TRUE(files_->Open(name, true).ok());
  std::filesystem::create_directory(directory_.path() + "/folder");
  EXPECT_EQ(*files_->List(), (std::vector<std::string>{"a", "b", "c"}));
  ASSERT_TRUE(files_->Rename("c", "a").ok());
  ASSERT_TRUE(files_->Remove("b").ok());
  ASSERT_TRUE(files_->SyncDirectory().ok());
  EXPECT_EQ(*files_->List(), (std::vector<std::string>{"a"}));
  EXPECT_TRUE(*files_->Exists("a"));
  EXPECT_FALSE(*files_->Exists("b"));
}

TEST_F(PosixFileSystemTest, SaysWhatIsMissingByPath) {
  const auto file = files_->Open("none", false);
  EXPECT_EQ(file.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(file.status()).find(directory_.path() + "/none"), std::string::npos);
  EXPECT_EQ(files_->Remove("none").code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(PosixFileSystemTest, RefusesNamesThatLeaveTheDirectory) {
  for (const std::string name : {"", ".", "..", "../a", "a/b", "/etc/passwd"}) {
    EXPECT_EQ(files_->Open(name, true).status().code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_EQ(files_->Remove(name).code(), absl::StatusCode::kInvalidArgument) << name;
  }
}

// A device that is always full stands for a full disk.
TEST_F(PosixFileSystemTest, CallsAFullDiskUnavailable) {
  std::filesystem::create_symlink("/dev/full", directory_.path() + "/full");
  const auto file = files_->Open("full", false);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->Write(0, "x").code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace quorate::io
