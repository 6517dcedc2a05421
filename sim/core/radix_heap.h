// SPDX-License-Identifier: Apache-2.0
// A monotone priority queue: what is pushed is never before what was last popped, as in any
// simulation of time. Then an entry can wait by the highest digit in which its time differs from
// the present, in the bucket of that digit's value: a pop takes from the lowest bucket of level 0,
// and where that level is empty spreads the lowest bucket of the lowest level that is not over the
// levels below it. Each entry moves at most once a level, in streams, so the cost is flat in the
// number of entries. [Ahuja, Mehlhorn, Orlin, Tarjan 1990]
//
// Entries of equal time leave in the order in which they came: they always share a bucket, and
// spreading keeps the order within one.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/check.h"

namespace quorate::sim {

class RadixHeap {
 public:
  struct Entry {
    uint64_t time = 0;
    uint64_t slot = 0;  // whatever the owner keeps
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  static_assert(sizeof(Entry) == 16);

  // Requires: entry.time >= the time of the last Pop.
  void Push(const Entry& entry) {
    QUORATE_CHECK(entry.time >= now_);
    Put(entry);
    ++size_;
  }

  // Requires: !empty().
  Entry Pop() {
    if (filled_[0] == 0) Refill();
    std::vector<Entry>& bucket = buckets_[LowestOf(0)];
    const Entry entry = bucket[head_++];
    if (head_ == bucket.size()) {
      bucket.clear();
      head_ = 0;
      filled_[0] &= filled_[0] - 1;
    }
    now_ = entry.time;
    --size_;
    return entry;
  }

  // An entry that may well be the next, for fetching what it needs: pushes may still come before
  // it. Null where it would take a search.
  [[nodiscard]] const Entry* Likely() const;

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  static constexpr size_t kDigitBits = 6;
  static constexpr size_t kDigits = size_t{1} << kDigitBits;
  static constexpr size_t kLevels = (64 + kDigitBits - 1) / kDigitBits;
  static constexpr size_t kLikelyMax = 16;  // entries that Likely compares

  void Put(const Entry& entry) {
    const uint64_t differing = entry.time ^ now_;
    const size_t level =
        differing == 0 ? 0 : (static_cast<size_t>(std::bit_width(differing)) - 1) / kDigitBits;
    const size_t digit = static_cast<size_t>(entry.time >> (level * kDigitBits)) % kDigits;
    buckets_[level * kDigits + digit].push_back(entry);
    filled_[level] |= uint64_t{1} << digit;
  }
  // Of a level that is not empty.
  [[nodiscard]] size_t LowestOf(size_t level) const {
    return level * kDigits + static_cast<size_t>(std::countr_zero(filled_[level]));
  }
  [[nodiscard]] size_t LowestLevel() const {
    size_t level = 0;
    while (filled_[level] == 0) ++level;
    return level;
  }
  // Brings what comes next to level 0.
  void Refill();

  std::array<uint64_t, kLevels> filled_{};  // a bit for each bucket that holds something
  std::array<std::vector<Entry>, kLevels * kDigits> buckets_;
  size_t head_ = 0;  // entries of the lowest bucket of level 0 that have left
  size_t size_ = 0;
  uint64_t now_ = 0;  // not after anything that is held
};

}  // namespace quorate::sim
