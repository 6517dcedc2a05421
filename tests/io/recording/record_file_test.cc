// SPDX-License-Identifier: Apache-2.0
#include "io/recording/record_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "adapters/recording/format.h"

namespace quorate::io {
namespace {

using recording::BlockKind;

class Quiet final : public env::Observer {
 public:
  void Log(env::LogLevel, std::string_view) override {}
};

Bytes Block(BlockKind kind, size_t size) {
  Bytes block(recording::kBlockHeaderBytes + size, 'x');
  recording::SealBlock(kind, block);
  return block;
}

class RecordFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove(path_);
    std::filesystem::remove(path_ + ".1");
  }
  std::unique_ptr<RecordFile> Open(uint64_t bytes_max) {
    auto file = RecordFile::Open(path_, bytes_max, quiet_);
    EXPECT_TRUE(file.ok());
    return *std::move(file);
  }
  const std::string path_ = testing::TempDir() + "/record_file_test";
  Quiet quiet_;
};

// A checkpoint waits for the disk for a while; the ticks behind it have room all the same, or there
// would be a gap, another checkpoint, and so on.
TEST_F(RecordFileTest, ACheckpointTakesNoRoomFromTicks) {
  const auto file = Open(uint64_t{256} << 20);
  file->BeginSegment();
  for (int i = 0; i < 64; ++i) ASSERT_TRUE(file->Put(Block(BlockKind::kState, 1 << 20)));
  EXPECT_TRUE(file->Put(Block(BlockKind::kTicks, 1000)));
}

TEST_F(RecordFileTest, TwoSegmentsAreKeptAndNoByteMore) {
  constexpr uint64_t kBytesMax = 1 << 20;
  {
    const auto file = Open(kBytesMax);
    for (int segment = 0; segment < 3; ++segment) {
      if (segment > 0) file->BeginSegment();
      ASSERT_TRUE(file->Put(Block(BlockKind::kTicks, 500'000)));
      EXPECT_FALSE(file->Put(Block(BlockKind::kTicks, 500'000))) << "it would be more than half";
    }
  }
  const uint64_t kept =
      std::filesystem::file_size(path_) + std::filesystem::file_size(path_ + ".1");
  EXPECT_LE(kept, kBytesMax);
  EXPECT_GT(kept, 1'000'000u);
}

TEST_F(RecordFileTest, WhatALifeLeftIsTheSegmentBefore) {
  Open(1 << 20)->Put(Block(BlockKind::kTicks, 100));
  const uint64_t size = std::filesystem::file_size(path_);
  Open(1 << 20);
  EXPECT_EQ(std::filesystem::file_size(path_ + ".1"), size);
  EXPECT_FALSE(RecordFile::Open("/no/such/folder/file", 1 << 20, quiet_).ok());
}

}  // namespace
}  // namespace quorate::io
