// SPDX-License-Identifier: Apache-2.0
// Which faults have a node in their grip now, and the counters of what they do to it. At most one
// of each kind per node: a later one takes the place of an earlier one.
#pragma once

#include <array>
#include <cstdint>

#include "sim/fault/effects.h"

namespace quorate::sim {

class NodeFaults {
 public:
  void Begin(FaultKind kind, uint32_t fault) {
    active_[Index(kind)] = fault;
    kinds_ |= Bit(kind);
  }
  // False where another fault has taken its place.
  bool End(FaultKind kind, uint32_t fault) {
    if (!Is(kind, fault)) return false;
    kinds_ &= ~Bit(kind);
    return true;
  }
  [[nodiscard]] bool Has(FaultKind kind) const { return (kinds_ & Bit(kind)) != 0; }
  [[nodiscard]] bool Is(FaultKind kind, uint32_t fault) const {
    return Has(kind) && active_[Index(kind)] == fault;
  }
  [[nodiscard]] bool any() const { return kinds_ != 0; }
  void Count(FaultKind kind, EffectCounter& effects) const {
    if (Has(kind)) effects.Count(active_[Index(kind)]);
  }

 private:
  static_assert(kFaultKinds <= 64);
  static size_t Index(FaultKind kind) { return static_cast<size_t>(kind); }
  static uint64_t Bit(FaultKind kind) { return uint64_t{1} << Index(kind); }
  std::array<uint32_t, kFaultKinds> active_{};
  uint64_t kinds_ = 0;  // a bit for each kind that is active: what is asked in every tick
};

}  // namespace quorate::sim
