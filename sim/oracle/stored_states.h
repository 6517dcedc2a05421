// SPDX-License-Identifier: Apache-2.0
// Verifies: what a replica holds is what it has stored: after a power cut at rest every node holds
// the same bytes under the same keys as before, and no others.
//
// When: at the end of runs that cut the power; of every object of every node.
//
// Not: keys with a deadline, which may pass meanwhile; whether it was right to hold that
// (acknowledged_writes, convergence).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sim/core/key_index.h"
#include "sim/world/failure.h"

namespace quorate::sim {

// Fed with what nodes held before the cut and hold after it; states are compared by digest and not
// kept. A node names a key once before it, and once after it.
class StoredStates {
 public:
  void Held(uint32_t node, std::string_view key, std::string_view state);
  void Holds(uint32_t node, std::string_view key, std::string_view state);
  // `describe`: what a node holds now under a key, in words.
  [[nodiscard]] std::optional<Failure> Check(
      const std::function<std::string(uint32_t node, std::string_view key)>& describe,
      EventId now) const;

 private:
  struct Copy {
    bool may_change = false;  // its deadline may pass, or has passed and is swept
    uint64_t before = 0;      // digests; 0: does not hold it
    uint64_t after = 0;
  };
  [[nodiscard]] Copy& Find(uint32_t node, std::string_view key);

  KeyIndex names_;
  std::map<std::pair<uint32_t, uint32_t>, Copy> copies_;  // by the numbers of key and node
};

}  // namespace quorate::sim
