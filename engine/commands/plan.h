// SPDX-License-Identifier: Apache-2.0
// What a request is to replication, once its arguments are known: a row tells what the command is
// without options, or at its worst; options may ask for less or for more. README.md has the table.
#pragma once

#include "engine/commands/command.h"

namespace quorate::commands {

struct Plan {
  Class kind = Class::kConnection;
  Reads reads = Reads::kNothing;
  bool idempotent = false;
  bool needs_one_order = false;  // refused in pools of several replicas, unless they allow it
  friend bool operator==(const Plan&, const Plan&) = default;
};

// Requires: `command` is the resolved row of `args`, which fit its arity. Where the options are
// malformed the plan is that of the row; execution gives the error.
[[nodiscard]] Plan PlanOf(const Command& command, Arguments args);

}  // namespace quorate::commands
