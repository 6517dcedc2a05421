// SPDX-License-Identifier: Apache-2.0
#include "sim/check/visited.h"

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace quorate::sim::check {
namespace {

constexpr size_t kFirstBuckets = 64;

}  // namespace

Visited::Visited(size_t exact, size_t optional)
    : exact_(exact), width_(exact + optional), heads_(kFirstBuckets, 0) {}

size_t Visited::BucketOf(const uint64_t* configuration) const {
  uint64_t hash = 0;
  for (size_t i = 0; i < exact_; ++i) hash = Mix(hash + i, configuration[i]);
  return (hash ^ hash >> 32) & (heads_.size() - 1);
}

bool Visited::AsGood(const uint64_t* old, const uint64_t* fresh) const {
  for (size_t i = 0; i < exact_; ++i) {
    if (old[i] != fresh[i]) return false;
  }
  for (size_t i = exact_; i < width_; ++i) {
    if ((old[i] & ~fresh[i]) != 0) return false;
  }
  return true;
}

void Visited::Grow() {
  heads_.assign(heads_.size() * 2, 0);
  for (size_t record = 0; record < next_.size(); ++record) {
    uint32_t& head = heads_[BucketOf(&records_[record * width_])];
    next_[record] = head;
    head = static_cast<uint32_t>(record + 1);
  }
}

bool Visited::Add(std::span<const uint64_t> configuration, uint64_t& comparisons) {
  QUORATE_DCHECK(configuration.size() == width_);
  if (next_.size() == heads_.size()) Grow();
  uint32_t& head = heads_[BucketOf(configuration.data())];
  for (uint32_t at = head; at != 0; at = next_[at - 1]) {
    ++comparisons;
    if (AsGood(&records_[(at - 1) * width_], configuration.data())) return false;
  }
  records_.insert(records_.end(), configuration.begin(), configuration.end());
  next_.push_back(head);
  head = static_cast<uint32_t>(next_.size());
  return true;
}

}  // namespace quorate::sim::check
