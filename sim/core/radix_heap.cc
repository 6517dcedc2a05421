// SPDX-License-Identifier: Apache-2.0
#include "sim/core/radix_heap.h"

#include <algorithm>

namespace quorate::sim {

void RadixHeap::Refill() {
  QUORATE_CHECK(size_ > 0);
  if (head_ < buckets_[0].size()) return;
  buckets_[0].clear();
  head_ = 0;
  size_t lowest = 1;
  while (buckets_[lowest].empty()) ++lowest;
  std::vector<Entry>& source = buckets_[lowest];
  last_ = std::min_element(source.begin(), source.end(), [](const Entry& a, const Entry& b) {
            return a.time < b.time;
          })->time;
  // Every entry goes to a lower bucket, since it now shares the highest differing bit with last_.
  for (const Entry& entry : source) buckets_[BucketOf(entry.time)].push_back(entry);
  source.clear();
}

}  // namespace quorate::sim
