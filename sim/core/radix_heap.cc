// SPDX-License-Identifier: Apache-2.0
#include "sim/core/radix_heap.h"

#include <algorithm>

namespace quorate::sim {

const RadixHeap::Entry* RadixHeap::Likely() const {
  if (size_ == 0) return nullptr;
  const size_t level = LowestLevel();
  const std::vector<Entry>& bucket = buckets_[LowestOf(level)];
  if (level == 0) return &bucket[head_];
  if (bucket.size() > kLikelyMax) return nullptr;
  return &*std::min_element(bucket.begin(), bucket.end(),
                            [](const Entry& a, const Entry& b) { return a.time < b.time; });
}

void RadixHeap::Refill() {
  QUORATE_CHECK(size_ > 0);
  for (size_t level = LowestLevel(); level > 0; level = LowestLevel()) {
    std::vector<Entry>& bucket = buckets_[LowestOf(level)];
    filled_[level] &= filled_[level] - 1;
    // The first moment of the bucket: all that it holds shares this digit and those above it now,
    // so it goes to lower levels.
    const size_t below = level * kDigitBits;
    now_ = bucket.front().time >> below << below;
    for (const Entry& entry : bucket) Put(entry);
    bucket.clear();
  }
}

}  // namespace quorate::sim
