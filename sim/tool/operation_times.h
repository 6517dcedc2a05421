// SPDX-License-Identifier: Apache-2.0
// How long clients wait for answers, in simulated time: what the protocol costs in round trips and
// commits, the same on every machine. Of what is asked before the world heals.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/world/world_events.h"

namespace quorate::sim {

class OperationTimes final : public WorldObserver {
 public:
  void Completed(const OperationCompleted& operation) override;

  // A line of reads and one of writes.
  [[nodiscard]] std::string Describe() const;

 private:
  enum Class : uint8_t { kReads, kWrites };
  struct OfClass {
    std::vector<uint64_t> us;  // of each that was answered, but with an error
    uint64_t errors = 0;
    uint64_t unanswered = 0;
  };

  std::array<OfClass, 2> classes_;
};

}  // namespace quorate::sim
