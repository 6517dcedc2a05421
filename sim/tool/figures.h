// SPDX-License-Identifier: Apache-2.0
// What a run costs: events by kind, time and memory by phase. Watches a run like any other
// observer; what it reports is of this machine, not of the run, and never reaches a hash.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/memory_part.h"
#include "sim/world/world.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

class Figures final : public WorldObserver {
 public:
  Figures() { Mark("start-up"); }

  void Happened(const WorldEvent& event) override {
    ++kinds_[static_cast<size_t>(event.kind)];
    ++events_;
  }
  void PhaseBegan(Phase phase, SimTime time) override;
  void RunEnded(const WorldView& world, uint64_t hash) override;
  // All oracles have judged.
  void Judged() { Mark("end"); }

  // One line per kind of event, per phase, and per part of memory. Requires: Judged() was called.
  [[nodiscard]] std::string Describe(const RunResult& result, const MemoryMeter& memory) const;

 private:
  struct Stage {
    std::string name;   // of what begins here
    double real = 0.0;  // seconds
    SimTime simulated;
    uint64_t events = 0;
    uint64_t peak_kib = 0;  // resident, so far
  };
  void Mark(std::string name, SimTime simulated = {});

  std::array<uint64_t, kEventKinds> kinds_{};
  uint64_t events_ = 0;
  uint64_t data_bytes_ = 0;  // logical, of all replicas
  uint64_t objects_ = 0;
  uint64_t shards_ = 0;
  uint32_t nodes_ = 0;
  std::vector<Stage> stages_;
};

}  // namespace quorate::sim
