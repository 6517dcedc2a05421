// SPDX-License-Identifier: Apache-2.0
// Values by their hash, for what is looked up far more often than it is walked over: one look at
// memory finds a value or that there is none. Open addressing with linear probing; removal shifts
// back [Knuth, TAOCP 3, 6.4, algorithm R]. The owner hashes and compares, with a fixed hash, so
// that nothing depends on the process.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/check.h"

namespace quorate {

template <typename Value>
class ProbeTable {
 public:
  // The value of this hash for which `is` holds, null where there is none. It moves with the next
  // Add or Erase; its hash must not change.
  template <typename Is>
  [[nodiscard]] Value* Find(uint64_t hash, const Is& is) {
    return const_cast<Value*>(std::as_const(*this).Find(hash, is));
  }
  template <typename Is>
  [[nodiscard]] const Value* Find(uint64_t hash, const Is& is) const {
    if (slots_.empty()) return nullptr;
    const uint32_t tag = TagOf(hash);
    for (size_t at = HomeOf(tag); slots_[at].tag != kFree; at = Next(at)) {
      if (slots_[at].tag == tag && is(slots_[at].value)) return &slots_[at].value;
    }
    return nullptr;
  }
  // Asks for the memory that Find will look at first.
  void FetchAhead(uint64_t hash) const {
    if (!slots_.empty()) __builtin_prefetch(&slots_[HomeOf(TagOf(hash))]);
  }
  // Requires: the owner's comparison finds none like it.
  Value& Add(uint64_t hash, Value value) {
    if ((size_ + 1) * 4 > slots_.size() * 3) Grow();
    ++size_;
    return Put(TagOf(hash), std::move(value));
  }
  // Requires: Find has given `value` and it has not moved since.
  void Erase(Value* value) {
    size_t hole = IndexOf(value);
    for (size_t at = Next(hole); slots_[at].tag != kFree; at = Next(at)) {
      // How far a value is from its home tells whether the hole is on its way.
      if (Distance(HomeOf(slots_[at].tag), at) < Distance(hole, at)) continue;
      slots_[hole] = std::move(slots_[at]);
      hole = at;
    }
    slots_[hole] = Slot{};
    --size_;
  }

  // In an order of no meaning: whoever shows it must sort.
  template <typename Visitor>
  void ForEach(const Visitor& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.tag != kFree) visit(slot.value);
    }
  }
  [[nodiscard]] size_t size() const { return size_; }

 private:
  static constexpr uint32_t kFree = 0;
  static constexpr size_t kSlotsInitial = 8;
  struct Slot {
    uint32_t tag = kFree;  // of the hash; its top bits say where the value belongs
    Value value{};
  };

  static uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash >> 32) | 1; }
  [[nodiscard]] size_t HomeOf(uint32_t tag) const {
    return static_cast<size_t>(tag) >> (32 - std::countr_zero(slots_.size()));
  }
  [[nodiscard]] size_t Next(size_t at) const { return (at + 1) & (slots_.size() - 1); }
  [[nodiscard]] size_t Distance(size_t from, size_t to) const {
    return (to - from) & (slots_.size() - 1);
  }
  [[nodiscard]] size_t IndexOf(const Value* value) const {
    const auto* const first = reinterpret_cast<const char*>(&slots_.front().value);
    const auto bytes = static_cast<size_t>(reinterpret_cast<const char*>(value) - first);
    QUORATE_CHECK(bytes % sizeof(Slot) == 0 && bytes / sizeof(Slot) < slots_.size());
    return bytes / sizeof(Slot);
  }
  Value& Put(uint32_t tag, Value value) {
    size_t at = HomeOf(tag);
    while (slots_[at].tag != kFree) at = Next(at);
    slots_[at].tag = tag;
    slots_[at].value = std::move(value);
    return slots_[at].value;
  }
  void Grow() {
    QUORATE_CHECK(slots_.size() < size_t{1} << 31);
    std::vector<Slot> old(slots_.empty() ? kSlotsInitial : slots_.size() * 2);
    old.swap(slots_);
    for (Slot& slot : old) {
      if (slot.tag != kFree) Put(slot.tag, std::move(slot.value));
    }
  }

  std::vector<Slot> slots_;  // a power of two, or none; at most three quarters full
  size_t size_ = 0;
};

}  // namespace quorate
