// SPDX-License-Identifier: Apache-2.0
// A monotone priority queue: what is pushed is never before what was last popped, as in any
// simulation of time. Then entries can wait in 65 buckets by the highest bit in which their time
// differs from the last popped one; a pop takes from bucket 0, and where that is empty spreads the
// lowest bucket over the ones below it. Each entry moves at most 64 times, in streams, so the cost
// is flat in the number of entries. [Ahuja, Mehlhorn, Orlin, Tarjan 1990]
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
    QUORATE_CHECK(entry.time >= last_);
    buckets_[BucketOf(entry.time)].push_back(entry);
    ++size_;
  }

  // Requires: !empty().
  Entry Pop() {
    Refill();
    const Entry entry = buckets_[0][head_++];
    --size_;
    return entry;
  }
  // The time of the next entry. Requires: !empty().
  [[nodiscard]] uint64_t NextTime() {
    Refill();
    return buckets_[0][head_].time;
  }

  // An entry that may well be the next, for fetching what it needs: pushes may still come before
  // it. Null where it would take a search.
  [[nodiscard]] const Entry* Likely() const;

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  [[nodiscard]] size_t BucketOf(uint64_t time) const {
    return static_cast<size_t>(std::bit_width(time ^ last_));
  }
  // Makes bucket 0 hold the next entry. All entries of bucket 0 have the time `last_`.
  void Refill();

  static constexpr size_t kLikelyMax = 16;  // entries that Likely compares
  std::array<std::vector<Entry>, 65> buckets_;
  size_t head_ = 0;  // entries of bucket 0 before it have left
  size_t size_ = 0;
  uint64_t last_ = 0;
};

}  // namespace quorate::sim
