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
#include "engine/base/probe_table.h"

namespace quorate::sim {

class KeyIndex {
 public:
  // The number of the key, which is new or has come before.
  uint32_t Add(std::string_view key);
  [[nodiscard]] std::optional<uint32_t> Find(std::string_view key) const;

  // Asks for the memory that Add and Find will look at first.
  void FetchAhead(std::string_view key) const;

  [[nodiscard]] const Bytes& key(uint32_t number) const { return keys_[number]; }
  [[nodiscard]] size_t size() const { return keys_.size(); }
  // All numbers, by key. Valid until the next Add of a new key.
  [[nodiscard]] const std::vector<uint32_t>& InOrder() const;

 private:
  std::vector<Bytes> keys_;
  mutable std::vector<uint32_t> in_order_;  // of as many keys as there were when it was asked for
  ProbeTable<uint32_t> numbers_;
};

}  // namespace quorate::sim
