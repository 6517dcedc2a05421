// SPDX-License-Identifier: Apache-2.0
// What a register may hold at the end, one possibility per base. A base is the write or deletion
// that came last by version (or the empty beginning); increments that were made on it are added. A
// correct run can end with a base only if no acknowledged write that met it began after it was
// over. On that base an increment counts for certain if it was acknowledged, is still held, and
// began after the base was acknowledged to somebody it met; it cannot count if it was over before
// the base began; otherwise both are right.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"
#include "sim/oracle/history.h"
#include "sim/oracle/promises.h"

namespace quorate::sim {

__extension__ using WideInteger = __int128;

struct PossibleEnd {
  const Access* base = nullptr;         // null: the empty beginning
  const Access* superseder = nullptr;   // where there is one, a correct run cannot end so
  std::optional<Bytes> value;           // of the base
  std::vector<const Access*> certain;   // increments that count
  std::vector<const Access*> possible;  // increments that may

  // True if the register can hold `seen`.
  [[nodiscard]] bool Explains(const std::optional<Bytes>& seen) const;
  // The bounds of the sum; nothing where the base is no number.
  struct Bounds {
    WideInteger low = 0;
    WideInteger high = 0;
  };
  [[nodiscard]] std::optional<Bounds> bounds() const;
};

// Every base that `end`, a read that met all replicas, may have found; where nothing was ever added
// only those with its value. O(bases * accesses).
[[nodiscard]] std::vector<PossibleEnd> PossibleEnds(const Register& entry, const Promises& promises,
                                                    const Access& end);

// What is certainly left of an acknowledged access in the replicas.
[[nodiscard]] Reach HeldBy(const Access& access, const Register& entry, const Promises& promises);

// Whether `later` must have come above `earlier`, which was over when it began. A deletion acts on
// what it reads, so it must have met the write both ways.
[[nodiscard]] bool Supersedes(const Access& later, const Access& earlier, const Register& entry,
                              const Promises& promises);

// The whole text as a 64-bit integer.
[[nodiscard]] std::optional<int64_t> IntegerOf(std::string_view text);

}  // namespace quorate::sim
