// SPDX-License-Identifier: Apache-2.0
// Verifies: a replica keeps no more of a key beside its values than merging needs: each cell once;
// nothing that its tombstone covers; no increments of a register or field that was overwritten; of
// a number one slot for each life of a replica's node at most; and where one replica has the key,
// no dead cell.
//
// When: once, when the world is at rest, of every object of every node that is up.
//
// Not: whether what is kept is the right state (convergence, acknowledged_writes); rows on disk;
// tombstones, which a deadline that has passed looks like.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "sim/world/failure.h"

namespace quorate::sim {

struct MetadataBounds {
  // Of the key's replicas: each counts in a slot of its own. Asked where there are slots.
  absl::FunctionRef<uint64_t()> lives;
  bool sole_owner = false;  // one replica has the key
};

// `state` is what node `node` holds under `key`, packed.
[[nodiscard]] std::optional<Failure> CheckMetadata(uint32_t node, std::string_view key,
                                                   std::string_view state,
                                                   const MetadataBounds& bounds, EventId now);

}  // namespace quorate::sim
