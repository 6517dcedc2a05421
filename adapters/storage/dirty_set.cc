// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/dirty_set.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <new>
#include <utility>

#include "engine/base/check.h"
#include "engine/hash/digest.h"

namespace quorate::storage {
namespace {

// Operations whose slots and rows are fetched together, so that their cache misses overlap.
constexpr size_t kGroup = 16;
constexpr size_t kSlotsMin = 64;

uint64_t PrefixOf(std::string_view key) {
  uint64_t word = 0;
  char padded[sizeof(word)] = {};
  std::memcpy(padded, key.data(), std::min(key.size(), sizeof(padded)));
  for (const char byte : padded) word = word << 8 | static_cast<uint8_t>(byte);
  return word;
}

bool Before(const DirtySet::Entry& a, const DirtySet::Entry& b) {
  return a.prefix == b.prefix ? a.key() < b.key() : a.prefix < b.prefix;
}

size_t RowSize(size_t key_size, size_t room) {
  constexpr size_t kUnit = alignof(DirtyRow);
  return (sizeof(DirtyRow) + key_size + room + kUnit - 1) / kUnit * kUnit;
}

}  // namespace

DirtyRow::DirtyRow(std::string_view key, uint32_t room)
    : key_size_(static_cast<uint32_t>(key.size())), room_(room) {
  if (!key.empty()) std::memcpy(Inside(), key.data(), key.size());
}

void DirtyRow::FreeApart() {
  ::operator delete(apart_);
  apart_ = nullptr;
  apart_room_ = 0;
}

void DirtyRow::Assign(std::string_view value, bool deleted) {
  // Memory in use follows the logical bytes: a value that shrank much gets a smaller place.
  const bool fits_apart = apart_ != nullptr && value.size() <= apart_room_ &&
                          apart_room_ / 2 <= value.size() + kDirtyRowOverhead;
  if (value.size() <= room_) {
    if (apart_ != nullptr) FreeApart();
  } else if (!fits_apart) {
    if (apart_ != nullptr) FreeApart();
    apart_ = static_cast<char*>(::operator new(value.size()));
    apart_room_ = static_cast<uint32_t>(value.size());
  }
  if (!value.empty()) {
    std::memcpy(apart_ != nullptr ? apart_ : Inside() + key_size_, value.data(), value.size());
  }
  value_size_ = static_cast<uint32_t>(value.size());
  deleted_ = deleted;
}

DirtySet::DirtySet(DirtySet&& other) noexcept
    : seed_(other.seed_),
      slots_(std::move(other.slots_)),
      size_(std::exchange(other.size_, 0)),
      bytes_(std::exchange(other.bytes_, 0)),
      blocks_(std::move(other.blocks_)),
      values_apart_(std::exchange(other.values_apart_, false)),
      sorted_(std::move(other.sorted_)),
      collected_block_(std::exchange(other.collected_block_, 0)),
      collected_offset_(std::exchange(other.collected_offset_, 0)) {
  other.Clear();
}

DirtySet& DirtySet::operator=(DirtySet&& other) noexcept {
  if (this == &other) return *this;
  Clear();
  seed_ = other.seed_;
  slots_.swap(other.slots_);
  blocks_.swap(other.blocks_);
  sorted_.swap(other.sorted_);
  std::swap(size_, other.size_);
  std::swap(bytes_, other.bytes_);
  std::swap(values_apart_, other.values_apart_);
  std::swap(collected_block_, other.collected_block_);
  std::swap(collected_offset_, other.collected_offset_);
  return *this;
}

void DirtySet::Clear() {
  if (values_apart_) {
    for (const Slot& slot : slots_) {
      if (slot.row != nullptr && slot.row->apart_ != nullptr) slot.row->FreeApart();
    }
  }
  slots_ = std::vector<Slot>();
  size_ = 0;
  bytes_ = 0;
  blocks_ = std::vector<Block>();
  values_apart_ = false;
  sorted_ = Entries();
  collected_block_ = 0;
  collected_offset_ = 0;
}

size_t DirtySet::SlotOf(uint64_t hash, std::string_view key) const {
  const size_t mask = slots_.size() - 1;
  size_t at = static_cast<size_t>(hash) & mask;
  while (slots_[at].row != nullptr) {
    if (slots_[at].hash == hash && slots_[at].row->key() == key) break;
    at = (at + 1) & mask;
  }
  return at;
}

void DirtySet::Reserve(size_t rows) {
  size_t slots = std::max(slots_.size(), kSlotsMin);
  while (rows > slots / 4 * 3) slots *= 2;
  if (slots != slots_.size()) Rehash(slots);
}

void DirtySet::Rehash(size_t slots) {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
  for (const Slot& slot : old) {
    if (slot.row == nullptr) continue;
    size_t at = static_cast<size_t>(slot.hash) & (slots - 1);
    while (slots_[at].row != nullptr) at = (at + 1) & (slots - 1);
    slots_[at] = slot;
  }
}

DirtyRow* DirtySet::NewRow(std::string_view key, size_t value_size) {
  const size_t room = value_size <= kDirtyValueInsideMax ? value_size : 0;
  const size_t size = RowSize(key.size(), room);
  if (blocks_.empty() || blocks_.back().size - blocks_.back().used < size) {
    const size_t doubled = blocks_.empty() ? kDirtyBlockBytesMin : blocks_.back().size * 2;
    const size_t block = std::max(std::min(doubled, kDirtyBlockBytesMax), size);
    blocks_.push_back({std::unique_ptr<char[]>(new char[block]), block, 0});
  }
  Block& block = blocks_.back();
  void* const place = block.bytes.get() + block.used;
  block.used += size;
  return new (place) DirtyRow(key, static_cast<uint32_t>(room));
}

void DirtySet::Apply(const env::WriteBatch& batch) {
  std::array<Operation, kGroup> group;
  size_t count = 0;
  batch.ForEach([&](env::WriteBatch::Op op, std::string_view key, std::string_view value) {
    group[count++] = {hash::Digest(key, seed_), key, value, op == env::WriteBatch::Op::kDelete};
    if (count < kGroup) return;
    ApplyGroup(group.data(), count);
    count = 0;
  });
  ApplyGroup(group.data(), count);
}

void DirtySet::ApplyGroup(const Operation* group, size_t count) {
  Reserve(size_ + count);
  const size_t mask = slots_.size() - 1;
  for (size_t i = 0; i < count; ++i) __builtin_prefetch(&slots_[group[i].hash & mask]);
  for (size_t i = 0; i < count; ++i) {
    const Slot& slot = slots_[group[i].hash & mask];
    if (slot.row != nullptr) slot.row->Prefetch();
  }
  for (size_t i = 0; i < count; ++i) {
    const Operation& operation = group[i];
    QUORATE_CHECK(operation.key.size() <= std::numeric_limits<uint32_t>::max());
    QUORATE_CHECK(operation.value.size() <= std::numeric_limits<uint32_t>::max());
    Slot& slot = slots_[SlotOf(operation.hash, operation.key)];
    if (slot.row == nullptr) {
      slot = {operation.hash, NewRow(operation.key, operation.value.size())};
      ++size_;
    } else {
      bytes_ -= slot.row->bytes();
    }
    slot.row->Assign(operation.value, operation.deleted);
    values_apart_ = values_apart_ || slot.row->apart_ != nullptr;
    bytes_ += slot.row->bytes();
  }
}

const DirtyRow* DirtySet::Find(std::string_view key) const {
  return size_ == 0 ? nullptr : slots_[SlotOf(hash::Digest(key, seed_), key)].row;
}

// Appends to `sorted_` the rows that are not there.
void DirtySet::Collect() {
  sorted_.reserve(size_);
  for (; collected_block_ < blocks_.size(); ++collected_block_, collected_offset_ = 0) {
    const Block& block = blocks_[collected_block_];
    while (collected_offset_ < block.used) {
      const auto* row =
          std::launder(reinterpret_cast<const DirtyRow*>(block.bytes.get() + collected_offset_));
      sorted_.push_back({PrefixOf(row->key()), row});
      collected_offset_ += RowSize(row->key_size_, row->room_);
    }
    if (collected_block_ + 1 == blocks_.size()) return;  // more may come into the last one
  }
}

const DirtySet::Entries& DirtySet::Sorted() {
  if (sorted_.size() == size_) return sorted_;
  const auto before = static_cast<std::ptrdiff_t>(sorted_.size());
  Collect();
  QUORATE_CHECK(sorted_.size() == size_);
  std::sort(sorted_.begin() + before, sorted_.end(), Before);
  std::inplace_merge(sorted_.begin(), sorted_.begin() + before, sorted_.end(), Before);
  return sorted_;
}

DirtySet::Entries::const_iterator DirtySet::LowerBound(const Entries& entries,
                                                       std::string_view key) {
  const uint64_t prefix = PrefixOf(key);
  return std::lower_bound(
      entries.begin(), entries.end(), key, [prefix](const Entry& entry, std::string_view wanted) {
        return entry.prefix == prefix ? entry.key() < wanted : entry.prefix < prefix;
      });
}

}  // namespace quorate::storage
