// SPDX-License-Identifier: Apache-2.0
// Texts by number: equal texts have one number, numbers are given in order of first appearance, so
// that checkers compare and index integers. An own table with a fixed hash: no order of it shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quorate::sim::check {

using ValueId = uint32_t;

// No value: what a register holds before the first write.
inline constexpr ValueId kNil = 0;

class ValueTable {
 public:
  ValueTable() : entries_(1) {}

  // Requires: what is in the table stays below 4 GiB and 2^32 texts.
  ValueId Intern(std::string_view text);
  [[nodiscard]] std::optional<ValueId> Find(std::string_view text) const;
  // A view until the next Intern. Empty for kNil.
  [[nodiscard]] std::string_view text(ValueId id) const {
    const Entry& entry = entries_[id];
    return std::string_view(bytes_).substr(entry.offset, entry.length);
  }
  // One more than the highest number.
  [[nodiscard]] size_t size() const { return entries_.size(); }
  [[nodiscard]] size_t bytes() const { return bytes_.size() + entries_.size() * sizeof(Entry); }

 private:
  struct Entry {
    uint32_t offset = 0;
    uint32_t length = 0;
    uint64_t hash = 0;
  };
  // Where `text` is, or where it would be put. Requires: slots_ is not empty.
  [[nodiscard]] size_t SlotOf(std::string_view text, uint64_t hash) const;
  void Grow();

  std::string bytes_;
  std::vector<Entry> entries_;
  std::vector<ValueId> slots_;  // kNil where free; a power of two, at most half full
};

}  // namespace quorate::sim::check
