// SPDX-License-Identifier: Apache-2.0
// The sequence of topologies. A change takes three epochs, so that no two nodes ever act on views
// that do not overlap: `prepare` writes to old and new owners and reads from the old, `switch`
// writes to both and reads from the new, `done` forgets the old. A request carries its epoch, and a
// replica takes the current and the one before only.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/ids.h"
#include "engine/base/status.h"

namespace quorate::topology {

// The numbers are stored.
enum class EpochState : uint8_t { kPrepare = 0, kSwitch = 1, kDone = 2 };
[[nodiscard]] std::string_view NameOf(EpochState state);

// What names a topology. Two topologies of one cluster with the same number and different digests
// must not meet: their owners disagree.
struct EpochHeader {
  Epoch number;
  EpochState state = EpochState::kDone;
  uint64_t digest = 0;
  uint64_t parent_digest = 0;
  friend bool operator==(const EpochHeader&, const EpochHeader&) = default;
};

// The answer to a request with a foreign epoch: which one holds here.
struct WrongEpoch {
  Epoch current;
  friend bool operator==(const WrongEpoch&, const WrongEpoch&) = default;
};

// Nothing where a request made under `request` may be served.
using EpochCheck = std::optional<WrongEpoch>;
[[nodiscard]] constexpr EpochCheck Check(Epoch request, Epoch current,
                                         std::optional<Epoch> previous) {
  if (request == current || request == previous) return std::nullopt;
  return WrongEpoch{current};
}

// FailedPrecondition, naming both, where two nodes hold different topologies of the same number.
[[nodiscard]] absl::Status CheckSame(const EpochHeader& ours, const EpochHeader& theirs);

// FailedPrecondition unless `child` may follow `parent`: the next number, the parent's digest, and
// the next state (prepare, switch, done, prepare, ...).
[[nodiscard]] absl::Status CheckSuccessor(const EpochHeader& parent, const EpochHeader& child);

}  // namespace quorate::topology
