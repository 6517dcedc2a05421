// SPDX-License-Identifier: Apache-2.0
// Reads faults in words. The language is in README.md.
#pragma once

#include <string_view>

#include "engine/base/status.h"
#include "sim/fault/schedule.h"

namespace quorate::sim {

// The faults of a world of so many nodes, one a line, in whatever order. One without a number gets
// the next above all before it. Errors: InvalidArgument, with line, column and what would be right.
absl::StatusOr<Schedule> ParseSchedule(std::string_view text, uint32_t nodes);

}  // namespace quorate::sim
