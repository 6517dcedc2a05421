// SPDX-License-Identifier: Apache-2.0
#include "engine/env/storage.h"

namespace quorate::env {

void WriteBatch::Put(std::string_view key, std::string_view value) {
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

absl::StatusOr<WriteBatch> WriteBatch::FromRep(std::string_view rep) {
  WriteBatch batch;
  ByteReader reader(rep);
  while (reader.ok() && !reader.AtEnd()) {
    const uint8_t op = reader.BigEndian<uint8_t>();
    if (op != static_cast<uint8_t>(Op::kPut) && op != static_cast<uint8_t>(Op::kDelete)) {
      return DataLoss("write batch: unknown operation");
    }
    reader.Blob();
    if (op == static_cast<uint8_t>(Op::kPut)) reader.Blob();
    ++batch.operations_;
  }
  if (!reader.ok()) return DataLoss("write batch: ends inside an operation");
  batch.rep_ = rep;
  return batch;
}

}  // namespace quorate::env
