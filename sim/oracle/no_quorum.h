// SPDX-License-Identifier: Apache-2.0
// Verifies: once a core has healed and a fault has stayed, no operation is acknowledged for which
// no quorum is left at its level.
//
// When: at each answer to a probe or to the sweep.
//
// Not: that whatever a quorum is left for succeeds, and that the rest is answered in time with an
// error (the world itself: progress). Whether what a quorum answered is right.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/codec.h"
#include "sim/world/failure.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

// What a core that has lost nodes for good was asked.
struct CoreFigures {
  uint64_t served = 0;      // operations that found a quorum
  uint64_t inevitable = 0;  // for which none was left, and that were told so
  friend bool operator==(const CoreFigures&, const CoreFigures&) = default;
};

class NoQuorum {
 public:
  // `world` has healed where the operation was invoked after that.
  void Completed(const WorldView& world, const OperationCompleted& operation);
  [[nodiscard]] const CoreFigures& figures() const { return figures_; }
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }

 private:
  std::optional<bool> whole_;  // no fault has stayed; known from the first such operation on
  CoreFigures figures_;
  std::optional<Failure> failure_;
};

}  // namespace quorate::sim
