// SPDX-License-Identifier: Apache-2.0
// How long something takes, in buckets of powers of two microseconds: cheap enough for every tick.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace quorate::io {

struct LatencyHistogram {
  // Bucket i counts what took at most 2^i microseconds and more than bucket i - 1; the last one
  // takes everything above (more than a minute).
  static constexpr size_t kBuckets = 28;

  void Add(Duration duration) {
    const auto micros = static_cast<uint64_t>(std::max<int64_t>(0, duration.count()));
    const size_t width = micros <= 1 ? 0 : static_cast<size_t>(std::bit_width(micros - 1));
    ++buckets[std::min(width, kBuckets - 1)];
    ++count;
    sum_us += micros;
  }
  void Merge(const LatencyHistogram& other) {
    for (size_t i = 0; i < kBuckets; ++i) buckets[i] += other.buckets[i];
    count += other.count;
    sum_us += other.sum_us;
  }

  std::array<uint64_t, kBuckets> buckets{};
  uint64_t count = 0;
  uint64_t sum_us = 0;
};

}  // namespace quorate::io
