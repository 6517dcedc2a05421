// SPDX-License-Identifier: Apache-2.0
// What the compiler counts of a program that it was told to: how often each edge between two basic
// blocks was taken. (Clang's SanitizerCoverage: inline-8bit-counters and pc-table.)
#pragma once

#include <cstdint>
#include <span>

namespace quorate::sim {

struct EdgePlace {
  uintptr_t address = 0;  // of the code that the edge leads to
  uintptr_t flags = 0;
};

// Both have an element for each edge, and neither has any where the compiler was told nothing. The
// counters are the program's; each wraps at 256, and whoever reads them may set them to 0.
struct EdgeCounters {
  std::span<uint8_t> counts;
  std::span<const EdgePlace> places;
  uintptr_t base = 0;  // where the program was loaded
};

}  // namespace quorate::sim
