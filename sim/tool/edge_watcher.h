// SPDX-License-Identifier: Apache-2.0
// Which edges of the program each event of a run takes. A run that is equal to another in all that
// it brings about may have got there another way, because it read memory that nobody wrote or
// walked over things in the order of their addresses: the events differ later or never, the edges
// at once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sim/tool/edge_counters.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

// How often edges were taken, by where their code is in the program.
using EdgesTaken = std::map<uintptr_t, uint8_t>;

class EdgeWatcher final : public WorldObserver {
 public:
  // `chosen`: the event whose edges are kept; 0 is what comes before the first one. The counters
  // are set to 0 again and again.
  EdgeWatcher(const EdgeCounters& counters, std::optional<EventId> chosen);

  void RunBegan(const WorldView& /*world*/) override { Clear(); }
  void Happened(const WorldEvent& event) override;
  void RunEnded(const WorldView& world, uint64_t hash) override;

  // A line each for what comes before the first event and for each event: a hash of the edges that
  // were taken from there to the next.
  [[nodiscard]] const std::string& lines() const { return lines_; }
  [[nodiscard]] const EdgesTaken& taken() const { return taken_; }

 private:
  void Clear();
  // Ends what belongs to the event before.
  void Close();

  const EdgeCounters counters_;
  const std::optional<EventId> chosen_;
  EventId current_;
  std::string lines_;
  EdgesTaken taken_;
};

}  // namespace quorate::sim
