// SPDX-License-Identifier: Apache-2.0
// What guides an exploration, and that it keeps to its limits.
#include "sim/tool/explorer.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "engine/base/random.h"
#include "sim/core/limits.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/epoch_list.h"
#include "sim/tool/run_command.h"

namespace quorate::sim {
namespace {

using Count = StateMap::Count;

TEST(EpochList, IsReadAsItIsWritten) {
  const std::vector<DrawEpoch> epochs = {
      {SimTime{1}, 2}, {SimTime{1}, UINT64_MAX, EpochScope::kDelays}, {SimTime{UINT64_MAX}, 0}};
  const auto read = ParseEpochs(Describe(epochs));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, epochs);
  EXPECT_EQ(Describe(epochs), "1:2,1:18446744073709551615:delays,18446744073709551615:0");
}

TEST(EpochList, SaysWhatIsNoEpoch) {
  for (const char* text : {"", ",", "5", "5:", ":5", "5:6:all", "5:6,", "5:6:", "5:6:delays:",
                           "a:b", "-1:5", "6:1,5:1", "18446744073709551616:1"}) {
    EXPECT_FALSE(ParseEpochs(text).ok()) << text;
  }
  std::string many = "1:1";
  for (size_t i = 1; i <= kEpochsMax; ++i) many += ",1:1";
  EXPECT_FALSE(ParseEpochs(many).ok());
}

TEST(StateMap, CountsWhatIsNew) {
  StateMap map;
  ASSERT_TRUE(map.Open().ok());
  uint64_t added = 0;
  constexpr uint64_t kStates = 1000;
  for (uint64_t i = 0; i < kStates; ++i) added += uint64_t{map.Add(KeyedHash(1, i))};
  EXPECT_GT(added, kStates - 10);
  EXPECT_EQ(map.Of(Count::kStates), added);
  for (uint64_t i = 0; i < kStates; ++i) EXPECT_FALSE(map.Add(KeyedHash(1, i)));
  EXPECT_EQ(map.Of(Count::kStates), added);
  EXPECT_LE(map.used(), 2 * added);
  EXPECT_GT(map.used(), added);
}

TEST(StateMap, CountsLooksAtWhatIsKnown) {
  StateMap map;
  ASSERT_TRUE(map.Open().ok());
  EXPECT_EQ(map.Looked(true), 0U);
  EXPECT_EQ(map.Looked(false), 1U);
  EXPECT_EQ(map.Looked(false), 2U);
  EXPECT_EQ(map.Looked(true), 2U);
  EXPECT_EQ(map.Looked(true), 0U);
  EXPECT_EQ(map.Of(Count::kLooks), 5U);
}

TEST(StateMap, IsOneForAllProcesses) {
  StateMap map;
  ASSERT_TRUE(map.Open().ok());
  const pid_t child = ::fork();
  if (child == 0) {
    map.Add(5);
    map.Stop();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_FALSE(map.Add(5));
  EXPECT_EQ(map.Of(Count::kStates), 1U);
  EXPECT_TRUE(map.stopped());
}

TEST(AbstractState, BucketsGrowWithTheCount) {
  const std::vector<uint8_t> buckets = {0, 1, 2, 3, 3, 4, 4, 4, 4, 5};
  for (uint64_t count = 0; count < buckets.size(); ++count) {
    EXPECT_EQ(BucketOf(count), buckets[count]) << count;
  }
  EXPECT_LE(BucketOf(UINT64_MAX), 70);
}

TEST(AbstractState, AmountsAreFew) {
  EXPECT_EQ(AmountOf(0), 0);
  EXPECT_EQ(AmountOf(1), AmountOf(4));
  EXPECT_EQ(AmountOf(5), AmountOf(32));
  EXPECT_EQ(AmountOf(33), AmountOf(UINT64_MAX));
}

TEST(AbstractState, EveryPartCounts) {
  const uint64_t none = AbstractState{}.Hash();
  for (size_t part = 0; part < kStateParts; ++part) {
    AbstractState state;
    state.parts[part] = 1;
    EXPECT_NE(state.Hash(), none) << part;
  }
}

WorldConfig Config(uint64_t seed, Duration duration = 10s) {
  WorldConfig config = MakeConfig(*FindScenario("kv-3"), seed, {});
  config.duration = duration;
  return config;
}

// The states of a run, and the events at which they were looked at.
std::vector<std::pair<uint64_t, uint64_t>> Looks(const WorldConfig& config) {
  StateWatch watch;
  const absl::StatusOr<std::unique_ptr<World>> world = World::Create(config, {&watch});
  EXPECT_TRUE(world.ok());
  std::vector<std::pair<uint64_t, uint64_t>> looks;
  (*world)->Begin();
  while ((*world)->Step()) {
    if (!watch.due()) continue;
    looks.emplace_back(watch.events(), watch.Look().Hash());
    EXPECT_FALSE(watch.due());
  }
  static_cast<void>((*world)->End());
  return looks;
}

TEST(StateWatch, SeesTheSameInTheSameRunAndChangesNothing) {
  const auto looks = Looks(Config(3));
  EXPECT_GT(looks.size(), 20U);
  EXPECT_EQ(Looks(Config(3)), looks);
  std::set<uint64_t> states;
  for (const auto& [event, state] : looks) states.insert(state);
  EXPECT_GT(states.size(), 5U);
  EXPECT_LT(states.size(), looks.size()) << "a map of what never comes again is of no use";
}

// Every part is another one at some time, or it says nothing.
TEST(StateWatch, EveryPartChanges) {
  std::array<uint8_t, kStateParts> most{};
  constexpr uint64_t kSeeds = 60;
  const auto all = [&] { return *std::min_element(most.begin(), most.end()) > 0; };
  for (uint64_t seed = 1; seed <= kSeeds && !all(); ++seed) {
    StateWatch watch;
    WorldConfig config = MakeConfig(*FindScenario("swarm"), seed, {});
    const absl::StatusOr<std::unique_ptr<World>> world = World::Create(config, {&watch});
    ASSERT_TRUE(world.ok());
    (*world)->Begin();
    while ((*world)->phase() <= Phase::kHealed && (*world)->Step()) {
      if (!watch.due()) continue;
      const AbstractState state = watch.Look();
      for (size_t part = 0; part < kStateParts; ++part) {
        most[part] = std::max(most[part], state.parts[part]);
      }
    }
    static_cast<void>((*world)->End());
  }
  for (size_t part = 0; part < kStateParts; ++part) EXPECT_GT(most[part], 0) << part;
}

struct Explored {
  Explorer::Findings findings;
  uint64_t states = 0, runs = 0, continuations = 0, forked = 0, events = 0;
};

Explored Explore(const WorldConfig& config, Explorer::Plan plan) {
  StateMap map;
  EXPECT_TRUE(map.Open().ok());
  plan.until = std::numeric_limits<double>::max();
  Explorer explorer(config, map, plan);
  const absl::StatusOr<Explorer::Findings> findings = explorer.Run();
  EXPECT_TRUE(findings.ok()) << findings.status();
  return {*findings,
          map.Of(Count::kStates),
          map.Of(Count::kRuns),
          map.Of(Count::kContinuations),
          map.Of(Count::kForked),
          map.Of(Count::kEvents)};
}

TEST(Explorer, WithoutContinuationsItIsTheRun) {
  const Explored explored = Explore(Config(1), {.children = 0});
  EXPECT_EQ(explored.runs, 1U);
  EXPECT_EQ(explored.continuations, 0U);
  const absl::StatusOr<Outcome> run = RunConfig(Config(1), {});
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(explored.events, run->result.events);
  EXPECT_GT(explored.states, 10U);
}

TEST(Explorer, KeepsToItsLimitsAndEveryContinuationEnds) {
  const Explored plain = Explore(Config(1), {.children = 0});
  const Explored explored = Explore(Config(1), {.children = 3, .quiet_looks = 0});
  EXPECT_GT(explored.continuations, 3U);
  EXPECT_EQ(explored.findings.continuations, explored.continuations) << "all were told";
  EXPECT_EQ(explored.runs, explored.continuations + 1);
  EXPECT_LE(explored.continuations, kContinuationsPerSeed);
  EXPECT_LE(explored.continuations, 3 * explored.forked);
  EXPECT_GT(explored.states, plain.states);
  EXPECT_GT(explored.events, plain.events);
  // A continuation is less than a run.
  EXPECT_LT(explored.events, plain.events * explored.runs);
}

TEST(Explorer, MakesContinuationsFromTheBeginningWhereItCannotFork) {
  const Explored explored = Explore(Config(1), {.children = 2, .forks = false, .quiet_looks = 0});
  EXPECT_EQ(explored.forked, kForksPerRun);
  EXPECT_EQ(explored.continuations, 2 * kForksPerRun);
  EXPECT_EQ(explored.runs, explored.continuations + 1);
}

TEST(Explorer, FindingsAreReadAsTheyAreTold) {
  Explorer::Findings findings;
  findings.continuations = 17;
  EXPECT_EQ(*Explorer::Decode(Explorer::Encode(findings)), findings);
  findings.failing = {{}, {{SimTime{5}, 6}, {SimTime{7}, 8}}};
  const Bytes told = Explorer::Encode(findings);
  EXPECT_EQ(*Explorer::Decode(told), findings);
  for (size_t size = 0; size < told.size(); ++size) {
    const auto cut = Explorer::Decode(std::string_view(told).substr(0, size));
    EXPECT_FALSE(cut.ok() && *cut == findings) << size;
  }
  EXPECT_FALSE(Explorer::Decode("x\n").ok());
}

}  // namespace
}  // namespace quorate::sim
