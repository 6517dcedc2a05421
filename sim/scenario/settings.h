// SPDX-License-Identifier: Apache-2.0
// The numbers of a configuration by name, so that a kept trace holds what its scenario drew and
// goes on meaning the same when the scenario draws otherwise.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "sim/world/world_config.h"

namespace quorate::sim {

using Settings = std::vector<std::pair<std::string, std::string>>;

// Everything of the cluster and its surroundings, in a fixed order.
[[nodiscard]] Settings SettingsOf(const WorldConfig& config);
// All of them: where none says how many pools there are there is one. InvalidArgument for a name
// that does not exist, or a value that it cannot have.
absl::Status ApplySettings(const Settings& settings, WorldConfig& config);

}  // namespace quorate::sim
