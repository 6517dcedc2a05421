// SPDX-License-Identifier: Apache-2.0
// Verifies, for keys that BITOP writes: what such a key shows was written to it by another command,
// or is what a BITOP makes of values that its sources may have shown then, each for itself, by what
// is promised of a read at that level (quorum_reads); it is missing where all of them may have
// been. A read that must meet an acknowledged one shows that or something newer, and reads never go
// back. The answer is the length of such a result. What a client sent first takes effect first.
//
// A BITOP is a read of its sources and a write of its target, or a deletion where nothing is left
// of them; what it wrote nobody says. So it is judged as a write of a value of its own, and a read
// of the target as one of this value where no other can have left what was read.
//
// When: when the world is at rest.
//
// Not: that the sources were read at one time, which nobody promises; results of sources that are
// targets themselves, are left out of the history or hold increments, or that may have shown more
// than can be tried (kCombinationsMax): these may be anything. Targets that hold increments or
// fields.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/oracle/history.h"
#include "sim/oracle/promises.h"
#include "sim/oracle/quorum_reads.h"
#include "sim/world/failure.h"

namespace quorate::sim {

class BitOperations {
 public:
  // Both outlive this.
  BitOperations(std::span<const CombinedAccess> combined, const Promises& promises);

  // Whether it is a source. O(log n).
  [[nodiscard]] bool Read(std::string_view key) const { return sources_.contains(key); }
  // Registers of sources, in any order.
  void Take(const Register& entry);
  // Once all were taken. `targets`: what was done to them by other commands.
  [[nodiscard]] std::optional<Failure> Check(const std::vector<Register>& targets) const;

 private:
  struct Place {
    size_t combined = 0;
    size_t source = 0;
  };
  std::span<const CombinedAccess> combined_;
  const Promises& promises_;
  std::map<std::string_view, std::vector<Place>> sources_;
  std::vector<std::vector<ShownValues>> shown_;  // of each, by source
};

// Whether the operation makes `result`, or nothing, of one value of each source. Exported for
// tests.
[[nodiscard]] bool Makes(std::string_view operation, const std::vector<ShownValues>& sources,
                         const std::optional<Bytes>& result);

}  // namespace quorate::sim
