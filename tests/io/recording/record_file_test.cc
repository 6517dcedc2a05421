// SPDX-License-Identifier: Apache-2.0
#include "io/recording/record_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

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
    std::filesystem::remove(path_ + ".2");
  }
  std::unique_ptr<RecordFile> Open(uint64_t bytes_max) {
    auto file = RecordFile::Open(path_, bytes_max, quiet_);
    EXPECT_TRUE(file.ok());
    return *std::move(file);
  }
  uint64_t SizeOf(const std::string& suffix) {
    const std::string file = path_ + suffix;
    return std::filesystem::exists(file) ? std::filesystem::file_size(file) : 0;
  }
  // A whole segment of so many bytes of ticks, and behind it one whose checkpoint is not finished.
  void EndInACheckpoint(uint64_t bytes_max, size_t first, size_t second) {
    const auto file = Open(bytes_max);
    ASSERT_TRUE(file->Put(Block(BlockKind::kTicks, first)));
    file->BeginSegment();
    ASSERT_TRUE(file->Put(Block(BlockKind::kFrame, 100)));
    ASSERT_TRUE(file->Put(Block(BlockKind::kPiece, 100)));
    ASSERT_TRUE(file->Put(Block(BlockKind::kTicks, second)));
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

// Behind a gap in the middle of a checkpoint the next segment takes the place of the one that
// nobody can begin at.
TEST_F(RecordFileTest, AnUnfinishedCheckpointTakesNoPlaceOfAWholeOne) {
  {
    const auto file = Open(1 << 20);
    ASSERT_TRUE(file->Put(Block(BlockKind::kTicks, 70'000)));
    for (const size_t size : {size_t{50'000}, size_t{60'000}}) {
      file->BeginSegment();
      ASSERT_TRUE(file->Put(Block(BlockKind::kFrame, 100)));
      ASSERT_TRUE(file->Put(Block(BlockKind::kTicks, size)));
    }
  }
  EXPECT_GT(SizeOf(".1"), 70'000u);
  EXPECT_LT(SizeOf(""), 62'000u);
  EXPECT_GT(SizeOf(""), 60'000u);
  EXPECT_EQ(SizeOf(".2"), 0u);
}

TEST_F(RecordFileTest, AFinishedCheckpointMakesASegmentWhole) {
  {
    const auto file = Open(1 << 20);
    for (const size_t size : {size_t{50'000}, size_t{60'000}}) {
      file->BeginSegment();
      ASSERT_TRUE(file->Put(Block(BlockKind::kFrame, 100)));
      ASSERT_TRUE(file->Put(Block(BlockKind::kTicks, size)));
      ASSERT_TRUE(file->Put(Block(BlockKind::kLastPiece, 100)));
    }
  }
  EXPECT_LT(SizeOf(".1"), 55'000u);
  Open(1 << 20);
  EXPECT_GT(SizeOf(".1"), 60'000u);
  EXPECT_EQ(SizeOf(".2"), 0u);
}

// A life that has ended in the middle of a checkpoint leaves two segments that belong together.
TEST_F(RecordFileTest, WhatLeadsToTheEndOfALifeIsKeptForAWhile) {
  constexpr uint64_t kBytesMax = 1 << 20;
  EndInACheckpoint(kBytesMax, 500'000, 300'000);
  EXPECT_GT(SizeOf(".1"), 500'000u);
  {
    const auto file = Open(kBytesMax);
    EXPECT_GT(SizeOf(".2"), 500'000u);
    EXPECT_GT(SizeOf(".1"), 300'000u);
    EXPECT_LT(file->segment_bytes_max(), kBytesMax / 3);
    EXPECT_TRUE(file->Put(Block(BlockKind::kTicks, file->segment_bytes_max() - 100)));
    EXPECT_FALSE(file->Put(Block(BlockKind::kTicks, 100)));
  }
  EXPECT_LE(SizeOf("") + SizeOf(".1") + SizeOf(".2"), kBytesMax);
  {
    const auto file = Open(kBytesMax);  // what is whole is the segment before, as ever
    EXPECT_EQ(file->segment_bytes_max(), kBytesMax / 2);
  }
  EXPECT_EQ(SizeOf(".2"), 0u);
}

// What was being written when the process died is no block.
TEST_F(RecordFileTest, ATornBlockFinishesNothing) {
  EndInACheckpoint(1 << 20, 1'000, 1'000);
  std::ofstream(path_, std::ios::binary | std::ios::app)
      << Bytes(recording::kBlockHeaderBytes, '\0') << Block(BlockKind::kLastPiece, 10);
  Open(1 << 20);
  EXPECT_GT(SizeOf(".2"), 1'000u);
}

}  // namespace
}  // namespace quorate::io
