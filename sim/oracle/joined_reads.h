// SPDX-License-Identifier: Apache-2.0
// Verifies: a reply that depends on what several keys hold (LCS, EXISTS over several) is one that
// reads of these keys, each for itself, may give: for LCS there are two values that the keys may
// show, by what is promised of a read at that level (quorum_reads), of which the reply is the
// longest common subsequence; EXISTS counts no key that must be missing, and every one that must be
// there.
//
// When: for every answered one, when the world is at rest.
//
// Not: that the keys were read at one time, which nobody promises; keys that are left out of the
// history, or hold increments; which of several subsequences of the same length it is.
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

class JoinedReads {
 public:
  // Both outlive this.
  JoinedReads(std::span<const JoinedAccess> joined, const Promises& promises);

  // In any order; of a register that none of them reads, O(log n).
  void Take(const Register& entry);
  // Once all registers were taken.
  [[nodiscard]] std::optional<Failure> Check() const;

 private:
  struct Place {
    size_t joined = 0;
    size_t key = 0;
  };
  std::span<const JoinedAccess> joined_;
  const Promises& promises_;
  std::map<std::string_view, std::vector<Place>> readers_;
  std::vector<std::vector<ShownValues>> shown_;  // of each, by key
};

// Whether `reply` is what LCS with these options answers for two values. Exported for tests.
[[nodiscard]] bool IsLongestCommon(const std::vector<Bytes>& command, const resp::Reply& reply,
                                   std::string_view a, std::string_view b);

}  // namespace quorate::sim
