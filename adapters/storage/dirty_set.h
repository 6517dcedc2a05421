// SPDX-License-Identifier: Apache-2.0
// Rows that are in the journal and not yet in the checkpoint: the last write to each key, in key
// order.
//
// Every commit passes through here, with keys in random order over a set of a million rows: so a
// row is one allocation, and the tree's slots hold the first bytes of their keys, which decide most
// comparisons without a look at the row. (A std::map of strings took three allocations and twice
// the time.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/container/btree_set.h"
#include "adapters/storage/limits.h"
#include "engine/env/storage.h"

namespace quorate::storage {

// The last write to one key. Made by DirtySet, in one block: this header, the key, the value.
class DirtyRow {
 public:
  struct Free {
    void operator()(DirtyRow* row) const;
  };
  using Pointer = std::unique_ptr<DirtyRow, Free>;

  static Pointer Make(std::string_view key, size_t value_capacity);
  // Whether a value of this size fits in what Make reserved without wasting much of it: memory in
  // use follows the logical bytes.
  [[nodiscard]] bool Fits(size_t value_size) const {
    return value_size <= value_capacity_ && value_capacity_ / 2 <= value_size + kDirtyRowOverhead;
  }
  // Requires: Fits(value.size()).
  void Assign(std::string_view value, bool deleted);

  [[nodiscard]] std::string_view key() const { return {Data(), key_size_}; }
  [[nodiscard]] std::string_view value() const { return {Data() + key_size_, value_size_}; }
  [[nodiscard]] bool deleted() const { return deleted_; }
  // Logical: key, value and kDirtyRowOverhead.
  [[nodiscard]] uint64_t bytes() const { return key_size_ + value_size_ + kDirtyRowOverhead; }

 private:
  DirtyRow(size_t key_size, size_t value_capacity)
      : key_size_(key_size), value_capacity_(value_capacity) {}
  [[nodiscard]] const char* Data() const { return reinterpret_cast<const char*>(this + 1); }
  [[nodiscard]] char* Data() { return reinterpret_cast<char*>(this + 1); }

  size_t key_size_;
  size_t value_capacity_;
  size_t value_size_ = 0;
  bool deleted_ = false;
};

class DirtySet {
 public:
  // The first 16 bytes of a key, padded with zeros, as a number: orders as the keys do, ties apart.
  struct Prefix {
    uint64_t high = 0;
    uint64_t low = 0;
    explicit Prefix(std::string_view key);
    friend auto operator<=>(const Prefix&, const Prefix&) = default;
  };
  struct Probe {
    Prefix prefix;
    std::string_view key;
    explicit Probe(std::string_view text) : prefix(text), key(text) {}
  };
  struct Slot {
    Prefix prefix;
    mutable DirtyRow::Pointer row;  // replaced only by a row of the same key
    [[nodiscard]] std::string_view key() const { return row->key(); }
  };
  struct Less {
    using is_transparent = void;
    bool operator()(const Slot& a, const Slot& b) const {
      return Before(a.prefix, a.key(), b.prefix, b.key());
    }
    bool operator()(const Slot& a, const Probe& b) const {
      return Before(a.prefix, a.key(), b.prefix, b.key);
    }
    bool operator()(const Probe& a, const Slot& b) const {
      return Before(a.prefix, a.key, b.prefix, b.key());
    }

   private:
    static bool Before(const Prefix& a, std::string_view a_key, const Prefix& b,
                       std::string_view b_key) {
      return a == b ? a_key < b_key : a < b;
    }
  };
  using Rows = absl::btree_set<Slot, Less>;

  void Apply(const env::WriteBatch& batch);
  // The row of the key, or null if this set does not know it. Valid until the next change.
  [[nodiscard]] const DirtyRow* Find(std::string_view key) const;
  [[nodiscard]] const Rows& rows() const { return rows_; }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  // The sum of DirtyRow::bytes.
  [[nodiscard]] uint64_t bytes() const { return bytes_; }
  // No more than this is added by Apply.
  [[nodiscard]] static uint64_t BytesOf(const env::WriteBatch& batch) {
    return batch.rep().size() + batch.operations() * kDirtyRowOverhead;
  }
  // Forgets the first `count` rows.
  void EraseFirst(uint64_t count);

 private:
  Rows rows_;
  uint64_t bytes_ = 0;
};

}  // namespace quorate::storage
