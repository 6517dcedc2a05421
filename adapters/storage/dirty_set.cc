// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/dirty_set.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "engine/base/check.h"

namespace quorate::storage {
namespace {

uint64_t BigEndianWord(std::string_view bytes) {
  uint64_t word = 0;
  char padded[sizeof(word)] = {};
  std::memcpy(padded, bytes.data(), std::min(bytes.size(), sizeof(padded)));
  for (const char byte : padded) word = word << 8 | static_cast<uint8_t>(byte);
  return word;
}

}  // namespace

DirtyRow::Pointer DirtyRow::Make(std::string_view key, size_t value_capacity) {
  void* block = ::operator new(sizeof(DirtyRow) + key.size() + value_capacity);
  Pointer row(new (block) DirtyRow(key.size(), value_capacity));
  if (!key.empty()) std::memcpy(row->Data(), key.data(), key.size());
  return row;
}

void DirtyRow::Free::operator()(DirtyRow* row) const {
  row->~DirtyRow();
  ::operator delete(row);
}

void DirtyRow::Assign(std::string_view value, bool deleted) {
  QUORATE_DCHECK(Fits(value.size()));
  if (!value.empty()) std::memcpy(Data() + key_size_, value.data(), value.size());
  value_size_ = value.size();
  deleted_ = deleted;
}

DirtySet::Prefix::Prefix(std::string_view key) {
  constexpr size_t kWord = sizeof(uint64_t);
  high = BigEndianWord(key);
  if (key.size() > kWord) low = BigEndianWord(key.substr(kWord));
}

void DirtySet::Apply(const env::WriteBatch& batch) {
  batch.ForEach([this](env::WriteBatch::Op op, std::string_view key, std::string_view value) {
    const Probe probe(key);
    auto slot = rows_.lower_bound(probe);
    if (slot == rows_.end() || slot->key() != key) {
      slot = rows_.insert(slot, {.prefix = probe.prefix, .row = DirtyRow::Make(key, value.size())});
    } else {
      bytes_ -= slot->row->bytes();
    }
    if (!slot->row->Fits(value.size())) slot->row = DirtyRow::Make(key, value.size());
    slot->row->Assign(value, op == env::WriteBatch::Op::kDelete);
    bytes_ += slot->row->bytes();
  });
}

const DirtyRow* DirtySet::Find(std::string_view key) const {
  const auto slot = rows_.find(Probe(key));
  return slot == rows_.end() ? nullptr : slot->row.get();
}

void DirtySet::EraseFirst(uint64_t count) {
  auto end = rows_.begin();
  for (uint64_t i = 0; i < count && end != rows_.end(); ++i, ++end) bytes_ -= end->row->bytes();
  rows_.erase(rows_.begin(), end);
}

}  // namespace quorate::storage
