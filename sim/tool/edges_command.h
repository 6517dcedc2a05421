// SPDX-License-Identifier: Apache-2.0
// Whether a run takes the same way through the program in processes that differ in all that must
// not matter: where things lie in memory, and what is in memory that nobody has written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/tool/arguments.h"
#include "sim/tool/edge_counters.h"

namespace quorate::sim {

// `edges SCENARIO --seed N | FILE`: the exit code, kExitDiffers where an event takes other edges.
// `edges [EVENT] ... --out FILE`: writes what this one process takes: EdgeWatcher's lines, or of
// one event the edges.
int EdgesCommand(const Arguments& arguments, bool planted, const EdgeCounters& counters);

// The number of the first line that is not in both alike.
[[nodiscard]] std::optional<size_t> FirstOtherLine(std::string_view a, std::string_view b);

struct OtherEdge {
  std::string offset;  // hexadecimal, of the code in the program
  std::string first;   // how often it was taken, modulo 256
  std::string second;
  friend bool operator==(const OtherEdge&, const OtherEdge&) = default;
};
// Of two lists of edges as `--out` writes them, each line "OFFSET COUNT" and rising: what differs.
[[nodiscard]] std::vector<OtherEdge> OtherEdges(std::string_view a, std::string_view b);

}  // namespace quorate::sim
