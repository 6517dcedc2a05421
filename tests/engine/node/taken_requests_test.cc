// SPDX-License-Identifier: Apache-2.0
#include "engine/node/taken_requests.h"

#include <gtest/gtest.h>

#include "engine/node/limits.h"

namespace quorate::node {
namespace {

constexpr int64_t kStartMs = 1'000'000;

HybridTime At(int64_t ms) { return HybridTime::FromMs(kStartMs + ms); }

TakenRequest Request(uint64_t id, uint64_t node = 1, uint16_t shard = 0) {
  return {NodeId{node}, Incarnation{1}, {static_cast<uint64_t>(shard) << 48 | id}};
}

TEST(TakenRequests, KnowsWhatWasTaken) {
  TakenRequests taken(10);
  taken.Add(Request(5), At(1000), At(0));
  EXPECT_TRUE(taken.Contains(Request(5)));
  EXPECT_FALSE(taken.Contains(Request(4)));
  EXPECT_FALSE(taken.Contains(Request(5, 2)));
  EXPECT_FALSE(taken.Contains({NodeId{1}, Incarnation{2}, {5}}));
}

TEST(TakenRequests, ForgetsWhenNoCopyCanCome) {
  TakenRequests taken(10);
  taken.Add(Request(5), At(1000), At(0));
  taken.Add(Request(6), At(2000), At(1000 + kMessageLifeMs));
  EXPECT_TRUE(taken.Contains(Request(5)));
  taken.Add(Request(7), At(3000), At(1001 + kMessageLifeMs));
  EXPECT_FALSE(taken.Contains(Request(5)));
  EXPECT_TRUE(taken.Contains(Request(6)));
  EXPECT_EQ(taken.floors(), 0U);
}

// At the limit the newest are still taken, and nothing that was is taken for new.
TEST(TakenRequests, KeepsTheNewestAndCountsOlderOnesAsTaken) {
  TakenRequests taken(3);
  for (uint64_t id = 1; id <= 100; ++id) {
    EXPECT_FALSE(taken.Contains(Request(id)));
    taken.Add(Request(id), At(1000), At(0));
    EXPECT_LE(taken.size(), 3U);
  }
  for (uint64_t id = 1; id <= 100; ++id) EXPECT_TRUE(taken.Contains(Request(id)));
  EXPECT_FALSE(taken.Contains(Request(101)));
}

TEST(TakenRequests, AFloorIsOfOneShardOfOneNode) {
  TakenRequests taken(1);
  taken.Add(Request(50), At(1000), At(0));
  taken.Add(Request(51), At(1000), At(0));
  EXPECT_TRUE(taken.Contains(Request(49)));
  EXPECT_FALSE(taken.Contains(Request(49, 2)));
  EXPECT_FALSE(taken.Contains(Request(49, 1, 1)));
}

TEST(TakenRequests, FloorsEndToo) {
  TakenRequests taken(1);
  taken.Add(Request(50), At(1000), At(0));
  taken.Add(Request(51), At(1000), At(0));
  ASSERT_EQ(taken.floors(), 1U);
  taken.Add(Request(1, 2), At(200'000), At(1001 + kMessageLifeMs));
  EXPECT_EQ(taken.floors(), 0U);
  EXPECT_FALSE(taken.Contains(Request(50)));
}

TEST(TakenRequests, GoesOnElsewhere) {
  TakenRequests taken(2);
  for (uint64_t id = 1; id <= 5; ++id) taken.Add(Request(id, 1, 3), At(1000), At(0));
  Bytes saved;
  taken.Save(saved);
  TakenRequests loaded(2);
  ByteReader reader(saved);
  loaded.Load(reader);
  EXPECT_TRUE(reader.ok() && reader.AtEnd());
  EXPECT_TRUE(loaded.Contains(Request(1, 1, 3)));
  EXPECT_TRUE(loaded.Contains(Request(5, 1, 3)));
  EXPECT_FALSE(loaded.Contains(Request(6, 1, 3)));
  Bytes again;
  loaded.Save(again);
  EXPECT_EQ(saved, again);
}

}  // namespace
}  // namespace quorate::node
