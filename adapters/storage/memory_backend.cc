// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/memory_backend.h"

#include <algorithm>
#include <cstring>

#include "adapters/storage/scan_collector.h"

namespace quorate::storage {

// Bytes that are not there count as 0: keys of which one begins the other may have equal numbers,
// never numbers of the other order.
uint64_t MemoryBackend::PrefixOf(std::string_view key) {
  uint64_t prefix = 0;
  for (size_t i = 0; i < sizeof prefix; ++i) {
    prefix = prefix << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0u);
  }
  return prefix;
}

std::unique_ptr<char[]> MemoryBackend::Row::New(std::string_view key, std::string_view value) {
  auto content = std::make_unique_for_overwrite<char[]>(sizeof(Sizes) + key.size() + value.size());
  const Sizes sizes{static_cast<uint32_t>(key.size()), static_cast<uint32_t>(value.size())};
  std::memcpy(content.get(), &sizes, sizeof sizes);
  char* const bytes = std::copy(key.begin(), key.end(), content.get() + sizeof sizes);
  std::copy(value.begin(), value.end(), bytes);
  return content;
}

MemoryBackend::Row::Sizes MemoryBackend::Row::sizes() const {
  Sizes sizes;
  std::memcpy(&sizes, content_.get(), sizeof sizes);
  return sizes;
}

void MemoryBackend::Row::Assign(std::string_view value) const {
  const Sizes held = sizes();
  if (value.size() == held.value) {
    std::copy(value.begin(), value.end(), content_.get() + sizeof held + held.key);
  } else {
    content_ = New(key(), value);
  }
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
