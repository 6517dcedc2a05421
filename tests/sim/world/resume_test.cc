// SPDX-License-Identifier: Apache-2.0
// A shard that has loaded what another has saved goes on as the other would have: worlds in which
// that happens all the time run event for event as worlds in which it never does. Whatever state
// Save forgets, or Load makes otherwise, shows here sooner or later.
#include <gtest/gtest.h>

#include <string>

#include "sim/scenario/scenario.h"
#include "sim/world/world.h"

namespace quorate::sim {
namespace {

struct Case {
  const char* scenario;
  uint64_t seed;
};

class Resume : public testing::TestWithParam<Case> {};

RunResult RunWith(WorldConfig config) {
  absl::StatusOr<std::unique_ptr<World>> world = World::Create(std::move(config), {});
  EXPECT_TRUE(world.ok()) << MessageOf(world.status());
  return (*world)->Run();
}

TEST_P(Resume, ChangesNothing) {
  WorldConfig config = MakeConfig(*FindScenario(GetParam().scenario), GetParam().seed, {});
  config.duration = std::min<Duration>(config.duration, 12s);
  const RunResult plain = RunWith(config);
  config.resume_ppm = 100'000;
  const RunResult resumed = RunWith(config);
  ASSERT_FALSE(resumed.failure) << resumed.failure->seen;
  EXPECT_EQ(plain.hash, resumed.hash);
  EXPECT_EQ(plain.ladder, resumed.ladder);
  EXPECT_TRUE(plain.marks == resumed.marks);
}

std::vector<Case> Cases() {
  std::vector<Case> cases;
  for (const char* scenario : {"kv-3", "kv-hot", "kv-sole"}) {
    for (uint64_t seed = 1; seed <= 4; ++seed) cases.push_back({scenario, seed});
  }
  for (uint64_t seed = 1; seed <= 30; ++seed) cases.push_back({"swarm", seed});
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Seeds, Resume, testing::ValuesIn(Cases()), [](const auto& param) {
  std::string name = param.param.scenario;
  std::erase(name, '-');
  return name + "_" + std::to_string(param.param.seed);
});

}  // namespace
}  // namespace quorate::sim
