// SPDX-License-Identifier: Apache-2.0
// A run with an epoch is the run without it up to there, event by event, and another one behind.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "sim/core/limits.h"
#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

namespace quorate::sim {
namespace {

using Seen = std::tuple<SimTime, EventKind, NodeIndex, uint16_t, uint32_t, uint64_t, EventId>;

class Events final : public WorldObserver {
 public:
  void Happened(const WorldEvent& event) override {
    seen.emplace_back(event.time, event.kind, event.node, event.shard, event.peer, event.argument,
                      event.cause);
  }
  std::vector<Seen> seen;
};

WorldConfig Config(const std::string& scenario, uint64_t seed) {
  WorldConfig config = MakeConfig(*FindScenario(scenario), seed, {});
  config.duration = std::min<Duration>(config.duration, 8s);
  return config;
}

std::vector<Seen> EventsOf(WorldConfig config) {
  Events events;
  absl::StatusOr<std::unique_ptr<World>> world = World::Create(std::move(config), {&events});
  EXPECT_TRUE(world.ok()) << MessageOf(world.status());
  if (world.ok()) (*world)->Run();
  return events.seen;
}

// How many events both begin with.
size_t Prefix(const std::vector<Seen>& a, const std::vector<Seen>& b) {
  const auto parted = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<size_t>(parted.first - a.begin());
}

class Epochs : public testing::TestWithParam<std::pair<const char*, uint64_t>> {};

TEST_P(Epochs, KeepWhatWasBeforeAndChangeWhatIsBehind) {
  WorldConfig config = Config(GetParam().first, GetParam().second);
  const std::vector<Seen> plain = EventsOf(config);
  for (const uint64_t seconds : {1U, 3U, 6U}) {
    config.epochs = {{SimTime{seconds * 1'000'000 + 17}, 99}};
    const std::vector<Seen> other = EventsOf(config);
    const size_t same = Prefix(plain, other);
    ASSERT_LT(same, plain.size()) << "nothing has changed";
    EXPECT_GE(std::get<SimTime>(plain[same]), config.epochs.front().from);
    // Soon behind it, too.
    EXPECT_LE(std::get<SimTime>(plain[same]), config.epochs.front().from + Duration(1s));
    EXPECT_EQ(EventsOf(config), other) << "the same epoch makes the same run";
    config.epochs.front().salt = 98;
    EXPECT_NE(EventsOf(config), other) << "another salt makes another one";
  }
}

TEST_P(Epochs, OfDelaysKeepWhatWasBefore) {
  WorldConfig config = Config(GetParam().first, GetParam().second);
  const std::vector<Seen> plain = EventsOf(config);
  config.epochs = {{SimTime{3'000'000}, 99, EpochScope::kDelays}};
  const size_t same = Prefix(plain, EventsOf(config));
  ASSERT_TRUE(config.nodes == 1 || same < plain.size()) << "nothing has changed";
  const SimTime parted = same < plain.size() ? std::get<SimTime>(plain[same]) : SimTime{UINT64_MAX};
  EXPECT_GE(parted, SimTime{3'000'000});
}

// What a fork does, and what the configuration says, are the same.
TEST_P(Epochs, BegunOnTheWayAreAsIfTheyHadBeenKnown) {
  WorldConfig config = Config(GetParam().first, GetParam().second);
  Events events;
  const absl::StatusOr<std::unique_ptr<World>> made = World::Create(config, {&events});
  ASSERT_TRUE(made.ok());
  World& world = **made;
  world.Begin();
  for (const uint64_t after : {4'000U, 9'000U}) {
    while (events.seen.size() < after && world.Step()) continue;
    config.epochs.push_back({world.now() + Duration(1), after});
    world.DrawAnew(config.epochs.back());
  }
  while (world.Step()) continue;
  static_cast<void>(world.End());
  EXPECT_EQ(EventsOf(config), events.seen);
}

// A shard that is loaded in the place of another draws what the other would have drawn.
TEST_P(Epochs, MakeNoDifferenceToShardsThatAreResumed) {
  WorldConfig config = Config(GetParam().first, GetParam().second);
  config.epochs = {{SimTime{3'000'000}, 99}};
  // They ask for the seed of their shard, which is that of its life's beginning.
  for (size_t i = 0; i < kFaultPoints; ++i) config.points.Set(static_cast<FaultPoint>(i), 50'000);
  const std::vector<Seen> plain = EventsOf(config);
  config.resume_ppm = 100'000;
  EXPECT_EQ(EventsOf(config), plain);
}

INSTANTIATE_TEST_SUITE_P(Runs, Epochs,
                         testing::Values(std::pair{"kv-3", uint64_t{1}},
                                         std::pair{"kv-hot", uint64_t{2}},
                                         std::pair{"kv-sole", uint64_t{3}},
                                         std::pair{"swarm", uint64_t{7}},
                                         std::pair{"swarm", uint64_t{11}}),
                         [](const auto& run) {
                           std::string name = run.param.first;
                           std::erase(name, '-');
                           return name + std::to_string(run.param.second);
                         });

TEST(EpochsOfAWorld, StandInTheirOrderAndAreNotTooMany) {
  WorldConfig config = Config("kv-3", 1);
  config.epochs = {{SimTime{5}, 1}, {SimTime{4}, 1}};
  EXPECT_EQ(World::Create(config, {}).status().code(), absl::StatusCode::kInvalidArgument);
  config.epochs.assign(kEpochsMax + 1, {SimTime{5}, 1});
  EXPECT_EQ(World::Create(config, {}).status().code(), absl::StatusCode::kInvalidArgument);
  config.epochs.pop_back();
  EXPECT_TRUE(World::Create(config, {}).ok());
}

}  // namespace
}  // namespace quorate::sim
