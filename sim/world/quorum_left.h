// SPDX-License-Identifier: Apache-2.0
// Whether those that have not been lost for good are enough for an operation: what makes a stall
// inevitable. Told from the placement of the key, the level and who is away, and counted apart from
// the engine, which is judged by it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/topology/consistency.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

enum class QuorumLeft : uint8_t {
  kYes,
  kMaybe,  // it takes a node that a fault has, and that may answer all the same
  kNo,
};

// A replica of a key, as the core sees it.
struct CoreReplica {
  uint16_t data_centre = 0;
  Absence absence = Absence::kNone;
};

// `local` is what the LOCAL_ and DC_ levels mean.
[[nodiscard]] QuorumLeft QuorumLeftOf(std::span<const CoreReplica> replicas,
                                      topology::Consistency level, uint16_t local);

// The same of a key in a world that has healed, for who asks a node of the core.
[[nodiscard]] QuorumLeft QuorumLeftFor(const WorldView& world, PoolId pool, std::string_view key,
                                       topology::Consistency level, NodeIndex asked);

}  // namespace quorate::sim
