// SPDX-License-Identifier: Apache-2.0
// Verifies: a read that must meet an acknowledged write returns it or something newer, and reads
// never go back: what one read showed stands on its read quorum, and later reads that meet it show
// that or newer. A value that nobody wrote, that was refused, or that was written only after the
// read had ended is wrong at any level.
//
// What is newer is known only where it must be: a write is above all that had ended, and met it,
// before it began; what a read shows is above all that had ended, and met it, before that read
// began. Writes that overlap may come in any order, and more than once: a coordinator that stamps a
// write again may show it, something else, and it again, until it is acknowledged.
//
// When: for every answered read, when the world is at rest. Registers that hold increments are
// judged by bounds: at least what was acknowledged before.
//
// Not: keys left out of the history; numbers that were also set or deleted; linearizability across
// registers.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/oracle/history.h"
#include "sim/oracle/promises.h"
#include "sim/world/failure.h"

namespace quorate::sim {

[[nodiscard]] std::optional<Failure> CheckQuorumReads(const Register& entry,
                                                      const Promises& promises);

// The values, nil among them, that a read may show, which need not be one of the register's.
// Nothing where that is not known: the register holds increments.
using ShownValues = std::optional<std::vector<std::optional<Bytes>>>;
[[nodiscard]] std::vector<ShownValues> ValuesShown(const Register& entry, const Promises& promises,
                                                   const std::vector<const Access*>& reads);

// The same of a command that looks whether a key is there, before it writes what it writes itself.
struct ShownPresence {
  bool nothing = true;
  bool something = true;
  // Something, though the command has deleted the key by then.
  bool again = true;
};
// All of it where nothing is known.
[[nodiscard]] std::vector<ShownPresence> PresenceShown(const Register& entry,
                                                       const Promises& promises,
                                                       const std::vector<const Access*>& reads);

}  // namespace quorate::sim
