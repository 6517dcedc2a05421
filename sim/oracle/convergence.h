// SPDX-License-Identifier: Apache-2.0
// Verifies: after healing and one read of every key at level ALL, all replicas of a key hold the
// same bytes: the packed state, with versions and tombstones. No node holds a key that it is no
// replica of, and somebody holds what the sweep has read.
//
// When: once, when the world is at rest and every node is up.
//
// Not: that the bytes are the right ones (acknowledged_writes); keys that the sweep did not reach.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "sim/core/key_index.h"
#include "sim/world/failure.h"

namespace quorate::sim {

// Fed with what every node holds; states are compared by digest and not kept.
class Convergence {
 public:
  // Node `node` holds `state` under `key`. Each node names a key once.
  void Holds(uint32_t node, std::string_view key, std::string_view state);

  struct Questions {
    // The nodes that must hold a key.
    std::function<std::vector<uint32_t>(std::string_view key)> replicas_of;
    // No fault has stayed: the sweep brought keys to all replicas, not only to a majority. (A node
    // that such a fault has may still be one of that.)
    bool whole = true;
    // Whether the sweep read it.
    std::function<bool(std::string_view key)> swept;
    // What a node holds under it, in words; asked for the first key that differs.
    std::function<std::string(uint32_t node, std::string_view key)> describe;
  };
  [[nodiscard]] std::optional<Failure> Check(const Questions& questions, EventId now) const;
  // Of keys that were read.
  [[nodiscard]] std::optional<Failure> CheckHeld(const std::vector<Bytes>& keys, EventId now) const;

  [[nodiscard]] size_t keys() const { return copies_.size(); }

 private:
  static constexpr size_t kCopiesUsual = 3;
  struct Copy {
    uint32_t node = 0;
    uint64_t digest = 0;
  };
  KeyIndex names_;
  std::vector<absl::InlinedVector<Copy, kCopiesUsual>> copies_;  // by number
};

}  // namespace quorate::sim
