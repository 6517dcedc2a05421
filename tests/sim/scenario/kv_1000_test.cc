// SPDX-License-Identifier: Apache-2.0
// kv-1000 is what its name and the README say, and worlds of its size are cheap: an idle node makes
// no events, and time and memory stay within bounds that only a gross mistake would leave. The real
// figures are measured by hand, on a quiet machine (sim/README.md).
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <set>

#include "sim/client/workload.h"
#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

namespace quorate::sim {
namespace {

WorldConfig ConfigOf(uint64_t seed, ScenarioChanges changes = {}) {
  return MakeConfig(*FindScenario("kv-1000"), seed, changes);
}

RunResult RunOf(const WorldConfig& config) {
  absl::StatusOr<std::unique_ptr<World>> world = World::Create(config, {});
  EXPECT_TRUE(world.ok()) << MessageOf(world.status());
  return (*world)->Run();
}

TEST(Kv1000, IsAsLargeAsItSays) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const WorldConfig config = ConfigOf(seed);
    EXPECT_EQ(config.nodes, 1000u);
    EXPECT_EQ(config.pools.front().replicas, 3u);
    EXPECT_EQ(config.pools.front().read, topology::Consistency::kQuorum);
    EXPECT_EQ(config.pools.front().write, topology::Consistency::kQuorum);
    EXPECT_TRUE(config.pools.front().client_levels.empty());
    EXPECT_EQ(config.workload.keys * kFilledClasses, 100'000u);
    EXPECT_EQ(config.workload.fill_per_client * config.clients, 100'000u);
    EXPECT_EQ(config.duration, std::chrono::minutes(10));
  }
}

TEST(Kv1000, PlansTwoHundredFaultsOfAllKinds) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const auto world = World::Create(ConfigOf(seed), {});
    ASSERT_TRUE(world.ok());
    std::set<FaultKind> kinds;
    for (const Fault& fault : (*world)->schedule().faults) kinds.insert(fault.kind);
    EXPECT_GE((*world)->schedule().faults.size(), 220u) << "some never meet anything";
    EXPECT_GE(kinds.size(), 10u);
  }
}

TEST(Kv1000, AnIdleNodeMakesNoEvents) {
  WorldConfig config = ConfigOf(1, {.nodes = 500, .duration = 60s});
  config.clients = 1;
  config.sweep_clients = 1;
  config.client.think_mean = std::chrono::hours(1);
  config.heal_max = std::chrono::hours(3);  // until the client ends
  config.faults.faults = 0;
  const RunResult result = RunOf(config);
  EXPECT_FALSE(result.failure.has_value());
  // It starts, reads what earlier lives have left, finds nothing to load, reserves its clock, and
  // is still.
  constexpr uint64_t kEventsOfAStart = 11;
  EXPECT_LE(result.events, config.nodes * kEventsOfAStart);
  std::printf("%llu events of 500 nodes\n", static_cast<unsigned long long>(result.events));
}

TEST(Kv1000, MakesFiveHundredOperationsASecondAtLittleCost) {
  const auto begin = std::chrono::steady_clock::now();
  const RunResult result = RunOf(ConfigOf(1, {.nodes = 1000, .duration = 30s}));
  const std::chrono::duration<double> real = std::chrono::steady_clock::now() - begin;
  EXPECT_FALSE(result.failure.has_value());
  EXPECT_GE(result.operations, 500u * 30);
  EXPECT_LE(result.operations, 700u * 30);
  rusage usage{};
  ASSERT_EQ(::getrusage(RUSAGE_SELF, &usage), 0);
  const double rate = static_cast<double>(result.events) / real.count();
  std::printf("%llu events, %.0f a second, %ld KiB a node\n",
              static_cast<unsigned long long>(result.events), rate, usage.ru_maxrss / 1000);
  EXPECT_GT(rate, 10'000);  // a loaded machine, no optimisation
  EXPECT_LT(usage.ru_maxrss / 1000, 1024);
}

}  // namespace
}  // namespace quorate::sim
