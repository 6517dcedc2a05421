// SPDX-License-Identifier: Apache-2.0
// Every fault that concerns one thing alone, of what came about in a run: a crash before each
// effect of each tick, behind the last one, behind the tick and in each commit; an orderly stop
// before and behind each tick; and each message lost, doubled, or late.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/fault/schedule.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

// How long a node is down, and what a message is late. As it is, others are served in the meantime,
// and those that ask give up, or not.
struct FaultLengths {
  Duration down = 500ms;
  Duration late_by = 700ms;
};

// Watches the run, and then knows them.
class SingleFaults final : public WorldObserver {
 public:
  // What begins from `until` on is left alone. `doubled`: a message that the run has a single fault
  // for is sent twice; it is one all the same.
  explicit SingleFaults(SimTime until, const Fault* doubled = nullptr);

  void Happened(const WorldEvent& event) override;

  // By kind, and by time within a kind.
  [[nodiscard]] std::vector<Fault> All(const FaultLengths& lengths = {}) const;
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
  std::optional<Moment> doubles_;    // a copy that is left out
  std::map<EventId, Begun> begun_;   // what may begin a commit: ticks, and ends of the one before
  std::map<EventId, Tick> ticks_;    // with an effect
  std::vector<Moment> commits_;      // when they began
  std::map<Moment, uint32_t> sent_;  // to other nodes
};

}  // namespace quorate::sim
