// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/memory_backend.h"

#include <algorithm>
#include <utility>

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

MemoryBackend::Row::Row(const Key& key, std::string_view value)
    : prefix(key.prefix),
      content_(std::make_unique_for_overwrite<char[]>(key.bytes.size() + value.size())),
      key_size_(static_cast<uint32_t>(key.bytes.size())),
      value_size_(static_cast<uint32_t>(value.size())) {
  std::copy(key.bytes.begin(), key.bytes.end(), content_.get());
  std::copy(value.begin(), value.end(), content_.get() + key_size_);
}

void MemoryBackend::Row::Assign(std::string_view value) const {
  if (value.size() != value_size_) {
    auto larger = std::make_unique_for_overwrite<char[]>(key_size_ + value.size());
    std::copy(content_.get(), content_.get() + key_size_, larger.get());
    content_ = std::move(larger);
    value_size_ = static_cast<uint32_t>(value.size());
  }
  std::copy(value.begin(), value.end(), content_.get() + key_size_);
}

absl::Status MemoryBackend::Commit(const env::WriteBatch& batch, bool /*sync*/) {
  batch.ForEach([this](env::WriteBatch::Op op, std::string_view name, std::string_view value) {
    const Key key(name);
    const auto at = rows_.lower_bound(key);
    const bool found = at != rows_.end() && at->key() == name;
    if (op == env::WriteBatch::Op::kDelete) {
      if (found) rows_.erase(at);
    } else if (found) {
      at->Assign(value);
    } else {
      rows_.emplace_hint(at, key, value);
    }
  });
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Bytes>> MemoryBackend::Get(std::string_view key) {
  const auto at = rows_.find(Key(key));
  if (at == rows_.end()) return std::optional<Bytes>();
  return std::optional<Bytes>(at->value());
}

absl::StatusOr<env::ScanResult> MemoryBackend::Scan(const env::ScanRequest& request) {
  ScanCollector collector(request.bytes_max);
  for (auto at = rows_.lower_bound(Key(request.begin)); at != rows_.end(); ++at) {
    if (!request.end.empty() && at->key() >= request.end) break;
    if (!collector.Add(at->key(), at->value())) return collector.Finish(false);
  }
  return collector.Finish(true);
}

}  // namespace quorate::storage
