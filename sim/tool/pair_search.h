// SPDX-License-Identifier: Apache-2.0
// Runs with two faults (fault_pairs.h), until one fails. What the second may be is seen in a run
// with the first alone, which several pairs share. All pairs have one order, whatever the number of
// processes and of pairs that are wanted: the first few of each first fault, in rounds of a few
// firsts; then, of all of them again, the next few, twice as many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/fault/atlas.h"
#include "sim/fault/schedule.h"
#include "sim/tool/verdicts.h"
#include "sim/trace/trace.h"

namespace quorate::sim {

// Second faults that share one run of the first: nine kinds, close and not.
inline constexpr size_t kPairsPerListing = 18;
// Listed before their pairs are run.
inline constexpr size_t kFirstsPerRound = 32;

// A first fault whose run was made, and what follows it in the order.
struct Listed {
  bool holds = false;
  bool more = false;
  std::vector<Fault> seconds;  // their ids: the places in it, from 1
  friend bool operator==(const Listed&, const Listed&) = default;
};

// Told by one process to another. Errors of Decode: what is no answer.
[[nodiscard]] Bytes EncodeListed(const Listed& listed, uint32_t nodes);
absl::StatusOr<Listed> DecodeListed(std::string_view bytes);

class PairSearch {
 public:
  // All outlive this. `verdicts` take those of pairs alone.
  PairSearch(const RunRecipe& recipe, const FaultAtlas& atlas, Verdicts& verdicts)
      : recipe_(recipe), atlas_(atlas), verdicts_(verdicts) {}

  // Up to `wanted` pairs, or until the time is up.
  absl::Status Run(std::vector<Fault> firsts, size_t wanted);

  // The faults of the run that failed: two, or a first one that fails alone.
  [[nodiscard]] const std::vector<Fault>& found() const { return found_; }
  // There are no others.
  [[nodiscard]] bool every() const { return every_; }
  [[nodiscard]] bool stopped() const { return stopped_; }
  [[nodiscard]] size_t listed() const { return listed_; }

 private:
  using Pair = std::vector<Fault>;
  struct Round {
    std::vector<Fault> firsts;
    size_t begin = 0;  // in the order of the seconds of each
    size_t count = 0;
  };
  [[nodiscard]] Bytes List(const Fault& first, const Round& round) const;
  // The firsts that have more go to `more`.
  absl::StatusOr<std::vector<Pair>> PairsOf(const Round& round, std::vector<Fault>& more);
  absl::Status Judge(const std::vector<Pair>& pairs);

  const RunRecipe& recipe_;
  const FaultAtlas& atlas_;
  Verdicts& verdicts_;
  std::vector<Fault> found_;
  bool every_ = false;
  bool stopped_ = false;
  size_t listed_ = 0;
};

}  // namespace quorate::sim
