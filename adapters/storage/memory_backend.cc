// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/memory_backend.h"

#include <algorithm>
#include <cstring>

#include "adapters/storage/scan_collector.h"
#include "engine/hash/digest.h"

namespace quorate::storage {
namespace {

constexpr uint64_t kRowSeed = 0x726f7773;

uint64_t HashOf(std::string_view key) { return hash::Digest(key, kRowSeed); }

}  // namespace

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

void MemoryBackend::Row::Assign(std::string_view value) {
  const Sizes held = sizes();
  if (value.size() == held.value) {
    std::copy(value.begin(), value.end(), content_.get() + sizeof held + held.key);
  } else {
    content_ = New(key(), value);
  }
}

MemoryBackend& MemoryBackend::operator=(const MemoryBackend& other) {
  if (this == &other) return *this;
  sorted_.clear();
  rows_ = other.rows_;
  return *this;
}

absl::Status MemoryBackend::Commit(const env::WriteBatch& batch, bool /*sync*/) {
  batch.ForEach([this](env::WriteBatch::Op op, std::string_view key, std::string_view value) {
    const uint64_t hash = HashOf(key);
    Row* const held = rows_.Find(hash, [key](const Row& row) { return row.key() == key; });
    if (op == env::WriteBatch::Op::kPut && held != nullptr) return held->Assign(value);
    if (op == env::WriteBatch::Op::kDelete && held == nullptr) return;
    std::vector<const Row*>().swap(sorted_);
    if (held != nullptr) {
      rows_.Erase(held);
    } else {
      rows_.Add(hash, Row(key, value));
    }
  });
  return absl::OkStatus();
}

void MemoryBackend::FetchAhead(const env::WriteBatch& batch) const {
  batch.ForEach([this](env::WriteBatch::Op, std::string_view key, std::string_view) {
    rows_.FetchAhead(HashOf(key));
  });
}

absl::StatusOr<std::optional<Bytes>> MemoryBackend::Get(std::string_view key) {
  const Row* const held =
      rows_.Find(HashOf(key), [key](const Row& row) { return row.key() == key; });
  if (held == nullptr) return std::optional<Bytes>();
  return std::optional<Bytes>(held->value());
}

void MemoryBackend::Sort() {
  if (sorted_.size() == rows_.size()) return;
  sorted_.reserve(rows_.size());
  rows_.ForEach([this](const Row& row) { sorted_.push_back(&row); });
  std::sort(sorted_.begin(), sorted_.end(),
            [](const Row* a, const Row* b) { return a->key() < b->key(); });
}

absl::StatusOr<env::ScanResult> MemoryBackend::Scan(const env::ScanRequest& request) {
  Sort();
  ScanCollector collector(request.bytes_max);
  auto at = std::lower_bound(sorted_.begin(), sorted_.end(), request.begin,
                             [](const Row* row, std::string_view key) { return row->key() < key; });
  for (; at != sorted_.end(); ++at) {
    if (!request.end.empty() && (*at)->key() >= request.end) break;
    if (!collector.Add((*at)->key(), (*at)->value())) return collector.Finish(false);
  }
  return collector.Finish(true);
}

}  // namespace quorate::storage
