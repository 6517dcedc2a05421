// SPDX-License-Identifier: Apache-2.0
#include "engine/node/peers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "engine/base/random.h"
#include "engine/node/limits.h"

namespace quorate::node {
namespace {

constexpr WallTime kOwn{1'700'000'000'000};
constexpr Instant kNow{std::chrono::seconds(100)};

void Hear(Peers& peers, uint64_t peer, int64_t offset_ms) {
  peers.Heard(NodeId{peer}, WallTime{kOwn.ms + offset_ms}, kOwn);
}

TEST(Peers, SuspectedOnesAreUnreachableUntilHeardFrom) {
  Peers peers;
  EXPECT_TRUE(peers.Reachable(NodeId{1}, kNow));
  peers.Suspect(NodeId{1}, kNow + 1s);
  peers.Suspect(NodeId{2}, kNow + 1s);
  EXPECT_FALSE(peers.Reachable(NodeId{1}, kNow));
  EXPECT_TRUE(peers.Reachable(NodeId{1}, kNow + 1s));
  Hear(peers, 1, 0);
  EXPECT_TRUE(peers.Reachable(NodeId{1}, kNow));
  EXPECT_FALSE(peers.Reachable(NodeId{2}, kNow));
}

TEST(Peers, RemembersTheLatestLifeOfEveryPeerThatIsNotSuspected) {
  Peers peers;
  std::map<uint64_t, uint32_t> model;
  Prng prng(3);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t peer = prng.Below(700);
    if (prng.Below(10) == 0) {
      peers.Suspect(NodeId{peer}, kNow);
      model.erase(peer);
    } else {
      const auto life = static_cast<uint32_t>(prng.Between(1, 50));
      peers.Answered(NodeId{peer}, Incarnation{life});
      model[peer] = std::max(model[peer], life);
    }
    const uint64_t asked = prng.Below(800);
    const auto known = model.find(asked);
    ASSERT_EQ(peers.LifeOf(NodeId{asked}).value, known == model.end() ? 0 : known->second);
  }
}

TEST(Peers, TheClockIsComparedWithTheMedianOfAllClocks) {
  Peers peers;
  Hear(peers, 1, 20'000);
  EXPECT_EQ(peers.MedianOffsetMs(), 0);  // with one peer nobody knows who is wrong
  Hear(peers, 2, 30'000);
  EXPECT_EQ(peers.MedianOffsetMs(), 20'000);
  EXPECT_TRUE(peers.ClockIsOff(10s));
  EXPECT_FALSE(peers.ClockIsOff(20s));
  Hear(peers, 1, -5);
  EXPECT_EQ(peers.MedianOffsetMs(), 0);
}

// Against the plain form: every peer's last offset, and the median of the first by id.
TEST(Peers, TheLowestIdsStandForTheRest) {
  Prng prng(7);
  for (int round = 0; round < 50; ++round) {
    Peers peers;
    std::map<uint64_t, int64_t> model;
    const uint64_t ids = 1 + prng.Below(3 * kClocksCompared);
    for (int i = 0; i < 300; ++i) {
      const uint64_t peer = prng.Below(ids);
      const auto offset = static_cast<int64_t>(prng.Below(2000)) - 1000;
      Hear(peers, peer, offset);
      model[peer] = offset;
      std::vector<int64_t> offsets = {0};
      for (const auto& [id, known] : model) {
        if (offsets.size() <= kClocksCompared) offsets.push_back(known);
      }
      std::sort(offsets.begin(), offsets.end());
      const int64_t expected = model.size() < 2 ? 0 : offsets[(offsets.size() - 1) / 2];
      ASSERT_EQ(peers.MedianOffsetMs(), expected) << "round " << round << ", step " << i;
    }
  }
}

}  // namespace
}  // namespace quorate::node
