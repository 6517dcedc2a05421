// SPDX-License-Identifier: Apache-2.0
// Some events of a run in words: when and where, what they carried, the operations they concern,
// the faults in force, and what else came to the tick they belong to.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/trace/limits.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

// What a message is, and what a person wants to know of it. `world` may be null; it knows the name
// of the pool.
[[nodiscard]] std::string Tell(const wire::Message& message, const WorldView* world = nullptr);

class Chronicle final : public WorldObserver {
 public:
  // Keeps the events that are wanted. The run may end after `last`.
  Chronicle(std::function<bool(EventId)> wanted, EventId last)
      : wanted_(std::move(wanted)), last_(last) {}

  void RunBegan(const WorldView& world) override { world_ = &world; }
  void Happened(const WorldEvent& event) override;
  void Carried(EventId event, const wire::Message& message) override;
  void Invoked(const OperationInvoked& operation) override;
  void Completed(const OperationCompleted& operation) override;
  void Began(const FaultBegan& began) override;
  void Ended(const FaultEnded& ended) override;
  void PhaseBegan(Phase phase, SimTime time) override;
  [[nodiscard]] bool wants_more() const override { return now_.value <= last_.value; }

  struct Entry {
    WorldEvent event;
    std::vector<std::string> notes;
  };
  // By event.
  [[nodiscard]] const std::map<EventId, Entry>& entries() const { return entries_; }
  // The event in a line, and a line for each note.
  [[nodiscard]] static std::string Describe(const Entry& entry);

 private:
  void Note(EventId event, std::string text);
  [[nodiscard]] std::string WordsOf(const OperationInvoked& operation) const;

  const std::function<bool(EventId)> wanted_;
  const EventId last_;
  const WorldView* world_ = nullptr;
  EventId now_;
  std::map<EventId, Entry> entries_;
  std::map<uint32_t, std::string> faults_;                                 // in force, by index
  std::map<std::pair<NodeIndex, uint16_t>, std::vector<EventId>> inputs_;  // since the last tick
};

}  // namespace quorate::sim
