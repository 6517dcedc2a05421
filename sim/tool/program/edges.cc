// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/program/edges.h"

namespace {
constinit quorate::sim::EdgeCounters program_edges;
}  // namespace

#ifdef QUORATE_EDGES

extern "C" {

// Of the linker: where the program begins.
extern const char __executable_start;

// Called when the program starts, once for each object file: with the same range, since the linker
// has joined them.
void __sanitizer_cov_8bit_counters_init(uint8_t* begin, uint8_t* end) {
  program_edges.counts = {begin, end};
}
void __sanitizer_cov_pcs_init(const quorate::sim::EdgePlace* begin,
                              const quorate::sim::EdgePlace* end) {
  program_edges.places = {begin, end};
  program_edges.base = reinterpret_cast<uintptr_t>(&__executable_start);
}

}  // extern "C"

#endif

quorate::sim::EdgeCounters quorate::sim::ProgramEdges() { return program_edges; }
