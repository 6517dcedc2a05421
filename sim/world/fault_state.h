// SPDX-License-Identifier: Apache-2.0
// Which faults have a node in their grip now, and the counters of what they do to it. At most one
// of each kind per node: a later one takes the place of an earlier one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "sim/fault/effects.h"

namespace quorate::sim {

class NodeFaults {
 public:
  void Begin(FaultKind kind, uint32_t fault) { active_[Index(kind)] = fault; }
  // False where another fault has taken its place.
  bool End(FaultKind kind, uint32_t fault) {
    if (active_[Index(kind)] != fault) return false;
    active_[Index(kind)].reset();
    return true;
  }
  [[nodiscard]] bool Has(FaultKind kind) const { return active_[Index(kind)].has_value(); }
  [[nodiscard]] bool Is(FaultKind kind, uint32_t fault) const {
    return active_[Index(kind)] == fault;
  }
  void Count(FaultKind kind, EffectCounter& effects) const {
    const std::optional<uint32_t>& active = active_[Index(kind)];
    if (active.has_value()) effects.Count(*active);
  }

 private:
  static size_t Index(FaultKind kind) { return static_cast<size_t>(kind); }
  std::array<std::optional<uint32_t>, kFaultKinds> active_;
};

}  // namespace quorate::sim
