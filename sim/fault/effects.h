// SPDX-License-Identifier: Apache-2.0
// What faults really did. An injector that changes nothing tests nothing, so each one counts each
// time it changed what would have happened; the count is per fault and per kind.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/fault/schedule.h"

namespace quorate::sim {

class EffectCounter {
 public:
  // `schedule` outlives the counter.
  explicit EffectCounter(const Schedule& schedule)
      : schedule_(schedule), of_fault_(schedule.faults.size()) {}

  void Count(uint32_t fault) {
    ++of_fault_[fault];
    ++of_kind_[static_cast<size_t>(schedule_.faults[fault].kind)];
  }
  [[nodiscard]] uint64_t of_fault(uint32_t fault) const { return of_fault_[fault]; }
  [[nodiscard]] const FaultEffects& of_kinds() const { return of_kind_; }
  // Faults that had an effect.
  [[nodiscard]] uint64_t effective_faults() const {
    uint64_t effective = 0;
    for (const uint64_t effects : of_fault_) effective += effects > 0 ? 1 : 0;
    return effective;
  }

 private:
  const Schedule& schedule_;
  std::vector<uint64_t> of_fault_;
  FaultEffects of_kind_{};
};

}  // namespace quorate::sim
