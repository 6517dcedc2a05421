// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/key_positions.h"

#include <algorithm>

#include "engine/base/check.h"

namespace quorate::commands {

KeyPositions KeysOf(const Command& command, size_t arguments) {
  if (command.first_key == 0) return {};
  KeyPositions keys;
  keys.first = static_cast<size_t>(command.first_key);
  keys.step = static_cast<size_t>(command.key_step);
  const auto given = static_cast<int>(arguments);
  const int last = command.last_key < 0 ? given + command.last_key : command.last_key;
  keys.end = std::max(keys.first, static_cast<size_t>(std::min(last + 1, given)));
  return keys;
}

const Command& PartCommandOf(const Command& command) {
  return command.split == Split::kJoin ? *FindCommand("get") : command;
}

void PartOf(const Command& command, Arguments args, const KeyPositions& keys, size_t i,
            std::vector<std::string_view>& part) {
  QUORATE_CHECK(i < keys.count());
  const size_t begin = keys[i];
  const size_t end = std::min(begin + keys.step, args.size());
  const Command& executes = PartCommandOf(command);
  part.assign(1, &executes == &command ? args.front() : executes.name);
  part.insert(part.end(), args.begin() + static_cast<std::ptrdiff_t>(begin),
              args.begin() + static_cast<std::ptrdiff_t>(end));
}

}  // namespace quorate::commands
