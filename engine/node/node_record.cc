// SPDX-License-Identifier: Apache-2.0
#include "engine/node/node_record.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "engine/base/codec.h"
#include "engine/node/limits.h"

namespace quorate::node {
namespace {

// Rows: "n" + what. The record: version byte, node, incarnation. The clean end: the incarnation
// that ended so, and never removed. The beginning: the incarnation that began to load last, and the
// one that did before it, for siblings that look later. Ceilings: "nc" + shard.
constexpr uint8_t kRecordVersion = 1;
constexpr std::string_view kRecordRows = "n";
constexpr std::string_view kRecordRowsEnd = "o";
constexpr std::string_view kIdentityRow = "ni";
constexpr std::string_view kCleanRow = "nk";
constexpr std::string_view kBegunRow = "nb";
constexpr std::string_view kCeilingRows = "nc";
constexpr size_t kLifeScanBytes = size_t{1} << 20;

absl::StatusOr<NodeRecord> ReadIdentity(std::string_view row) {
  ByteReader reader(row);
  const uint8_t version = reader.BigEndian<uint8_t>();
  if (reader.ok() && version != kRecordVersion) {
    return FailedPrecondition(
        Format("node record: format %u, this release reads %u", version, kRecordVersion));
  }
  NodeRecord record;
  record.node.value = reader.BigEndian<uint64_t>();
  record.incarnation.value = reader.BigEndian<uint32_t>();
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("node record: malformed");
  return record;
}

Bytes IdentityRow(const NodeRecord& record) {
  Bytes row(1, static_cast<char>(kRecordVersion));
  PutBigEndian(row, record.node.value);
  PutBigEndian(row, record.incarnation.value);
  return row;
}

const env::Row* FindRow(const std::vector<env::Row>& rows, std::string_view key) {
  const auto row = std::find_if(rows.begin(), rows.end(),
                                [key](const env::Row& each) { return each.key == key; });
  return row == rows.end() ? nullptr : &*row;
}

Bytes CleanRow(Incarnation incarnation) {
  Bytes row;
  PutBigEndian(row, incarnation.value);
  return row;
}

// The life that ended orderly last; 0: none. `last` is that of the last start.
absl::StatusOr<Incarnation> ReadClean(const std::vector<env::Row>& rows, Incarnation last) {
  const env::Row* row = FindRow(rows, kCleanRow);
  if (row == nullptr) return Incarnation{};
  // Data format 1: the row was removed at a start, so that it spoke of the last one.
  if (row->value.empty()) return last;
  ByteReader reader(row->value);
  const Incarnation ended{reader.BigEndian<uint32_t>()};
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("record of the last end: malformed");
  return ended;
}

// The life that began before the one of `self`; 0: not known.
absl::StatusOr<Incarnation> BegunBefore(const std::vector<env::Row>& rows, Incarnation self) {
  const env::Row* row = FindRow(rows, kBegunRow);
  if (row == nullptr) return Incarnation{};
  ByteReader reader(row->value);
  const Incarnation begun{reader.BigEndian<uint32_t>()};
  const Incarnation before{reader.BigEndian<uint32_t>()};
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("record of the last beginning: malformed");
  return begun == self ? before : begun;
}

}  // namespace

absl::StatusOr<NodeRecord> BeginLife(env::StorageBackend& backend, NodeId fresh_id,
                                     PlantedBug planted) {
  NodeRecord record;
  record.node = fresh_id;
  env::WriteBatch batch;
  QUORATE_ASSIGN_OR_RETURN(const std::optional<Bytes> identity, backend.Get(kIdentityRow));
  if (identity.has_value()) {
    QUORATE_ASSIGN_OR_RETURN(record, ReadIdentity(*identity));
    QUORATE_ASSIGN_OR_RETURN(const std::optional<Bytes> clean, backend.Get(kCleanRow));
    if (clean.has_value() && clean->empty()) batch.Put(kCleanRow, CleanRow(record.incarnation));
  }
  record.last = record.incarnation;
  const bool first_life = record.incarnation.value == 0;
  if (first_life || !QUORATE_PLANTED(planted, kSameIncarnation)) ++record.incarnation.value;
  batch.Put(kIdentityRow, IdentityRow(record));
  QUORATE_RETURN_IF_ERROR(backend.Commit(batch, /*sync=*/true));
  return record;
}

bool IsRecordRow(std::string_view key) { return key.starts_with(kRecordRows); }
bool IsEarlyRow(std::string_view key) { return key == kIdentityRow || key == kCleanRow; }

absl::Status BeginRestored(env::StorageBackend& backend, const std::vector<env::Row>& rows,
                           WallTime now) {
  QUORATE_ASSIGN_OR_RETURN(const std::optional<Bytes> present, backend.Get(kIdentityRow));
  if (present.has_value()) {
    return FailedPrecondition(
        "the data directory is not empty: a backup is restored into a new one");
  }
  NodeRecord record;
  for (const env::Row& row : rows) {
    if (row.key == kIdentityRow) {
      QUORATE_ASSIGN_OR_RETURN(record, ReadIdentity(row.value));
    }
  }
  if (record.incarnation.value == 0) return absl::OkStatus();  // no node has begun with these rows
  record.last = record.incarnation;
  QUORATE_ASSIGN_OR_RETURN(const bool orderly, EndedOrderly(rows, record));
  QUORATE_ASSIGN_OR_RETURN(const HybridTime ceiling, HighestCeiling(rows));
  const int64_t seconds = now.ms / 1000;
  if (now.ms + kRestoreClockSlackMs < ceiling.ms()) {
    return FailedPrecondition(
        Format("the clock of this machine is %d s behind what the backup has seen: set it first",
               (ceiling.ms() - now.ms) / 1000));
  }
  if (seconds >= std::numeric_limits<uint32_t>::max()) {
    return FailedPrecondition("the clock of this machine is beyond the year 2105");
  }
  record.incarnation.value =
      std::max(record.incarnation.value + 1, static_cast<uint32_t>(std::max<int64_t>(seconds, 0)));
  env::WriteBatch batch;
  batch.Put(kIdentityRow, IdentityRow(record));
  if (orderly) batch.Put(kCleanRow, CleanRow(record.incarnation));
  return backend.Commit(batch, /*sync=*/true);
}

void PutCleanShutdown(env::WriteBatch& batch, Incarnation incarnation) {
  batch.Put(kCleanRow, CleanRow(incarnation));
}

void PutClockCeiling(env::WriteBatch& batch, ShardIndex shard, HybridTime ceiling) {
  Bytes key(kCeilingRows);
  PutBigEndian(key, shard.value);
  Bytes value;
  PutBigEndian(value, ceiling.bits());
  batch.Put(key, value);
}

env::ScanRequest LifeRows() { return {Bytes(kRecordRows), Bytes(kRecordRowsEnd), kLifeScanBytes}; }

absl::StatusOr<HybridTime> HighestCeiling(const std::vector<env::Row>& rows) {
  HybridTime ceiling;
  for (const env::Row& row : rows) {
    if (!row.key.starts_with(kCeilingRows)) continue;
    ByteReader reader(row.value);
    ceiling = std::max(ceiling, HybridTime::FromBits(reader.BigEndian<uint64_t>()));
    if (!reader.ok()) return DataLoss("clock ceiling: malformed");
  }
  return ceiling;
}

absl::StatusOr<bool> EndedOrderly(const std::vector<env::Row>& rows, const NodeRecord& record) {
  if (record.last == Incarnation{}) return true;
  QUORATE_ASSIGN_OR_RETURN(const Incarnation ended, ReadClean(rows, record.last));
  QUORATE_ASSIGN_OR_RETURN(const Incarnation begun, BegunBefore(rows, record.incarnation));
  return ended != Incarnation{} && (ended == record.last || ended == begun);
}

absl::Status PutBegun(env::WriteBatch& batch, const std::vector<env::Row>& rows,
                      const NodeRecord& record) {
  QUORATE_ASSIGN_OR_RETURN(const Incarnation before, BegunBefore(rows, record.incarnation));
  Bytes value;
  PutBigEndian(value, record.incarnation.value);
  PutBigEndian(value, before.value);
  batch.Put(kBegunRow, value);
  return absl::OkStatus();
}

}  // namespace quorate::node
