// SPDX-License-Identifier: Apache-2.0
// Epochs as they are typed: "17250301:82736,20000000:5:delays", each the microsecond from which on
// it is in force, its salt, and what alone it concerns, where that is not everything.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "sim/core/draw_epochs.h"

namespace quorate::sim {

// InvalidArgument with one line that says what is wrong.
absl::StatusOr<std::vector<DrawEpoch>> ParseEpochs(std::string_view text);
[[nodiscard]] std::string Describe(std::span<const DrawEpoch> epochs);

}  // namespace quorate::sim
