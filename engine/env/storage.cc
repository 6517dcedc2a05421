// SPDX-License-Identifier: Apache-2.0
#include "engine/env/storage.h"

namespace quorate::env {

void WriteBatch::Put(std::string_view key, std::string_view value) {
  rep_.reserve(rep_.size() + 1 + 2 * kVarintBytesMax + key.size() + value.size());
  rep_.push_back(static_cast<char>(Op::kPut));
  PutBlob(rep_, key);
  PutBlob(rep_, value);
  ++operations_;
}

void WriteBatch::Delete(std::string_view key) {
  rep_.push_back(static_cast<char>(Op::kDelete));
  PutBlob(rep_, key);
  ++operations_;
}

absl::Status WriteBatch::Assign(std::string_view rep) {
  Clear();
  ByteReader reader(rep);
  size_t operations = 0;
  while (reader.ok() && !reader.AtEnd()) {
    const uint8_t op = reader.BigEndian<uint8_t>();
    if (op != static_cast<uint8_t>(Op::kPut) && op != static_cast<uint8_t>(Op::kDelete)) {
      return DataLoss("write batch: unknown operation");
    }
    reader.Blob();
    if (op == static_cast<uint8_t>(Op::kPut)) reader.Blob();
    ++operations;
  }
  if (!reader.ok()) return DataLoss("write batch: ends inside an operation");
  rep_ = rep;
  operations_ = operations;
  return absl::OkStatus();
}

absl::StatusOr<WriteBatch> WriteBatch::FromRep(std::string_view rep) {
  WriteBatch batch;
  QUORATE_RETURN_IF_ERROR(batch.Assign(rep));
  return batch;
}

}  // namespace quorate::env
