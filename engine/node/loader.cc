// SPDX-License-Identifier: Apache-2.0
#include "engine/node/loader.h"

#include <algorithm>
#include <utility>

#include "engine/node/limits.h"

namespace quorate::node {

void Loader::Begin(std::vector<Source> sources) {
  sources_ = std::move(sources);
  for (size_t i = 0; i < sources_.size(); ++i) {
    // Halves by the first bit of the place, which follows.
    const Bytes begin = sources_[i].replica->keyspace().RowsBegin();
    const Bytes middle = begin + Bytes(1, static_cast<char>(0x80));
    ranges_.push_back({i, begin, middle, 0});
    ranges_.push_back({i, middle, sources_[i].replica->keyspace().RowsEnd(), 0});
  }
  storage_.Scan(LifeRows(), env::ReadToken{++token_});
}

absl::Status Loader::TakeLives(const env::ScanDone& scan) {
  QUORATE_RETURN_IF_ERROR(scan.result.status());
  QUORATE_ASSIGN_OR_RETURN(const HybridTime ceiling, HighestCeiling(scan.result->rows));
  shard_.clock.Open(QUORATE_PLANTED(shard_.options.planted, kForgetCeiling) ? HybridTime{}
                                                                            : ceiling);
  const NodeRecord& record = shard_.options.record;
  QUORATE_ASSIGN_OR_RETURN(shard_.ended_orderly, EndedOrderly(scan.result->rows, record));
  shard_.marks.Reach(shard_.ended_orderly ? Mark::kOrderlyEndSeen : Mark::kUncleanStart);
  QUORATE_RETURN_IF_ERROR(PutBegun(shard_.tick.batch, scan.result->rows, record));
  shard_.tick.durability = env::Durability::kAlways;
  shard_.life_began = shard_.clock.Now();
  Ask();
  return absl::OkStatus();
}

void Loader::Ask() {
  for (size_t i = 0; i < ranges_.size() && i < kLoadsAtOnce; ++i) {
    Range& range = ranges_[i];
    if (range.token != 0) continue;
    range.token = ++token_;
    const bool small = shard_.Fires(FaultPoint::kSmallPiece, range.token);
    storage_.Scan({range.begin, range.end, small ? 1 : shard_.options.limits.load_bytes},
                  env::ReadToken{range.token});
  }
  done_ = ranges_.empty();
}

absl::Status Loader::Take(const env::ScanDone& scan) {
  if (!shard_.clock.open()) return TakeLives(scan);
  const auto range = std::find_if(ranges_.begin(), ranges_.end(), [&](const Range& each) {
    return each.token == scan.token.value;
  });
  if (scan.token.value == 0 || range == ranges_.end()) return absl::OkStatus();
  if (!scan.result.ok()) return scan.result.status();
  const std::vector<env::Row>& rows = scan.result->rows;
  QUORATE_RETURN_IF_ERROR(TakeRows(sources_[range->source], rows));
  if (scan.result->complete || rows.empty()) {
    ranges_.erase(range);
  } else {
    range->begin = rows.back().key;
    range->begin.push_back('\0');  // the smallest key behind it
    range->token = 0;
  }
  Ask();
  return absl::OkStatus();
}

void Loader::Save(Bytes& out) const {
  PutVarint(out, ranges_.size());
  for (const Range& range : ranges_) {
    PutVarint(out, range.source);
    PutBlob(out, range.begin);
    PutBlob(out, range.end);
    PutVarint(out, range.token);
  }
  PutVarint(out, token_);
  PutVarint(out, rows_);
  PutBigEndian(out, static_cast<uint8_t>(done_));
}

absl::Status Loader::Load(ByteReader& reader, std::vector<Source> sources) {
  sources_ = std::move(sources);
  const uint64_t ranges = reader.Varint();
  for (uint64_t i = 0; i < ranges && reader.ok(); ++i) {
    Range range;
    range.source = reader.Varint();
    range.begin = reader.Blob();
    range.end = reader.Blob();
    range.token = reader.Varint();
    if (range.source >= sources_.size()) return DataLoss("shard state: a range of no pool");
    ranges_.push_back(std::move(range));
  }
  token_ = reader.Varint();
  rows_ = reader.Varint();
  done_ = reader.BigEndian<uint8_t>() != 0;
  return reader.ok() ? absl::OkStatus() : DataLoss("shard state: malformed ranges");
}

absl::Status Loader::TakeRows(const Source& source, const std::vector<env::Row>& rows) {
  // Rows of a pool without durability are those of its orderly end. They count once: after a crash
  // it is empty rather than old.
  const bool once = source.durability == env::Durability::kNone;
  for (const env::Row& row : rows) {
    if (once) {
      QUORATE_ASSIGN_OR_RETURN(const auto address, keyspace::Keyspace::AddressOf(row.key));
      if (!source.replica->OwnsPartition(address.place)) continue;  // its shard has yet to read it
      shard_.tick.batch.Delete(row.key);
      shard_.tick.durability = env::Durability::kAlways;
      if (!shard_.ended_orderly) continue;
    }
    QUORATE_RETURN_IF_ERROR(source.replica->keyspace().LoadRow(row.key, row.value));
  }
  rows_ += rows.size();
  return absl::OkStatus();
}

}  // namespace quorate::node
