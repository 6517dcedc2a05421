// SPDX-License-Identifier: Apache-2.0
// The scenarios by name: each a function from a seed to a world's configuration. What a scenario
// fixes is its point; the rest is drawn, so that a thousand seeds are a thousand different worlds.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sim/world/world_config.h"

namespace quorate::sim {

struct Scenario {
  std::string_view name;
  std::string_view summary;
  WorldConfig (*make)(uint64_t seed);
};

[[nodiscard]] std::span<const Scenario> AllScenarios();
// Null for an unknown name.
[[nodiscard]] const Scenario* FindScenario(std::string_view name);

// What the command line may change of a scenario.
struct ScenarioChanges {
  std::optional<uint32_t> nodes;
  std::optional<Duration> duration;
  PlantedBug planted = PlantedBug::kNone;
};
// The configuration of one run. The number of faults and clients follows the time and the nodes.
[[nodiscard]] WorldConfig MakeConfig(const Scenario& scenario, uint64_t seed,
                                     const ScenarioChanges& changes);

}  // namespace quorate::sim
