// SPDX-License-Identifier: Apache-2.0
// What a run can fail with. Each kind is a promise of its own and has an exit code of its own (the
// table is in sim/README.md). Oracles and the world report the first failure they find.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/core/sim_time.h"

namespace quorate::sim {

enum class FailureKind : uint8_t {
  kLostWrite = 0,       // an acknowledged write is gone
  kStaleRead = 1,       // a read missed a write that was acknowledged before it began
  kWrongReply = 2,      // a reply that no order of the operations explains
  kExecutedTwice = 3,   // one request, two effects
  kResurrection = 4,    // a deleted value is back
  kDivergence = 5,      // replicas differ after healing and the sweep
  kVersionReused = 6,   // one version, two values
  kStall = 7,           // no progress after healing
  kLeak = 8,            // something is left when the world is at rest
  kQueueUnbounded = 9,  // a queue above its limit
  kWireMismatch = 10,   // a message that its encoding changes
  kUnhealthy = 11,      // a node that could not start, or refuses to serve with nothing wrong
  kProtocol = 12,       // bytes to a client that are no reply
  kNoEffect = 13,       // a run whose faults did nothing, or that did too little to count
  kDiverged = 14,       // a replay that does not repeat its trace
  kAborted = 15,        // a check in the engine failed, or the process died
};
inline constexpr size_t kFailureKinds = 16;
[[nodiscard]] std::string_view NameOf(FailureKind kind);

// Exit codes of quorate-sim: 0 is ok, 1 to 9 are errors of usage and input, a failure is this much
// above its number.
inline constexpr int kFirstFailureExitCode = 20;
[[nodiscard]] constexpr int ExitCodeOf(FailureKind kind) {
  return kFirstFailureExitCode + static_cast<int>(kind);
}

struct Failure {
  FailureKind kind = FailureKind::kLostWrite;
  std::string oracle;    // the name of what found it
  std::string promised;  // what had to hold
  std::string seen;      // what was seen instead
  EventId event;         // where
  friend bool operator==(const Failure&, const Failure&) = default;
};

}  // namespace quorate::sim
