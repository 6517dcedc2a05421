// SPDX-License-Identifier: Apache-2.0
// What a data directory remembers of the node itself: its identity, how often it was started, and
// above which time it has never stamped. Read, raised and stored before any shard exists.
#pragma once

#include <cstdint>

#include "engine/base/ids.h"
#include "engine/base/planted_bug.h"
#include "engine/base/status.h"
#include "engine/env/storage.h"

namespace quorate::node {

struct NodeRecord {
  NodeId node;
  Incarnation incarnation;
  HybridTime clock_ceiling;    // no version at or above it was ever issued by this node
  bool clean_shutdown = true;  // the last life ended orderly; true for the first
  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

// Opens the record for a new life: the incarnation is one higher and durable when this returns. A
// directory without a record gets one with `fresh_id`. DataLoss where the record is malformed.
absl::StatusOr<NodeRecord> BeginLife(env::StorageBackend& backend, NodeId fresh_id,
                                     PlantedBug planted = PlantedBug::kNone);

// Rows of the record, written by the shards: the reserved ceiling of one shard's clock, and the
// orderly end (only the last shard to stop writes it).
void PutClockCeiling(env::WriteBatch& batch, ShardIndex shard, HybridTime ceiling);
void PutCleanShutdown(env::WriteBatch& batch);

}  // namespace quorate::node
