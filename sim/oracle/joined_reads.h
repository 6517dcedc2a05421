// SPDX-License-Identifier: Apache-2.0
// Verifies: a reply that depends on what several keys hold (LCS, EXISTS, DEL, MSETNX) is one that
// reads of these keys, each for itself, may give: for LCS there are two values that the keys may
// show, by what is promised of a read at that level (quorum_reads), of which the reply is the
// longest common subsequence; EXISTS counts no key that must be missing, and every one that must be
// there; DEL and UNLINK count so what they delete, and a key that they name twice again only where
// somebody may have written it in between; MSETNX writes where each key may have been missing, and
// refuses where one may have been there. What was written and deleted then is for the oracles of
// registers.
//
// When: for every answered one, when the world is at rest.
//
// Not: that the keys were read at one time, which nobody promises, so two MSETNX that overlap may
// both write; values of keys that are left out of the history, or hold increments: they may be
// there or not; which of several subsequences of the same length it is.
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

  // Whether a deletion names it that has counted some of its keys: before it is known which, such
  // a register cannot be judged. O(log n).
  [[nodiscard]] bool IsUndecided(std::string_view key) const;
  // In any order; of a register that none of them reads, O(log n).
  void Take(const Register& entry);
  // Once all registers were taken.
  [[nodiscard]] std::optional<Failure> Check() const;
  // Once all undecided ones were taken. Which keys those deletions found, as far as that must be
  // so.
  [[nodiscard]] std::vector<DecidedDeletion> DecidedDeletions() const;

 private:
  struct Place {
    size_t joined = 0;
    size_t key = 0;
  };
  struct Readers {
    std::vector<Place> of_value;
    std::vector<Place> of_presence;
    bool undecided = false;
  };
  [[nodiscard]] std::vector<const Access*> AccessesOf(const std::vector<Place>& places) const;

  std::span<const JoinedAccess> joined_;
  const Promises& promises_;
  std::map<std::string_view, Readers> readers_;
  // Of each, by key: of Says::kCommon the one, of all others the other.
  std::vector<std::vector<ShownValues>> shown_;
  std::vector<std::vector<ShownPresence>> presence_;
};

// Whether `reply` is what LCS with these options answers for two values. Exported for tests.
[[nodiscard]] bool IsLongestCommon(const std::vector<Bytes>& command, const resp::Reply& reply,
                                   std::string_view a, std::string_view b);

}  // namespace quorate::sim
