// SPDX-License-Identifier: Apache-2.0
// Planted bugs by name, as the command line and recipes give them.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/planted_bug.h"

namespace quorate::sim {

[[nodiscard]] std::string_view NameOf(PlantedBug bug);
[[nodiscard]] std::optional<PlantedBug> ParsePlantedBug(std::string_view name);

}  // namespace quorate::sim
