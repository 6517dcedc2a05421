// SPDX-License-Identifier: Apache-2.0
// Which worlds have several pools, and how a kept trace says what they are.
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/scenario/scenario.h"
#include "sim/scenario/settings.h"
#include "sim/world/world.h"

namespace quorate::sim {
namespace {

constexpr uint64_t kSeeds = 400;

WorldConfig ConfigOf(std::string_view scenario, uint64_t seed) {
  return MakeConfig(*FindScenario(scenario), seed, {});
}

WorldConfig WithPools(size_t pools) {
  for (uint64_t seed = 1;; ++seed) {
    WorldConfig config = ConfigOf("swarm", seed);
    if (config.pools.size() == pools) return config;
  }
}

TEST(Pools, AQuarterOfTheSeedsHasSeveralWhereTheyAreDrawn) {
  for (const Scenario& scenario : AllScenarios()) {
    uint64_t several = 0;
    uint64_t three = 0;
    for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
      const size_t pools = ConfigOf(scenario.name, seed).pools.size();
      several += pools > 1 ? 1 : 0;
      three += pools > 2 ? 1 : 0;
    }
    const bool draws = scenario.name == "swarm" || scenario.name == "kv-chaos";
    EXPECT_GE(several, draws ? kSeeds / 5 : 0) << scenario.name;
    EXPECT_LE(several, draws ? kSeeds * 3 / 10 : 0) << scenario.name;
    EXPECT_EQ(three > 0, draws) << scenario.name;
  }
}

TEST(Pools, AreDrawnSoThatTheyCanBe) {
  for (uint64_t seed = 1; seed <= kSeeds; ++seed) {
    for (const char* scenario : {"swarm", "kv-chaos"}) {
      EXPECT_TRUE(World::Create(ConfigOf(scenario, seed), {}).ok()) << scenario << seed;
    }
  }
  const auto large = [](const PoolConfig& pool) { return pool.replicas > 3; };
  const auto has_large = [&](const WorldConfig& config) {
    return std::any_of(config.pools.begin() + 1, config.pools.end(), large);
  };
  uint64_t seed = 1;
  while (!has_large(ConfigOf("swarm", seed))) ++seed;
  ScenarioChanges fewer;
  fewer.nodes = 3 * ConfigOf("swarm", seed).data_centres;
  EXPECT_FALSE(has_large(MakeConfig(*FindScenario("swarm"), seed, fewer)));
}

TEST(Settings, SayAllOfEachPool) {
  for (size_t pools = 1; pools <= kWorldPoolsMax; ++pools) {
    const WorldConfig drawn = WithPools(pools);
    WorldConfig config;
    ASSERT_TRUE(ApplySettings(SettingsOf(drawn), config).ok());
    ASSERT_EQ(config.pools.size(), pools);
    EXPECT_EQ(SettingsOf(config), SettingsOf(drawn));
    EXPECT_EQ(config.pools.back().replicas, drawn.pools.back().replicas);
    EXPECT_EQ(config.pools.back().hash, drawn.pools.back().hash);
    EXPECT_EQ(config.pools.back().durability, drawn.pools.back().durability);
  }
}

// Traces that were kept before there could be several, of a seed that has several today.
TEST(Settings, ThatNameNoPoolsAreOfOne) {
  WorldConfig config = WithPools(3);
  ASSERT_TRUE(ApplySettings({{"replicas", "2"}, {"durability", "1"}}, config).ok());
  ASSERT_EQ(config.pools.size(), 1u);
  EXPECT_EQ(config.pools.front().replicas, 2u);
  EXPECT_EQ(config.pools.front().durability, env::Durability::kPeriodic);
  for (const auto& [name, value] : SettingsOf(config)) EXPECT_NE(name, "pools");
}

TEST(Settings, OfPoolsThatAreNotThereAreRefused) {
  WorldConfig config;
  EXPECT_FALSE(ApplySettings({{"pools", "0"}}, config).ok());
  EXPECT_FALSE(ApplySettings({{"pools", "4"}}, config).ok());
  EXPECT_FALSE(ApplySettings({{"second-replicas", "1"}}, config).ok());
  EXPECT_FALSE(ApplySettings({{"pools", "2"}, {"third-replicas", "1"}}, config).ok());
  EXPECT_FALSE(ApplySettings({{"pools", "2"}, {"second-key-hash", "16"}}, config).ok());
  EXPECT_TRUE(ApplySettings({{"second-replicas", "1"}, {"pools", "2"}}, config).ok());
  EXPECT_EQ(config.pools[1].replicas, 1u);
}

}  // namespace
}  // namespace quorate::sim
