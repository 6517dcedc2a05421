// SPDX-License-Identifier: Apache-2.0
#include "engine/node/peer_clocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "engine/base/random.h"
#include "engine/node/limits.h"

namespace quorate::node {
namespace {

constexpr Clocks kNow{Instant(100s), WallTime{1'700'000'000'000}};

Clocks After(Duration time) {
  return {
      kNow.monotonic + time,
      WallTime{kNow.wall.ms + std::chrono::duration_cast<std::chrono::milliseconds>(time).count()}};
}
WallTime Ahead(const Clocks& clocks, int64_t ms) { return WallTime{clocks.wall.ms + ms}; }

// A reply of a peer whose clock is ahead by this much, at once.
void Measure(PeerClocks& clocks, uint64_t peer, int64_t offset_ms, const Clocks& now = kNow) {
  clocks.Measure(NodeId{peer}, Ahead(now, offset_ms), now, now);
}

TEST(PeerClocks, TheClockIsComparedWithTheMedianOfAll) {
  PeerClocks clocks;
  Measure(clocks, 1, 20'000);
  EXPECT_EQ(clocks.MedianOffsetMs(), 0);  // with one peer nobody knows who is wrong
  Measure(clocks, 2, 30'000);
  EXPECT_EQ(clocks.MedianOffsetMs(), 20'000);
  EXPECT_TRUE(clocks.IsOff(10s));
  EXPECT_FALSE(clocks.IsOff(20s));
  Measure(clocks, 1, 0);
  EXPECT_EQ(clocks.MedianOffsetMs(), 0);
  Measure(clocks, 1, -20'000);
  Measure(clocks, 2, -30'000);
  EXPECT_TRUE(clocks.IsOff(10s));
}

TEST(PeerClocks, AReplyShowsNoMoreThanItsRoundTripAllows) {
  PeerClocks clocks;
  Measure(clocks, 1, -90'000);
  // It may have been signed half a minute ago, when our clock was the same.
  clocks.Measure(NodeId{2}, kNow.wall, kNow, After(30s));
  EXPECT_EQ(clocks.MedianOffsetMs(), 0);
  clocks.Measure(NodeId{2}, Ahead(kNow, -40'000), kNow, After(30s));
  EXPECT_EQ(clocks.MedianOffsetMs(), -40'000 + 1);
  // It was not signed after it came.
  clocks.Measure(NodeId{2}, Ahead(After(30s), 20'000), kNow, After(30s));
  Measure(clocks, 1, 90'000);
  EXPECT_EQ(clocks.MedianOffsetMs(), 20'000);
}

TEST(PeerClocks, AClockThatWasSetSinceOrStoodStillShowsLess) {
  PeerClocks clocks;
  Measure(clocks, 1, -30'000);
  const Clocks set{kNow.monotonic, Ahead(kNow, 20'000)};  // ahead while the reply was under way
  clocks.Measure(NodeId{2}, kNow.wall, kNow, set);
  EXPECT_EQ(clocks.MedianOffsetMs(), 0);
  const Clocks stood{After(20s).monotonic, kNow.wall};
  clocks.Measure(NodeId{2}, Ahead(kNow, -20'000), kNow, stood);
  EXPECT_EQ(clocks.MedianOffsetMs(), 0);
}

TEST(PeerClocks, APeerNotMeasuredForLongIsComparedNoLonger) {
  PeerClocks clocks;
  Measure(clocks, 1, 20'000);
  Measure(clocks, 2, 30'000, After(5s));
  clocks.Forget(kNow.monotonic);
  EXPECT_TRUE(clocks.IsOff(10s));
  clocks.Forget(After(1s).monotonic);
  EXPECT_FALSE(clocks.IsOff(10s));
  Measure(clocks, 3, 20'000, After(5s));
  EXPECT_TRUE(clocks.IsOff(10s));
}

TEST(PeerClocks, EveryPeerIsPingedOnceUntilItAnswersOrIsOverdue) {
  PeerClocks clocks;
  Measure(clocks, 1, 20'000);
  Measure(clocks, 2, 30'000);
  EXPECT_EQ(clocks.TakeUnasked(wire::RequestId{7}, kNow), NodeId{1});
  EXPECT_EQ(clocks.TakeUnasked(wire::RequestId{8}, kNow), NodeId{2});
  EXPECT_EQ(clocks.TakeUnasked(wire::RequestId{9}, After(1s)), NodeId{});

  clocks.Answered(NodeId{1}, wire::RequestId{8}, Ahead(After(1s), 0), After(1s));  // another's
  EXPECT_TRUE(clocks.IsOff(10s));
  clocks.Answered(NodeId{1}, wire::RequestId{7}, Ahead(After(1s), 0), After(1s));
  EXPECT_FALSE(clocks.IsOff(10s));
  clocks.Answered(NodeId{1}, wire::RequestId{7}, Ahead(After(1s), 20'000), After(1s));  // a copy
  EXPECT_FALSE(clocks.IsOff(10s));

  EXPECT_EQ(clocks.TakeUnasked(wire::RequestId{10}, After(1s)), NodeId{1});
  EXPECT_EQ(clocks.TakeUnasked(wire::RequestId{11}, After(1s)), NodeId{});
  EXPECT_EQ(clocks.TakeUnasked(wire::RequestId{12}, After(kClockPingTimeout)), NodeId{2});
}

TEST(PeerClocks, WhatAPeerSignsMayBeAnything) {
  PeerClocks clocks;
  for (const int64_t ms : {INT64_MIN, int64_t{-1}, INT64_MAX}) {
    clocks.Measure(NodeId{1}, WallTime{ms}, kNow, kNow);
    clocks.Measure(NodeId{2}, WallTime{ms}, kNow, kNow);
    EXPECT_TRUE(clocks.IsOff(10s)) << ms;
  }
}

TEST(PeerClocks, WhatIsSavedIsLoaded) {
  PeerClocks clocks;
  Measure(clocks, 1, 20'000);
  Measure(clocks, 2, 30'000);
  EXPECT_EQ(clocks.TakeUnasked(wire::RequestId{7}, kNow), NodeId{1});
  Bytes saved;
  clocks.Save(saved);
  PeerClocks loaded;
  ByteReader reader(saved);
  loaded.Load(reader);
  EXPECT_TRUE(reader.ok() && reader.AtEnd());
  EXPECT_EQ(loaded.MedianOffsetMs(), 20'000);
  EXPECT_EQ(loaded.TakeUnasked(wire::RequestId{8}, kNow), NodeId{2});
  Bytes again;
  EXPECT_EQ(clocks.TakeUnasked(wire::RequestId{8}, kNow), NodeId{2});
  clocks.Save(again);
  Bytes of_loaded;
  loaded.Save(of_loaded);
  EXPECT_EQ(again, of_loaded);
}

// Against the plain form: every peer's last offset, and the median of the first by id.
TEST(PeerClocks, TheLowestIdsStandForTheRest) {
  Prng prng(7);
  for (int round = 0; round < 50; ++round) {
    PeerClocks clocks;
    std::map<uint64_t, int64_t> model;
    const uint64_t ids = 1 + prng.Below(3 * kClocksCompared);
    for (int i = 0; i < 300; ++i) {
      const uint64_t peer = prng.Below(ids);
      // Not 0 to 1: the round trip takes a millisecond at least.
      const auto offset = (static_cast<int64_t>(prng.Below(2000)) - 1000) * 2;
      Measure(clocks, peer, offset);
      model[peer] = offset < 0 ? offset + 1 : offset;
      std::vector<int64_t> offsets = {0};
      for (const auto& [id, known] : model) {
        if (offsets.size() <= kClocksCompared) offsets.push_back(known);
      }
      std::sort(offsets.begin(), offsets.end());
      const int64_t expected = model.size() < 2 ? 0 : offsets[(offsets.size() - 1) / 2];
      ASSERT_EQ(clocks.MedianOffsetMs(), expected) << "round " << round << ", step " << i;
    }
  }
}

}  // namespace
}  // namespace quorate::node
