// SPDX-License-Identifier: Apache-2.0
// Latencies counted in buckets whose width grows with the value: 64 per power of two, so a quantile
// is right to 1.6 %, whatever the range, in a fixed 30 KiB.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace quorate::bench {

class Histogram {
 public:
  void Add(uint64_t value, uint64_t times) {
    counts_[BucketOf(value)] += times;
    total_ += times;
    max_ = std::max(max_, value);
  }

  // The smallest value that at least `share` of all are not above; 0 where there are none.
  [[nodiscard]] uint64_t Quantile(double share) const {
    if (share >= 1.0) return max_;
    const auto wanted = static_cast<uint64_t>(share * static_cast<double>(total_));
    uint64_t seen = 0;
    for (size_t bucket = 0; bucket < kBuckets; ++bucket) {
      seen += counts_[bucket];
      if (seen > wanted) return std::min(max_, HighestOf(bucket));
    }
    return max_;
  }

 private:
  static constexpr int kSubBits = 6;
  static constexpr size_t kSub = size_t{1} << kSubBits;
  static constexpr size_t kBuckets = (64 - kSubBits + 1) * kSub;

  // Values below kSub have a bucket each. Above, the bits behind the leading one choose among kSub.
  static size_t BucketOf(uint64_t value) {
    if (value < kSub) return static_cast<size_t>(value);
    const int shift = static_cast<int>(std::bit_width(value)) - 1 - kSubBits;
    const auto sub = static_cast<size_t>(value >> shift) - kSub;
    return (static_cast<size_t>(shift) + 1) * kSub + sub;
  }

  static uint64_t HighestOf(size_t bucket) {
    if (bucket < kSub) return bucket;
    const size_t shift = bucket / kSub - 1;
    return ((kSub + bucket % kSub + 1) << shift) - 1;
  }

  std::array<uint64_t, kBuckets> counts_{};
  uint64_t total_ = 0;
  uint64_t max_ = 0;
};

}  // namespace quorate::bench
