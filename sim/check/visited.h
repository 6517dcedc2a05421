// SPDX-License-Identifier: Apache-2.0
// The configurations that a search has been at. One that needed more of the operations which need
// not happen is no better than one that needed fewer and is equal otherwise, so it counts as
// visited, too. An own table with a fixed hash: no order of it shows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace quorate::sim::check {

class Visited {
 public:
  // A configuration is `exact` words, compared whole, and then `optional` words of bits.
  Visited(size_t exact, size_t optional);

  // False if one at least as good was added before. `comparisons` counts what was looked at.
  bool Add(std::span<const uint64_t> configuration, uint64_t& comparisons);
  [[nodiscard]] size_t bytes() const {
    return records_.size() * sizeof(uint64_t) + (next_.size() + heads_.size()) * sizeof(uint32_t);
  }

 private:
  [[nodiscard]] size_t BucketOf(const uint64_t* configuration) const;
  [[nodiscard]] bool AsGood(const uint64_t* old, const uint64_t* fresh) const;
  void Grow();

  const size_t exact_;
  const size_t width_;
  std::vector<uint64_t> records_;  // width_ words each
  std::vector<uint32_t> next_;   // by record, in its bucket; one more than the record, 0 at the end
  std::vector<uint32_t> heads_;  // by bucket, the same
};

}  // namespace quorate::sim::check
