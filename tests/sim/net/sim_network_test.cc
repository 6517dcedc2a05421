// SPDX-License-Identifier: Apache-2.0
#include "sim/net/sim_network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <vector>

#include "sim/net/codec_check.h"
#include "sim/net/limits.h"

namespace quorate::sim {
namespace {

constexpr uint32_t kNodes = 6;

Schedule With(std::vector<Fault> faults) { return {.nodes = kNodes, .faults = std::move(faults)}; }

Fault MakeFault(FaultKind kind, std::vector<uint32_t> nodes, uint32_t chance_ppm = 0,
                Duration amount = Duration(0)) {
  Fault fault;
  fault.id = 1;
  fault.kind = kind;
  fault.from = {0};
  fault.until = {1'000'000};
  fault.nodes = std::move(nodes);
  fault.chance_ppm = chance_ppm;
  fault.amount = amount;
  return fault;
}

// Two data centres of three nodes, each in a rack of its own but the first two.
Geography Map() { return Geography(1, {}, {{0, 0}, {0, 0}, {0, 1}, {1, 2}, {1, 3}, {1, 4}}); }

struct Net {
  explicit Net(std::vector<Fault> faults, bool sample_all = false,
               std::vector<DrawEpoch> drawn = {})
      : schedule(With(std::move(faults))),
        effects(schedule),
        epochs(7, std::move(drawn)),
        network(epochs.seed(), epochs.delays(), Map(), schedule, effects, sample_all) {
    for (uint32_t i = 0; i < schedule.faults.size(); ++i) network.faults().Begin(i);
  }
  bool Arrives(uint32_t from, uint32_t to, uint64_t at = 5) {
    return network.Send(from, to, SimTime{at}).copies > 0;
  }
  Schedule schedule;
  EffectCounter effects;
  DrawEpochs epochs;
  SimNetwork network;
};

TEST(SimNetwork, DelaysByDistance) {
  Net net({});
  EXPECT_GE(net.network.Send(0, 1, {}).delays[0], DelayModel{}.rack);
  EXPECT_GE(net.network.Send(0, 2, {}).delays[0], DelayModel{}.data_centre);
  EXPECT_GE(net.network.Send(0, 3, {}).delays[0], DelayModel{}.between_min);
  EXPECT_EQ(net.network.geography().Distance(0, 3), net.network.geography().Distance(5, 1));
}

TEST(SimNetwork, DrawsBelongToTheMessageOfALink) {
  Net net({});
  Net other({});
  static_cast<void>(other.network.Send(2, 1, {}));  // another link: changes nothing on this one
  std::vector<Duration> delays;
  for (int i = 0; i < 20; ++i) {
    delays.push_back(net.network.Send(0, 1, {}).delays[0]);
    EXPECT_EQ(other.network.Send(0, 1, {}).delays[0], delays.back());
  }
  std::sort(delays.begin(), delays.end());
  EXPECT_GT(std::unique(delays.begin(), delays.end()) - delays.begin(), 10);
}

TEST(SimNetwork, DelaysAreDrawnAnewFromATimeOnAndNothingElseIs) {
  Net net({MakeFault(FaultKind::kLoss, {1}, 300'000)});
  Net anew({MakeFault(FaultKind::kLoss, {1}, 300'000)}, false,
           {{SimTime{100'000}, 99, EpochScope::kDelays}});
  int same = 0;
  int others = 0;
  for (uint64_t us = 0; us < 200'000; us += 1000) {
    anew.epochs.Advance(SimTime{us});
    const Delivery before = net.network.Send(0, 1, SimTime{us});
    const Delivery after = anew.network.Send(0, 1, SimTime{us});
    EXPECT_EQ(before.copies, after.copies) << us;
    if (us < 100'000) {
      EXPECT_EQ(before.delays[0], after.delays[0]) << us;
    } else if (before.copies > 0) {
      ++(before.delays[0] == after.delays[0] ? same : others);
    }
  }
  EXPECT_GT(others, 10 * same);
}

TEST(SimNetwork, SamplesSomeMessagesOrAll) {
  Net some({});
  Net all({}, true);
  uint64_t sampled = 0;
  constexpr uint64_t kMessages = 64 * kCodecSample;
  for (uint64_t i = 0; i < kMessages; ++i) {
    if (some.network.Send(0, 1, {}).sampled) ++sampled;
    EXPECT_TRUE(all.network.Send(0, 1, {}).sampled);
  }
  EXPECT_GT(sampled, 32u);
  EXPECT_LT(sampled, 128u);
}

TEST(SimNetwork, PartitionCutsBetweenGroupsBothWays) {
  Net net({MakeFault(FaultKind::kPartition, {0, 3})});
  EXPECT_FALSE(net.Arrives(0, 1));
  EXPECT_FALSE(net.Arrives(1, 0));
  EXPECT_TRUE(net.Arrives(0, 3));
  EXPECT_TRUE(net.Arrives(1, 2));
  EXPECT_EQ(net.effects.of_fault(0), 2u);
  net.network.faults().End(0);
  EXPECT_TRUE(net.Arrives(0, 1));
  EXPECT_EQ(net.effects.of_kinds()[static_cast<size_t>(FaultKind::kPartition)], 2u);
}

TEST(SimNetwork, OneWayCutLetsTheAnswersThrough) {
  Net net({MakeFault(FaultKind::kOneWayCut, {2})});
  EXPECT_FALSE(net.Arrives(2, 1));
  EXPECT_TRUE(net.Arrives(1, 2));
}

TEST(SimNetwork, LossTakesItsShareInBursts) {
  Net net({MakeFault(FaultKind::kLoss, {1}, 300'000)});
  int lost = 0;
  int good_slots = 0;
  constexpr int kSlots = 400;
  constexpr int kPerSlot = 20;
  for (int slot = 0; slot < kSlots; ++slot) {
    int lost_here = 0;
    for (int i = 0; i < kPerSlot; ++i) {
      if (!net.Arrives(0, 1, static_cast<uint64_t>(slot) * kLossSlotUs)) ++lost_here;
    }
    lost += lost_here;
    if (lost_here == 0) ++good_slots;
  }
  EXPECT_NEAR(lost, kSlots * kPerSlot * 0.3, kSlots * kPerSlot * 0.05);
  EXPECT_NEAR(good_slots, kSlots * 0.5, kSlots * 0.1);
  EXPECT_TRUE(net.Arrives(0, 2));
  EXPECT_EQ(net.effects.of_fault(0), static_cast<uint64_t>(lost));
}

// Of what the targets send the second message, drawn or not, and nothing else.
TEST(SimNetwork, AFaultOfOneMessageConcernsThatOneAlone) {
  for (const FaultKind kind : {FaultKind::kLoss, FaultKind::kDuplication, FaultKind::kDelay}) {
    Fault fault = MakeFault(kind, {0}, 0, 300ms);
    fault.only = 2;
    Net net({fault});
    Net plain({});
    for (int i = 0; i < 6; ++i) {
      const bool answers = i % 2 == 1;
      const uint32_t from = answers ? 1 : 0;
      const Delivery expected = plain.network.Send(from, 1 - from, {});
      const Delivery delivery = net.network.Send(from, 1 - from, {});
      const bool second = i == 2;
      const uint32_t copies = kind == FaultKind::kLoss          ? 0
                              : kind == FaultKind::kDuplication ? 2
                                                                : 1;
      EXPECT_EQ(delivery.copies, second ? copies : 1) << NameOf(kind) << i;
      const bool late = second && kind == FaultKind::kDelay;
      if (delivery.copies > 0) {
        EXPECT_EQ(delivery.delays[0], expected.delays[0] + (late ? 300ms : 0ms)) << i;
      }
    }
    EXPECT_EQ(net.effects.of_fault(0), 1u) << NameOf(kind);
  }
}

// What one does to its message changes nothing of the numbers that others count by.
TEST(SimNetwork, FaultsOfOneMessageEachCountAllThatIsSent) {
  std::vector<Fault> faults;
  constexpr std::array kKinds = {FaultKind::kLoss, FaultKind::kLoss, FaultKind::kDuplication,
                                 FaultKind::kDuplication, FaultKind::kDelay};
  for (uint32_t i = 0; i < kKinds.size(); ++i) {
    faults.push_back(MakeFault(kKinds[i], {0}, 0, 300ms));
    faults.back().only = i + 1;
  }
  Net net(faults);
  Net plain({});
  std::vector<uint32_t> copies;
  for (uint32_t i = 0; i < kKinds.size(); ++i) {
    const Delivery expected = plain.network.Send(0, 1, {});
    const Delivery delivery = net.network.Send(0, 1, {});
    copies.push_back(delivery.copies);
    const bool late = i == 4;
    EXPECT_EQ(delivery.copies == 0 || delivery.delays[0] == expected.delays[0], !late) << i;
    EXPECT_EQ(net.effects.of_fault(i), 1u) << i;
  }
  EXPECT_EQ(copies, (std::vector<uint32_t>{0, 0, 2, 2, 1}));
}

TEST(SimNetwork, DuplicatesAndDelays) {
  Net net({MakeFault(FaultKind::kDuplication, {0}, 500'000),
           MakeFault(FaultKind::kDelay, {1}, 500'000, 100ms)});
  uint64_t doubled = 0;
  uint64_t late = 0;
  for (int i = 0; i < 400; ++i) {
    const Delivery delivery = net.network.Send(0, 1, {});
    if (delivery.copies == 2) {
      ++doubled;
      EXPECT_GE(delivery.delays[1], delivery.delays[0]);
    }
    if (delivery.delays[0] > 2ms) ++late;
  }
  EXPECT_EQ(net.effects.of_fault(0), doubled);
  EXPECT_NEAR(static_cast<double>(doubled), 200.0, 60.0);
  EXPECT_GT(late, 100u);
  EXPECT_GE(net.effects.of_fault(1), late);
}

Fault Shaped(FaultKind kind, FaultShape shape, std::vector<uint32_t> nodes) {
  Fault fault = MakeFault(kind, std::move(nodes));
  fault.shape = shape;
  return fault;
}

TEST(SimNetwork, ABridgeIsHeardOnBothSides) {
  Net net({Shaped(FaultKind::kPartition, FaultShape::kBridge, {0, 1, 2})});
  EXPECT_FALSE(net.Arrives(1, 3));
  EXPECT_FALSE(net.Arrives(4, 2));
  EXPECT_TRUE(net.Arrives(0, 3));
  EXPECT_TRUE(net.Arrives(4, 0));
  EXPECT_TRUE(net.Arrives(1, 2));
}

TEST(SimNetwork, ARingHearsMajoritiesAndNoTwoTheSame) {
  Net net({Shaped(FaultKind::kPartition, FaultShape::kRing, {0, 1, 2, 3, 4})});
  std::vector<std::vector<bool>> heard;
  for (uint32_t to = 0; to < 5; ++to) {
    std::vector<bool> from_whom;
    for (uint32_t from = 0; from < 5; ++from) {
      from_whom.push_back(from == to || net.Arrives(from, to));
    }
    EXPECT_EQ(std::count(from_whom.begin(), from_whom.end(), true), 3);
    heard.push_back(from_whom);
  }
  std::sort(heard.begin(), heard.end());
  EXPECT_EQ(std::unique(heard.begin(), heard.end()), heard.end());
  EXPECT_TRUE(net.Arrives(5, 0));
}

TEST(SimNetwork, ACutInsideLeavesTheOthersConnected) {
  Net net({Shaped(FaultKind::kPartition, FaultShape::kInside, {0, 1, 2})});
  EXPECT_FALSE(net.Arrives(0, 1));
  EXPECT_TRUE(net.Arrives(0, 3));
  EXPECT_TRUE(net.Arrives(3, 1));
}

TEST(SimNetwork, AnInwardCutTakesWhatIsSentToTheTargets) {
  Net net({Shaped(FaultKind::kOneWayCut, FaultShape::kInward, {2})});
  EXPECT_TRUE(net.Arrives(2, 1));
  EXPECT_FALSE(net.Arrives(1, 2));
}

TEST(SimNetwork, ACutMayComeAndGo) {
  Net net({MakeFault(FaultKind::kPartition, {0}, 0, 100us)});
  EXPECT_FALSE(net.Arrives(0, 1, 10));
  EXPECT_TRUE(net.Arrives(0, 1, 60));
  EXPECT_FALSE(net.Arrives(0, 1, 110));
}

TEST(SimNetwork, ACutMayTakeSomeMessagesOnly) {
  Fault fault = MakeFault(FaultKind::kPartition, {0});
  fault.messages = 1u << 3;
  Net net({fault});
  EXPECT_EQ(net.network.Send(0, 1, {}, {.kind = 3, .bytes = 10}).copies, 0u);
  EXPECT_EQ(net.network.Send(0, 1, {}, {.kind = 2, .bytes = 10}).copies, 1u);
}

TEST(SimNetwork, AClogLetsAllThroughAtItsEnd) {
  Net net({MakeFault(FaultKind::kClog, {1})});
  for (uint64_t at = 0; at < 1'000'000; at += 100'000) {
    const SimTime arrival = SimTime{at} + net.network.Send(0, 1, SimTime{at}).delays[0];
    EXPECT_GE(arrival, SimTime{1'000'000});
    EXPECT_LT(arrival, SimTime{1'000'000} + 100ms);
  }
  EXPECT_LT(net.network.Send(0, 2, {}).delays[0], 100ms);
  EXPECT_EQ(net.effects.of_fault(0), 10u);
}

TEST(SimNetwork, SomeMessagesAreHoursLate) {
  Net net({MakeFault(FaultKind::kLate, {1}, 300'000, std::chrono::hours(5))});
  uint64_t late = 0;
  for (int i = 0; i < 100; ++i) {
    if (net.network.Send(0, 1, {}).delays[0] > std::chrono::hours(1)) ++late;
  }
  EXPECT_GT(late, 5u);
  EXPECT_LT(late, 60u);
}

TEST(SimNetwork, ANarrowLinkQueuesAndOverflows) {
  Net net({MakeFault(FaultKind::kBandwidth, {1}, 0, 10ms)});
  Duration before{0};
  uint32_t arrived = 0;
  for (int i = 0; i < 200; ++i) {
    const Delivery delivery = net.network.Send(0, 1, {}, {.kind = 0, .bytes = 1024});
    if (delivery.copies == 0) continue;
    ++arrived;
    EXPECT_GT(delivery.delays[0] + 5ms, before);
    before = delivery.delays[0];
  }
  EXPECT_GT(before, 900ms);
  EXPECT_NEAR(arrived, static_cast<double>(kLinkQueueMax / 10ms), 3.0);
}

TEST(SimNetwork, CorruptedFramesAreDroppedByTheirChecksum) {
  Net net({MakeFault(FaultKind::kCorruption, {1}, 500'000)});
  CodecCheck codec(1, Epoch{1});
  wire::Envelope envelope;
  wire::Mutate mutate;
  mutate.key = "key";
  mutate.cells = Bytes(200, 'c');
  envelope.message.body = std::move(mutate);
  uint64_t corrupted = 0;
  for (int i = 0; i < 200; ++i) {
    const Delivery delivery = net.network.Send(0, 1, {});
    if (!delivery.corrupted) continue;
    ++corrupted;
    const auto arrived = codec.Corrupt(envelope, *delivery.corrupted);
    // What the checksum does not cover may change without changing the message.
    if (arrived) {
      EXPECT_EQ(*arrived, envelope);
    }
  }
  EXPECT_NEAR(static_cast<double>(corrupted), 100.0, 40.0);
  EXPECT_EQ(net.effects.of_fault(0), corrupted);
}

TEST(Geography, LinksDifferAndSomeMessagesTakeAnotherWay) {
  DelayModel model;
  model.spread_percent = 300;
  model.slow_ppm = 100'000;
  const Geography map(1, model, {{0, 0}, {0, 1}, {0, 2}, {0, 3}});
  std::vector<Duration> distances;
  for (uint32_t to = 1; to < 4; ++to) distances.push_back(map.Distance(0, to));
  EXPECT_NE(distances[0], distances[1]);
  EXPECT_NE(map.Distance(0, 1), map.Distance(1, 0));
  EXPECT_EQ(map.Distance(0, 1), map.Distance(0, 1));
  int slow = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    if (map.Tail(1, ~uint64_t{0}, 0, 1, i) > 1ms) ++slow;
  }
  EXPECT_NEAR(slow, 95, 40);
}

TEST(LinkTable, CountsEachLinkAlone) {
  LinkTable links(1001);
  for (uint32_t round = 0; round < 3; ++round) {
    for (uint32_t from = 0; from < 60; ++from) {
      for (uint32_t to = 0; to < 60; ++to) {
        if (from == to) continue;
        EXPECT_EQ(links.Next(from, to), round);
      }
    }
  }
  EXPECT_EQ(links.size(), 60u * 59u);
}

}  // namespace
}  // namespace quorate::sim
