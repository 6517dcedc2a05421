// SPDX-License-Identifier: Apache-2.0
// Pairs of single faults, in an order that is drawn by key, so that any number of them from its
// beginning is a sample of all: each kind of pair has the same share, half of them are close
// together, and none comes twice.
//
// The second fault is one of the run that the first has changed, so it meets what came about there:
// the restart of a node that died, the hint for a message that was lost. It begins later, or at the
// same time behind it in the order of nodes, kinds and messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/fault/atlas.h"
#include "sim/fault/schedule.h"
#include "sim/tool/single_faults.h"

namespace quorate::sim {

// A node that is down for so short a time is back while the run goes on, and dies again where the
// second fault wants it; a message that is so little late is overtaken by those around it.
inline constexpr FaultLengths kShortLengths = {.down = 20ms, .late_by = 30ms};
// Of each kind, the second faults that count as close: the first ones after the first fault has
// begun, and after it is over. A few round trips of a small cluster; what is closest comes first
// more often, since it is of the same operation.
inline constexpr size_t kCloseFaults = 16;

// Whether a crash takes a process or the power of its machine is drawn by the id of the fault:
// single faults all have the first, those of pairs one of so many each.
inline constexpr uint64_t kIdsOfPairs = 8;

// Of a run without faults: what singles are, and those that last shorter.
[[nodiscard]] std::vector<Fault> FirstFaults(const SingleFaults& plain, uint64_t seed);

// Of the run that `first` has changed. What the two must not do together, because the scenario
// demands that nobody does, is not among them.
[[nodiscard]] std::vector<Fault> SecondFaults(const Fault& first, const SingleFaults& changed,
                                              const FaultAtlas& atlas, uint64_t seed);

// Of the second fault, behind all of first ones.
[[nodiscard]] uint64_t SecondIdOf(const Fault& first, const Fault& second, uint64_t seed);

// "loss+crash"; "crash+stop-again" where it is the same node.
[[nodiscard]] std::string KindsOf(const Fault& first, const Fault& second);

}  // namespace quorate::sim
