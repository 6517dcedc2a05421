// SPDX-License-Identifier: Apache-2.0
// What a data directory remembers of the node itself: its identity, how often it was started, and
// above which time it has never stamped. The first two are read, raised and stored before any shard
// exists, and before the rows are recovered (early rows of env::StorageBackend); the last is read
// by the loader, before the first row of a pool.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/planted_bug.h"
#include "engine/base/status.h"
#include "engine/base/time.h"
#include "engine/env/storage.h"

namespace quorate::node {

struct NodeRecord {
  NodeId node;
  Incarnation incarnation;
  Incarnation last;  // of the start before; 0: there was none
  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

// Opens the record for a new life: the incarnation is one higher and durable when this returns. A
// directory without a record gets one with `fresh_id`. DataLoss where the record is malformed.
// Before or after Recover.
absl::StatusOr<NodeRecord> BeginLife(env::StorageBackend& backend, NodeId fresh_id,
                                     PlantedBug planted = PlantedBug::kNone);

// A node that is put back from a backup has lived on since, and what it issued then may still be
// known elsewhere: no incarnation of those lives may come again, and no backup tells how many there
// were. So a restored record goes on from the seconds of the wall clock, which are above all that
// counting has reached, where the node was started less than once a second, and above what earlier
// restores have set. `rows` is the record in the backup (IsRecordRow), `backend` a new one before
// Recover; early rows are committed there, and those alone. FailedPrecondition where there is a
// record already, or where the clock is behind what the backup has seen.
absl::Status BeginRestored(env::StorageBackend& backend, const std::vector<env::Row>& rows,
                           WallTime now);
[[nodiscard]] bool IsRecordRow(std::string_view key);
// Of these, the ones that BeginRestored commits.
[[nodiscard]] bool IsEarlyRow(std::string_view key);

// The orderly end of a life: to be committed when all shards have stopped, and every one of them is
// orderly(), right before Close.
void PutCleanShutdown(env::WriteBatch& batch, Incarnation incarnation);

// The reserved ceilings of the shards' clocks: no version at or above the highest was ever issued
// by this node. Each shard writes its own.
void PutClockCeiling(env::WriteBatch& batch, ShardIndex shard, HybridTime ceiling);
// What lives before have left in the recovered rows: the ceilings, the last orderly end, and which
// life began last. A start that fails raises the incarnation too, but begins nothing.
[[nodiscard]] env::ScanRequest LifeRows();
// The highest ceiling that this scan has found.
absl::StatusOr<HybridTime> HighestCeiling(const std::vector<env::Row>& rows);
// Whether the life that began last has ended orderly; true for the first.
absl::StatusOr<bool> EndedOrderly(const std::vector<env::Row>& rows, const NodeRecord& record);
// This life begins. Every shard of it writes the same.
absl::Status PutBegun(env::WriteBatch& batch, const std::vector<env::Row>& rows,
                      const NodeRecord& record);

}  // namespace quorate::node
