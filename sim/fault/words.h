// SPDX-License-Identifier: Apache-2.0
// Faults in words, for people to read and to write: README.md has the language. What is written
// here reads back as the same faults (parse_words.h).
#pragma once

#include <string>

#include "sim/fault/schedule.h"

namespace quorate::sim {

// "3: crash 1 in a commit within 250ms at 12.5s for 3.2s", of a world of so many nodes.
// Requires: the fault is valid.
[[nodiscard]] std::string Words(const Fault& fault, uint32_t nodes);
// A line for each. Requires: the schedule is valid.
[[nodiscard]] std::string Words(const Schedule& schedule);

}  // namespace quorate::sim
