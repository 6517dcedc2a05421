// SPDX-License-Identifier: Apache-2.0
// Verifies: a client that is alone with a key is answered as by one copy of it that executes at
// once, whatever nodes it asks (lone_copy.h); so whatever a command leaves for the next one, text,
// number, field, type or deadline, comes through merging, restarts and repair. The sweep finds
// what is left at the end.
//
// When: for every answer, when the world is at rest, until something of the key is no longer known:
// a write whose outcome is not known may still be executed, and one after which too few replicas
// have taken part to meet it, or which all of them may have forgotten, may be lost.
//
// Not: what one command on such a key does where it overlaps another's; times that count from now,
// to better than a day; commands that depend on chance or on several keys; that the commands do
// what Redis's do, which tests of engine/commands compare.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "sim/oracle/history.h"
#include "sim/oracle/promises.h"
#include "sim/world/failure.h"

namespace quorate::sim {

struct LoneVerdict {
  std::optional<Failure> failure;  // the first by key, then by operation
  uint64_t judged = 0;             // answers
};

// `accesses` in any order.
[[nodiscard]] LoneVerdict CheckLoneClients(std::span<const LoneAccess> accesses,
                                           const History::CrashesOf& crashes,
                                           const Promises& promises);

}  // namespace quorate::sim
