// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/memory_backend.h"

#include "adapters/storage/scan_collector.h"

namespace quorate::storage {

absl::Status MemoryBackend::Commit(const env::WriteBatch& batch, bool /*sync*/) {
  batch.ForEach([this](env::WriteBatch::Op op, std::string_view key, std::string_view value) {
    const auto row = rows_.lower_bound(key);
    const bool found = row != rows_.end() && row->first == key;
    if (op == env::WriteBatch::Op::kDelete) {
      if (found) rows_.erase(row);
    } else if (found) {
      row->second = value;
    } else {
      rows_.emplace_hint(row, key, value);
    }
  });
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Bytes>> MemoryBackend::Get(std::string_view key) {
  const auto row = rows_.find(key);
  if (row == rows_.end()) return std::optional<Bytes>();
  return std::optional<Bytes>(row->second);
}

absl::StatusOr<env::ScanResult> MemoryBackend::Scan(const env::ScanRequest& request) {
  ScanCollector collector(request.bytes_max);
  for (auto row = rows_.lower_bound(request.begin); row != rows_.end(); ++row) {
    if (!request.end.empty() && row->first >= request.end) break;
    if (!collector.Add(row->first, row->second)) return collector.Finish(false);
  }
  return collector.Finish(true);
}

}  // namespace quorate::storage
