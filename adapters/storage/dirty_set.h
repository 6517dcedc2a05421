// SPDX-License-Identifier: Apache-2.0
// Rows that are in the journal and not yet in the checkpoint: the last write to each key.
//
// Every commit passes through here, with keys in random order over a set of a million rows, while
// their order is wanted once a round (and by scans, at a start). So the rows are found by a hash,
// lie in large blocks in the order in which they came, and are put in order when somebody asks.
// (An ordered tree took a sixth of a loaded node's processor time.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "adapters/storage/limits.h"
#include "engine/env/storage.h"

namespace quorate::storage {

// The last write to one key. Lies in a block of its set, followed by the key and room for a value;
// a value that outgrows the room, or is large, has an allocation of its own. Never moves.
class DirtyRow {
 public:
  [[nodiscard]] std::string_view key() const { return {Inside(), key_size_}; }
  [[nodiscard]] std::string_view value() const {
    return {apart_ != nullptr ? apart_ : Inside() + key_size_, value_size_};
  }
  [[nodiscard]] bool deleted() const { return deleted_; }
  // Asks for the header, the key and the beginning of a value inside.
  void Prefetch() const {
    __builtin_prefetch(this);
    __builtin_prefetch(reinterpret_cast<const char*>(this) + kLineBytes);
    __builtin_prefetch(reinterpret_cast<const char*>(this) + 2 * kLineBytes);
  }
  // Logical: the key, the room for values, and kDirtyRowOverhead.
  [[nodiscard]] uint64_t bytes() const {
    return uint64_t{key_size_} + room_ + apart_room_ + kDirtyRowOverhead;
  }

 private:
  friend class DirtySet;
  static constexpr size_t kLineBytes = 64;
  DirtyRow(std::string_view key, uint32_t room);
  void Assign(std::string_view value, bool deleted);
  void FreeApart();
  [[nodiscard]] const char* Inside() const { return reinterpret_cast<const char*>(this + 1); }
  [[nodiscard]] char* Inside() { return reinterpret_cast<char*>(this + 1); }

  char* apart_ = nullptr;  // owned; freed by the set
  uint32_t key_size_;
  uint32_t room_;  // behind the key
  uint32_t apart_room_ = 0;
  uint32_t value_size_ = 0;
  bool deleted_ = false;
};

class DirtySet {
 public:
  // A row with the first 8 bytes of its key, padded with zeros, as a number: it decides most
  // comparisons without a look at the row.
  struct Entry {
    uint64_t prefix = 0;
    const DirtyRow* row = nullptr;
    [[nodiscard]] std::string_view key() const { return row->key(); }
    void Prefetch() const { row->Prefetch(); }
  };
  using Entries = std::vector<Entry>;

  // The hash of the keys is seeded: clients choose keys, and must not know which ones collide.
  explicit DirtySet(uint64_t seed) : seed_(seed) {}
  DirtySet(DirtySet&& other) noexcept;
  DirtySet& operator=(DirtySet&& other) noexcept;
  ~DirtySet() { Clear(); }

  void Apply(const env::WriteBatch& batch);
  // The row of the key, or null if this set does not know it. Valid until the next change.
  [[nodiscard]] const DirtyRow* Find(std::string_view key) const;
  // All rows in key order. Valid until the next Apply. Sorts what came since the last call.
  const Entries& Sorted();
  [[nodiscard]] static Entries::const_iterator LowerBound(const Entries& entries,
                                                          std::string_view key);

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] size_t size() const { return size_; }
  // The sum of DirtyRow::bytes.
  [[nodiscard]] uint64_t bytes() const { return bytes_; }
  // No more than this is added by Apply.
  [[nodiscard]] static uint64_t BytesOf(const env::WriteBatch& batch) {
    return batch.rep().size() + batch.operations() * kDirtyRowOverhead;
  }
  // Room for so many rows without another growth of the index.
  void Reserve(size_t rows);
  void Clear();

 private:
  struct Slot {
    uint64_t hash = 0;
    DirtyRow* row = nullptr;  // null: free
  };
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size = 0;
    size_t used = 0;
  };
  struct Operation {
    uint64_t hash = 0;
    std::string_view key;
    std::string_view value;
    bool deleted = false;
  };
  void ApplyGroup(const Operation* group, size_t count);
  void Rehash(size_t slots);
  // The slot that holds the key, or the free one where it belongs. Requires: a free slot.
  [[nodiscard]] size_t SlotOf(uint64_t hash, std::string_view key) const;
  DirtyRow* NewRow(std::string_view key, size_t value_size);
  void Collect();

  uint64_t seed_;
  std::vector<Slot> slots_;  // a power of two, or none
  size_t size_ = 0;
  uint64_t bytes_ = 0;
  std::vector<Block> blocks_;
  bool values_apart_ = false;  // some row has its value apart
  Entries sorted_;
  size_t collected_block_ = 0;  // rows before here are in `sorted_`
  size_t collected_offset_ = 0;
};

}  // namespace quorate::storage
