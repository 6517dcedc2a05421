// SPDX-License-Identifier: Apache-2.0
// Where the keys are in a request, and which arguments go with each when it is split.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/commands/command.h"

namespace quorate::commands {

// The positions of a command's keys: first, first + step, ... below `end`. Empty for a command
// without keys. `command` is the resolved row; the arguments fit its arity.
struct KeyPositions {
  size_t first = 0;
  size_t end = 0;
  size_t step = 1;

  [[nodiscard]] size_t count() const { return (end - first + step - 1) / step; }
  [[nodiscard]] bool empty() const { return first >= end; }
  [[nodiscard]] size_t operator[](size_t i) const { return first + i * step; }
};
[[nodiscard]] KeyPositions KeysOf(const Command& command, size_t arguments);

// The row that executes on one key of a split command: its own, or GET where only values are
// needed, which every node and every release takes.
[[nodiscard]] const Command& PartCommandOf(const Command& command);
// The arguments with which one key of a split command executes, in `part`: the name of the row that
// does, the key and what belongs to it. Requires: i < keys.count().
void PartOf(const Command& command, Arguments args, const KeyPositions& keys, size_t i,
            std::vector<std::string_view>& part);

}  // namespace quorate::commands
