// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/memory_backend.h"

#include "adapters/storage/scan_collector.h"

namespace quorate::storage {

// Bytes that are not there count as 0: keys of which one begins the other may have equal numbers,
// never numbers of the other order.
uint64_t MemoryBackend::Prefix::Word(std::string_view key, size_t from) {
  uint64_t word = 0;
  if (key.size() >= from + sizeof word) {
    for (size_t i = 0; i < sizeof word; ++i) {
      word = word << 8 | static_cast<unsigned char>(key[from + i]);
    }
    return word;
  }
  for (size_t i = from; i < from + sizeof word; ++i) {
    word = word << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0u);
  }
  return word;
}

absl::Status MemoryBackend::Commit(const env::WriteBatch& batch, bool /*sync*/) {
  batch.ForEach([this](env::WriteBatch::Op op, std::string_view key, std::string_view value) {
    const Key<std::string_view> wanted(key);
    const auto row = rows_.lower_bound(wanted);
    const bool found = row != rows_.end() && row->first.text == key;
    if (op == env::WriteBatch::Op::kDelete) {
      if (found) rows_.erase(row);
    } else if (found) {
      row->second = value;
    } else {
      rows_.emplace_hint(row, Key<Bytes>(key), Bytes(value));
    }
  });
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Bytes>> MemoryBackend::Get(std::string_view key) {
  const auto row = rows_.find(Key<std::string_view>(key));
  if (row == rows_.end()) return std::optional<Bytes>();
  return std::optional<Bytes>(row->second);
}

absl::StatusOr<env::ScanResult> MemoryBackend::Scan(const env::ScanRequest& request) {
  ScanCollector collector(request.bytes_max);
  for (auto row = rows_.lower_bound(Key<std::string_view>(request.begin)); row != rows_.end();
       ++row) {
    if (!request.end.empty() && row->first.text >= request.end) break;
    if (!collector.Add(row->first.text, row->second)) return collector.Finish(false);
  }
  return collector.Finish(true);
}

}  // namespace quorate::storage
