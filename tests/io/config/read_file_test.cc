// SPDX-License-Identifier: Apache-2.0
#include "io/config/read_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace quorate::io {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PasswordFile : public ::testing::Test {
 protected:
  void Write(std::string_view text, fs::perms perms = fs::perms::owner_read) {
    fs::remove(path_);
    std::ofstream(path_) << text;
    fs::permissions(path_, perms);
  }
  void TearDown() override { fs::remove(path_); }
  [[nodiscard]] std::string Reason() const {
    return MessageOf(ReadPasswordFile(path_.string()).status());
  }

  const fs::path path_ =
      fs::temp_directory_path() / ("quorate-password-" + std::to_string(::getpid()));
};

TEST_F(PasswordFile, GivesItsFirstLine) {
  Write("s3cret\r\nsecond\n");
  EXPECT_EQ(*ReadPasswordFile(path_.string()), "s3cret");
}

TEST_F(PasswordFile, IsRefusedWhereOthersMayReadIt) {
  Write("s3cret", fs::perms::owner_read | fs::perms::others_read);
  EXPECT_THAT(Reason(), HasSubstr("is open to other users of this machine: chmod 600 it"));
}

TEST_F(PasswordFile, IsRefusedWhereItHoldsNone) {
  Write("\nx");
  EXPECT_THAT(Reason(), HasSubstr("is empty"));
  Write(std::string(513, 'x'));
  EXPECT_THAT(Reason(), HasSubstr("has more than 512 bytes"));
  EXPECT_THAT(Reason(), Not(HasSubstr("xxx")));
}

TEST_F(PasswordFile, IsRefusedWhereItDoesNotExist) {
  EXPECT_THAT(Reason(), HasSubstr("no such file, or no permission"));
}

TEST(ReadSmallFile, RefusesADirectoryAndAnEndlessFile) {
  EXPECT_FALSE(ReadSmallFile("/").ok());
  EXPECT_EQ(ReadSmallFile("/dev/zero").status().code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace quorate::io
