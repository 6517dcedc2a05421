// SPDX-License-Identifier: Apache-2.0
// A directory below the root of a Table, where places are crowded: it skips the bits that all
// places under it share (a radix tree with compressed paths [Morrison 1968, PATRICIA]) and tells
// them apart by the next few. One piece of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "engine/base/check.h"

namespace quorate::keyspace {

// The slots of a directory, and which bits choose among them.
struct Slots {
  static constexpr int kPlaceBits = 64;

  uintptr_t* first = nullptr;
  int start = 0;  // bits before those that choose
  int bits = 0;

  [[nodiscard]] size_t size() const { return size_t{1} << bits; }
  [[nodiscard]] int used() const { return start + bits; }
  // The first `start` bits alone.
  [[nodiscard]] static uint64_t PrefixOf(uint64_t place_bits, int start) {
    return place_bits & ~(~uint64_t{0} >> start);
  }
  [[nodiscard]] size_t IndexOf(uint64_t place_bits) const {
    if (bits == 0) return 0;
    return static_cast<size_t>((place_bits << start) >> (kPlaceBits - bits));
  }
};

class Directory {
 public:
  // `prefix`: the bits before `start`, at the top of 64; what is behind them does not count. Every
  // slot becomes `slot`. Free with Delete.
  static Directory* New(int start, int bits, uint64_t prefix, uintptr_t slot) {
    QUORATE_CHECK(start > 0 && bits >= 0 && start + bits <= Slots::kPlaceBits);
    void* const memory = ::operator new(sizeof(Directory) + (sizeof(slot) << bits));
    auto* const made = new (memory) Directory(start, bits, prefix);
    for (size_t i = 0; i < made->slots().size(); ++i) new (&made->slots().first[i]) uintptr_t(slot);
    return made;
  }
  static void Delete(Directory* directory) { ::operator delete(directory); }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] Slots slots() { return {reinterpret_cast<uintptr_t*>(this + 1), start_, bits_}; }
  [[nodiscard]] int start() const { return start_; }
  [[nodiscard]] uint64_t prefix() const { return prefix_; }
  // Whether these bits begin with the prefix.
  [[nodiscard]] bool Covers(uint64_t place_bits) const {
    return (place_bits ^ prefix_) >> (Slots::kPlaceBits - start_) == 0;
  }

 private:
  Directory(int start, int bits, uint64_t prefix)
      : start_(static_cast<int8_t>(start)),
        bits_(static_cast<int8_t>(bits)),
        prefix_(Slots::PrefixOf(prefix, start)) {}

  int8_t start_;
  int8_t bits_;
  uint64_t prefix_;
};

}  // namespace quorate::keyspace
