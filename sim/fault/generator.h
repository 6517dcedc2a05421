// SPDX-License-Identifier: Apache-2.0
// Makes a fault schedule from a seed. Faults come in episodes: a few at a time, related, aimed at
// something that matters (the replicas of one key, a rack, one node, a half of the cluster), with
// calm between. White noise would find less: a cluster that is always a little ill never gets into
// the states that matter.
#pragma once

#include <array>
#include <cstdint>

#include "sim/fault/atlas.h"
#include "sim/fault/schedule.h"

namespace quorate::sim {

struct FaultPlan {
  // How often each kind is taken, relative to the others; 0: never.
  std::array<uint32_t, kFaultKinds> weights{};
  uint32_t faults = 0;  // how many to make; fewer where the bound leaves no room
  SimTime from;
  SimTime until;
  Duration length_min = 500ms;
  Duration length_max = 10s;
  // Partitions may cut a majority off from a minority, in whatever shape; messages only are lost.
  bool halves = true;
  Duration delay_max = 400ms;       // of a late message
  Duration stall_max = 800ms;       // of a commit
  Duration crash_wait_max = 100ms;  // for a commit to be under way
  // Cuts have all shapes, and crashes come between effects too.
  bool shapes = false;
  // So many nodes, or fewer where the bound leaves no room, get a fault that the healing does not
  // end.
  uint32_t staying = 0;
  // And after all else, so many preference lists lose for good more than a minority of their
  // replicas in a data centre. Nodes are left.
  uint32_t lost_lists = 0;
  // So many of a hundred crashes and stops are followed by another one while their nodes start
  // again, which is where a process is that keeps dying.
  uint32_t relapse_percent = 0;
  Duration late_max = std::chrono::hours(1);  // of a message that is much too late
  Duration clock_offset_max = 5s;  // keep it below the engine's bound, or nodes do not stamp
  int32_t drift_ppm_max = 2000;
};

[[nodiscard]] Schedule GenerateSchedule(uint64_t seed, const FaultPlan& plan,
                                        const FaultAtlas& atlas);

// True where a node under such a fault may be unable to serve.
[[nodiscard]] bool TakesOut(FaultKind kind);

}  // namespace quorate::sim
