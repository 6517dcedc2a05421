// SPDX-License-Identifier: Apache-2.0
#include "engine/node/node_record.h"

#include <algorithm>

#include "engine/base/codec.h"

namespace quorate::node {
namespace {

// Rows: "n" + what. The record: version byte, node, incarnation, clean flag. Ceilings: "nc" +
// shard.
constexpr uint8_t kRecordVersion = 1;
constexpr std::string_view kIdentityRow = "ni";
constexpr std::string_view kCleanRow = "nk";
constexpr std::string_view kCeilingRows = "nc";
constexpr std::string_view kCeilingRowsEnd = "nd";
constexpr size_t kCeilingScanBytes = size_t{1} << 20;

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

absl::StatusOr<HybridTime> ReadCeiling(env::StorageBackend& backend) {
  QUORATE_ASSIGN_OR_RETURN(
      const env::ScanResult scan,
      backend.Scan({Bytes(kCeilingRows), Bytes(kCeilingRowsEnd), kCeilingScanBytes}));
  HybridTime ceiling;
  for (const env::Row& row : scan.rows) {
    ByteReader reader(row.value);
    ceiling = std::max(ceiling, HybridTime::FromBits(reader.BigEndian<uint64_t>()));
    if (!reader.ok()) return DataLoss("clock ceiling: malformed");
  }
  return ceiling;
}

}  // namespace

absl::StatusOr<NodeRecord> BeginLife(env::StorageBackend& backend, NodeId fresh_id,
                                     PlantedBug planted) {
  NodeRecord record{fresh_id, Incarnation{0}, {}, true};
  QUORATE_ASSIGN_OR_RETURN(const std::optional<Bytes> identity, backend.Get(kIdentityRow));
  if (identity.has_value()) {
    QUORATE_ASSIGN_OR_RETURN(record, ReadIdentity(*identity));
    QUORATE_ASSIGN_OR_RETURN(const std::optional<Bytes> clean, backend.Get(kCleanRow));
    record.clean_shutdown = clean.has_value();
  }
  QUORATE_ASSIGN_OR_RETURN(record.clock_ceiling, ReadCeiling(backend));
  const bool first_life = record.incarnation.value == 0;
  if (first_life || !QUORATE_PLANTED(planted, kSameIncarnation)) ++record.incarnation.value;
  Bytes row(1, static_cast<char>(kRecordVersion));
  PutBigEndian(row, record.node.value);
  PutBigEndian(row, record.incarnation.value);
  env::WriteBatch batch;
  batch.Put(kIdentityRow, row);
  batch.Delete(kCleanRow);
  QUORATE_RETURN_IF_ERROR(backend.Commit(batch, /*sync=*/true));
  return record;
}

void PutClockCeiling(env::WriteBatch& batch, ShardIndex shard, HybridTime ceiling) {
  Bytes key(kCeilingRows);
  PutBigEndian(key, shard.value);
  Bytes value;
  PutBigEndian(value, ceiling.bits());
  batch.Put(key, value);
}

void PutCleanShutdown(env::WriteBatch& batch) { batch.Put(kCleanRow, {}); }

}  // namespace quorate::node
