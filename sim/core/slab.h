// SPDX-License-Identifier: Apache-2.0
// Values in chunks, named by small numbers, so that an event in the queue is 16 bytes and its
// content stays where it is. A freed place is used again, the last one first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "sim/core/limits.h"

namespace quorate::sim {

template <typename Value>
class Slab {
 public:
  template <typename From>
  uint32_t Add(From&& value) {
    if (free_.empty()) Grow();
    const uint32_t slot = free_.back();
    free_.pop_back();
    (*this)[slot] = std::forward<From>(value);
    ++used_;
    return slot;
  }
  // Requires: `slot` came from Add and was not taken since. Nothing of the value stays.
  Value Take(uint32_t slot) {
    Value value = std::move((*this)[slot]);
    Free(slot);
    return value;
  }
  // The same where nobody wants the value: it ends when its place is used again.
  void Free(uint32_t slot) {
    QUORATE_CHECK(used_ > 0);
    free_.push_back(slot);
    --used_;
  }
  Value& operator[](uint32_t slot) { return chunks_[slot / kSlabChunk][slot % kSlabChunk]; }
  const Value& operator[](uint32_t slot) const {
    return chunks_[slot / kSlabChunk][slot % kSlabChunk];
  }
  // Values added and not taken: what is left of them at the end is a leak.
  [[nodiscard]] size_t used() const { return used_; }

 private:
  void Grow() {
    const uint32_t base = static_cast<uint32_t>(chunks_.size()) * kSlabChunk;
    chunks_.push_back(std::make_unique<Value[]>(kSlabChunk));
    for (uint32_t i = kSlabChunk; i > 0; --i) free_.push_back(base + i - 1);
  }

  std::vector<std::unique_ptr<Value[]>> chunks_;
  std::vector<uint32_t> free_;
  size_t used_ = 0;
};

}  // namespace quorate::sim
