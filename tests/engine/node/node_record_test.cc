// SPDX-License-Identifier: Apache-2.0
// No two lives of a node have one incarnation, and the end of a life speaks of that life alone.
#include "engine/node/node_record.h"

#include <gtest/gtest.h>

#include "adapters/storage/memory_backend.h"

namespace quorate::node {
namespace {

constexpr NodeId kNode{7};
constexpr WallTime kNow{1'800'000'000'500};

using storage::MemoryBackend;

NodeRecord Begin(env::StorageBackend& backend) {
  const auto record = BeginLife(backend, kNode);
  EXPECT_TRUE(record.ok()) << record.status();
  return record.value_or(NodeRecord{});
}

void End(env::StorageBackend& backend, const NodeRecord& record) {
  env::WriteBatch batch;
  PutCleanShutdown(batch, record.incarnation);
  ASSERT_TRUE(backend.Commit(batch, true).ok());
}

std::vector<env::Row> Rows(env::StorageBackend& backend) {
  return backend.Scan({"", "", 1 << 20})->rows;
}

// A life begins as a shard of it does: it looks at what the one before has left.
bool BeginsAfterAnOrderlyEnd(env::StorageBackend& backend) {
  const NodeRecord record = Begin(backend);
  const std::vector<env::Row> rows = backend.Scan(LifeRows())->rows;
  env::WriteBatch batch;
  EXPECT_TRUE(PutBegun(batch, rows, record).ok());
  EXPECT_TRUE(backend.Commit(batch, true).ok());
  const auto orderly = EndedOrderly(rows, record);
  // Another shard of this life looks when the first has begun.
  EXPECT_EQ(*EndedOrderly(backend.Scan(LifeRows())->rows, record), *orderly);
  return *orderly;
}

absl::Status Reserve(env::StorageBackend& backend, uint16_t shard, int64_t ms) {
  env::WriteBatch batch;
  PutClockCeiling(batch, ShardIndex{shard}, HybridTime::FromMs(ms));
  return backend.Commit(batch, true);
}

TEST(NodeRecord, EveryStartIsANewLifeOfTheSameNode) {
  MemoryBackend backend;
  for (uint32_t life = 1; life < 5; ++life) {
    const auto record = BeginLife(backend, NodeId{kNode.value + life});
    ASSERT_TRUE(record.ok());
    EXPECT_EQ(record->node, NodeId{kNode.value + 1});
    EXPECT_EQ(record->incarnation, Incarnation{life});
  }
}

TEST(NodeRecord, OnlyTheLifeBeforeCounts) {
  MemoryBackend backend;
  EXPECT_TRUE(BeginsAfterAnOrderlyEnd(backend));
  EXPECT_FALSE(BeginsAfterAnOrderlyEnd(backend));
  const NodeRecord third = Begin(backend);
  End(backend, third);
  EXPECT_TRUE(BeginsAfterAnOrderlyEnd(backend));
  EXPECT_FALSE(BeginsAfterAnOrderlyEnd(backend));
}

TEST(NodeRecord, AStartThatFailsTakesNoOrderlyEndAway) {
  MemoryBackend backend;
  EXPECT_TRUE(BeginsAfterAnOrderlyEnd(backend));
  End(backend, NodeRecord{kNode, Incarnation{1}, {}});
  Begin(backend);
  Begin(backend);
  EXPECT_TRUE(BeginsAfterAnOrderlyEnd(backend)) << "they began nothing";
  Begin(backend);
  EXPECT_FALSE(BeginsAfterAnOrderlyEnd(backend));
}

TEST(NodeRecord, ReadsTheEndOfALifeThatFormat1Wrote) {
  MemoryBackend backend;
  Begin(backend);
  env::WriteBatch batch;
  batch.Put("nk", "");
  ASSERT_TRUE(backend.Commit(batch, true).ok());
  EXPECT_TRUE(BeginsAfterAnOrderlyEnd(backend));
  EXPECT_FALSE(BeginsAfterAnOrderlyEnd(backend));
}

TEST(NodeRecord, TheHighestCeilingOfAllShardsCounts) {
  MemoryBackend backend;
  Begin(backend);
  for (uint16_t shard = 0; shard < 4; ++shard) {
    ASSERT_TRUE(Reserve(backend, shard, shard == 2 ? 9000 : 1000).ok());
  }
  EXPECT_EQ(*HighestCeiling(backend.Scan(LifeRows())->rows), HybridTime::FromMs(9000));
  EXPECT_EQ(*HighestCeiling({}), HybridTime());
  EXPECT_TRUE(absl::IsDataLoss(HighestCeiling({{"nc", "short"}}).status()));
}

TEST(NodeRecord, ARestoredOneGoesOnAboveEveryLifeThatCouldHaveBeen) {
  MemoryBackend source;
  Begin(source);
  const std::vector<env::Row> backup = Rows(source);
  // The node lives on, and is restored again and again, from the one backup.
  Incarnation last = Begin(source).incarnation;
  for (int64_t second = 0; second < 10; second += 3) {
    MemoryBackend restored;
    ASSERT_TRUE(BeginRestored(restored, backup, WallTime{kNow.ms + second * 1000}).ok());
    for (int life = 0; life < 3; ++life) {
      const NodeRecord record = Begin(restored);
      EXPECT_EQ(record.node, kNode);
      EXPECT_GT(record.incarnation, last);
      last = record.incarnation;
    }
  }
  // And from a backup that was made after a restore, by a clock that lags.
  MemoryBackend restored;
  ASSERT_TRUE(BeginRestored(restored, backup, kNow).ok());
  const NodeRecord life = Begin(restored);
  MemoryBackend again;
  ASSERT_TRUE(BeginRestored(again, Rows(restored), WallTime{kNow.ms - 30'000}).ok());
  EXPECT_GT(Begin(again).incarnation, life.incarnation);
}

TEST(NodeRecord, ARestoredOneEndedAsTheOneInTheBackup) {
  for (const bool orderly : {false, true}) {
    MemoryBackend source;
    const NodeRecord record = Begin(source);
    if (orderly) End(source, record);
    MemoryBackend restored;
    ASSERT_TRUE(BeginRestored(restored, Rows(source), kNow).ok());
    EXPECT_EQ(BeginsAfterAnOrderlyEnd(restored), orderly);
  }
}

TEST(NodeRecord, IsNotRestoredOverAnotherNorByAClockThatIsBehind) {
  MemoryBackend source;
  Begin(source);
  ASSERT_TRUE(Reserve(source, 0, kNow.ms).ok());
  const std::vector<env::Row> backup = Rows(source);
  MemoryBackend target;
  EXPECT_TRUE(
      absl::IsFailedPrecondition(BeginRestored(target, backup, WallTime{kNow.ms - 3'600'000})));
  EXPECT_TRUE(Rows(target).empty());
  EXPECT_TRUE(BeginRestored(target, backup, kNow).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(BeginRestored(target, backup, kNow)));
}

}  // namespace
}  // namespace quorate::node
