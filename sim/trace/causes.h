// SPDX-License-Identifier: Apache-2.0
// Which event caused which, of a whole run: 8 bytes an event, so that a long run can be walked
// back. What the events on the way were is then learned by running it once more (chronicle.h).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/sim_time.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

class Causes final : public WorldObserver {
 public:
  void Happened(const WorldEvent& event) override;

  [[nodiscard]] uint64_t events() const { return causes_.size(); }
  // The event, its cause, the cause of that, at most `depth` of them. Empty where the run did not
  // come to that event.
  [[nodiscard]] std::vector<EventId> Chain(EventId event, size_t depth) const;
  // How many there are in all, back to where nothing caused it.
  [[nodiscard]] size_t Depth(EventId event) const;

 private:
  std::vector<uint64_t> causes_;  // by event - 1; 0: none
};

}  // namespace quorate::sim
