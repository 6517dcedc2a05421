// SPDX-License-Identifier: Apache-2.0
// Faults that the command line has in words (sim/fault/README.md), in place of those that a
// scenario draws or a file holds.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/status.h"
#include "sim/tool/arguments.h"
#include "sim/world/world_config.h"

namespace quorate::sim {

// Reads the file of --faults, if there is one: once, since it may be a pipe. Errors: those of
// ReadFile.
absl::Status ReadFaults(Arguments& arguments);

// Gives them to the world, if there are any. Errors: InvalidArgument.
absl::Status UseFaults(const Arguments& arguments, WorldConfig& config);

// The flags, to be typed again; empty, or with a blank before each.
[[nodiscard]] std::string FaultFlags(const Arguments& arguments);

// One word to a shell, whatever is in it.
[[nodiscard]] std::string ShellWord(std::string_view text);

}  // namespace quorate::sim
