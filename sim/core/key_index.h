// SPDX-License-Identifier: Apache-2.0
// Numbers keys from 0 in the order in which they come: for what is kept of each of very many keys,
// where a tree of strings would look at memory a dozen times for every step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"

namespace quorate::sim {

class KeyIndex {
 public:
  // The number of the key, which is new or has come before.
  uint32_t Add(std::string_view key);
  [[nodiscard]] std::optional<uint32_t> Find(std::string_view key) const;

  [[nodiscard]] const Bytes& key(uint32_t number) const { return keys_[number]; }
  [[nodiscard]] size_t size() const { return keys_.size(); }
  // All numbers, by key.
  [[nodiscard]] std::vector<uint32_t> InOrder() const;

 private:
  static constexpr uint32_t kFree = UINT32_MAX;
  struct Slot {
    uint32_t number = kFree;
    uint32_t tag = 0;  // bits of the hash, so that hardly another key is looked at
  };
  // Where the key is, or the free slot in which it goes.
  [[nodiscard]] size_t Locate(std::string_view key, uint64_t hash) const;
  void Grow();

  std::vector<Bytes> keys_;
  std::vector<Slot> slots_;  // a power of two, at most three quarters full
};

}  // namespace quorate::sim
