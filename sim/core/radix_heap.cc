// SPDX-License-Identifier: Apache-2.0
#include "sim/core/radix_heap.h"

#include <algorithm>

namespace quorate::sim {
namespace {

bool IsBefore(const RadixHeap::Entry& a, const RadixHeap::Entry& b) { return a.time < b.time; }

}  // namespace

const RadixHeap::Entry* RadixHeap::Likely() const {
  if (head_ < buckets_[0].size()) return &buckets_[0][head_];
  if (size_ == 0) return nullptr;
  size_t lowest = 1;
  while (buckets_[lowest].empty()) ++lowest;
  const std::vector<Entry>& source = buckets_[lowest];
  if (source.size() > kLikelyMax) return nullptr;
  return &*std::min_element(source.begin(), source.end(), IsBefore);
}

void RadixHeap::Refill() {
  QUORATE_CHECK(size_ > 0);
  if (head_ < buckets_[0].size()) return;
  buckets_[0].clear();
  head_ = 0;
  size_t lowest = 1;
  while (buckets_[lowest].empty()) ++lowest;
  std::vector<Entry>& source = buckets_[lowest];
  last_ = std::min_element(source.begin(), source.end(), IsBefore)->time;
  // Every entry goes to a lower bucket, since it now shares the highest differing bit with last_.
  for (const Entry& entry : source) buckets_[BucketOf(entry.time)].push_back(entry);
  source.clear();
}

}  // namespace quorate::sim
