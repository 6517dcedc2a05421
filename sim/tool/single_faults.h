// SPDX-License-Identifier: Apache-2.0
// Every fault that concerns one thing alone, of a run that has no faults: a crash before each
// effect of each tick, behind the last one, behind the tick and in each commit; and each message
// lost, doubled, or late.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sim/fault/schedule.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

// Watches the run, and then knows them.
class SingleFaults final : public WorldObserver {
 public:
  // What begins from `until` on is left alone.
  explicit SingleFaults(SimTime until) : until_(until) {}

  void Happened(const WorldEvent& event) override;

  // By kind, and by time within a kind.
  [[nodiscard]] std::vector<Fault> All() const;
  [[nodiscard]] size_t ticks() const { return ticks_.size(); }  // that brought something about
  [[nodiscard]] size_t effects() const;
  [[nodiscard]] size_t messages() const;

 private:
  using Moment = std::pair<SimTime, NodeIndex>;
  struct Begun {
    Moment moment;
    bool tick = false;
  };
  struct Tick {
    Moment moment;
    uint32_t effects = 0;
  };
  const SimTime until_;
  std::map<EventId, Begun> begun_;   // what may begin a commit: ticks, and ends of the one before
  std::map<EventId, Tick> ticks_;    // with an effect
  std::vector<Moment> commits_;      // when they began
  std::map<Moment, uint32_t> sent_;  // to other nodes
};

}  // namespace quorate::sim
