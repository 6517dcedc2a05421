// SPDX-License-Identifier: Apache-2.0
#include "io/disk/data_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "tests/io/disk/temporary_directory.h"

namespace quorate::io {
namespace {

using testing::HasSubstr;

void WriteText(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

TEST(DataDirectory, MakesItOnceWithItsParents) {
  const TemporaryDirectory parent;
  const std::string path = parent.path() + "/a/b";
  {
    const auto directory = DataDirectory::Open(path);
    ASSERT_TRUE(directory.ok()) << directory.status();
    EXPECT_TRUE((*directory)->created());
    EXPECT_TRUE(*(*directory)->files().Exists(kVersionFile));
  }
  const auto again = DataDirectory::Open(path);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE((*again)->created());
}

TEST(DataDirectory, IsLockedWhileInUseAndNamesTheProcess) {
  const TemporaryDirectory parent;
  auto first = DataDirectory::Open(parent.path());
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = DataDirectory::Open(parent.path());
  EXPECT_EQ(second.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(second.status()), HasSubstr(Format("in use by process %d", ::getpid())));
  EXPECT_THAT(MessageOf(second.status()), HasSubstr(parent.path()));
  first->reset();
  EXPECT_TRUE(DataDirectory::Open(parent.path()).ok());
}

TEST(DataDirectory, RefusesANewerFormatAndNamesTheWayOut) {
  const TemporaryDirectory parent;
  ASSERT_TRUE(DataDirectory::Open(parent.path()).ok());
  WriteText(parent.path() + "/VERSION", "quorate data directory\nformat 99\n");
  const absl::Status status = DataDirectory::Open(parent.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), HasSubstr("has format 99, this release reads 1 to 2"));
  EXPECT_THAT(MessageOf(status), HasSubstr("newer release"));
}

TEST(DataDirectory, RefusesADamagedVersionFile) {
  for (const std::string text :
       {"", "quorate data directory\nformat 1", "format 1\n", "quorate data directory\nformat 1x\n",
        "quorate data directory\nformat 0\n"}) {
    const TemporaryDirectory parent;
    WriteText(parent.path() + "/VERSION", text);
    EXPECT_EQ(DataDirectory::Open(parent.path()).status().code(),
              absl::StatusCode::kFailedPrecondition)
        << text;
  }
}

TEST(DataDirectory, LeavesOtherPeoplesFilesAlone) {
  const TemporaryDirectory parent;
  WriteText(parent.path() + "/thesis.txt", "do not touch");
  const absl::Status status = DataDirectory::Open(parent.path()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(MessageOf(status), HasSubstr("thesis.txt"));
  EXPECT_FALSE(std::filesystem::exists(parent.path() + "/LOCK"));
}

TEST(DataDirectory, FinishesADirectoryThatACrashLeftHalfMade) {
  const TemporaryDirectory parent;
  WriteText(parent.path() + "/LOCK", "1\n");
  WriteText(parent.path() + "/VERSION.new", "quor");
  const auto directory = DataDirectory::Open(parent.path());
  ASSERT_TRUE(directory.ok()) << directory.status();
  EXPECT_TRUE((*directory)->created());
  EXPECT_EQ(*(*directory)->files().List(), (std::vector<std::string>{"LOCK", "VERSION"}));
}

}  // namespace
}  // namespace quorate::io
