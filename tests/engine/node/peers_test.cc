// SPDX-License-Identifier: Apache-2.0
#include "engine/node/peers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "engine/base/random.h"

namespace quorate::node {
namespace {

constexpr Instant kNow{std::chrono::seconds(100)};

TEST(Peers, SuspectedOnesAreUnreachableUntilHeardFrom) {
  Peers peers;
  EXPECT_TRUE(peers.Reachable(NodeId{1}, kNow));
  peers.Suspect(NodeId{1}, kNow + 1s);
  peers.Suspect(NodeId{2}, kNow + 1s);
  EXPECT_FALSE(peers.Reachable(NodeId{1}, kNow));
  EXPECT_TRUE(peers.Reachable(NodeId{1}, kNow + 1s));
  peers.Heard(NodeId{1});
  EXPECT_TRUE(peers.Reachable(NodeId{1}, kNow));
  EXPECT_FALSE(peers.Reachable(NodeId{2}, kNow));
}

TEST(Peers, SuspectsWhomItHasNotHeardFromSinceAmongMany) {
  Peers peers;
  std::set<uint64_t> model;
  Prng prng(5);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t peer = prng.Below(300);
    if (prng.Below(3) == 0) {
      peers.Suspect(NodeId{peer}, kNow + 1s);
      model.insert(peer);
    } else {
      peers.Heard(NodeId{peer});
      model.erase(peer);
    }
    const uint64_t other = prng.Below(300);
    ASSERT_EQ(peers.Reachable(NodeId{other}, kNow), !model.contains(other));
    ASSERT_EQ(peers.suspects(), model.size());
  }
  Bytes saved;
  peers.Save(saved);
  Peers loaded;
  ByteReader reader(saved);
  loaded.Load(reader);
  for (uint64_t peer = 0; peer < 300; ++peer) {
    EXPECT_EQ(loaded.Reachable(NodeId{peer}, kNow), !model.contains(peer));
    loaded.Heard(NodeId{peer});
    EXPECT_TRUE(loaded.Reachable(NodeId{peer}, kNow));
  }
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

}  // namespace
}  // namespace quorate::node
