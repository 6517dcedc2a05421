// SPDX-License-Identifier: Apache-2.0
// What will happen, and the record of what does: the queue of scheduled actions, the number, cause
// and hash of every event, and those who watch.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/core/memory_part.h"
#include "sim/core/radix_heap.h"
#include "sim/core/run_hash.h"
#include "sim/core/sim_time.h"
#include "sim/core/slab.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

// What the world does at a time. Most become an event of the same name; the others decide whether
// there is anything to do.
enum class Action : uint8_t {
  kTick,            // node, shard; argument: generation
  kTimer,           // node, shard; argument: life
  kMessage,         // node, peer; slot
  kSiblingMessage,  // node, peer; slot; argument: life
  kStorage,         // node; argument: life
  kStorageSync,     // node; argument: life
  kStart,           // node
  kStopped,         // node; argument: life
  kConnect,         // argument: connection
  kToNode,          // argument: connection; slot: bytes
  kToClient,        // the same
  kCloseAtNode,     // argument: connection
  kClosedAtClient,
  kOpenedAtClient,
  kClientWake,   // peer: client; argument: generation
  kFaultBegins,  // peer: index
  kFaultEnds,
  kCrashDue,  // node; peer: index of the fault
  kPhase,
};

struct Scheduled {
  EventId cause{};
  uint64_t argument = 0;
  Action action = Action::kTick;
  uint16_t shard = 0;
  uint32_t node = kNoNode.value;
  uint32_t peer = kNoNode.value;
  uint32_t slot = 0;
};

class Agenda {
 public:
  // The observers outlive the agenda. `memory` may be null.
  Agenda(std::vector<WorldObserver*> observers, MemoryMeter* memory)
      : observers_(std::move(observers)), memory_(memory) {}

  // Requires: time >= now().
  void At(SimTime time, Scheduled what);
  // Takes the next action and makes its time the present. Requires: !empty().
  Scheduled Next();
  // What may well be next, for fetching what it needs. Null where that is not known cheaply.
  [[nodiscard]] const Scheduled* Likely() const {
    const RadixHeap::Entry* entry = heap_.Likely();
    return entry == nullptr ? nullptr : &scheduled_[static_cast<uint32_t>(entry->slot)];
  }
  [[nodiscard]] bool empty() const { return heap_.empty(); }
  [[nodiscard]] SimTime now() const { return now_; }

  // Records an event of the action under way. The first one is the cause of what is scheduled and
  // recorded after it.
  EventId Happened(EventKind kind, NodeIndex node, uint16_t shard, uint32_t peer,
                   uint64_t argument);
  // The event under way, for those that tell of something in its course.
  [[nodiscard]] EventId current() const { return current_; }

  [[nodiscard]] MemoryMeter* memory() const { return memory_; }
  [[nodiscard]] const RunHash& hash() const { return hash_; }
  [[nodiscard]] uint64_t events() const { return hash_.events(); }
  [[nodiscard]] const std::vector<WorldObserver*>& observers() const { return observers_; }
  // Each observer in turn is given to `tell`.
  template <typename Tell>
  void TellAll(const Tell& tell) const {
    const MemoryOf observers(memory_, MemoryPart::kObservers);
    for (WorldObserver* observer : observers_) tell(*observer);
  }

 private:
  const std::vector<WorldObserver*> observers_;
  MemoryMeter* const memory_;
  RadixHeap heap_;
  Slab<Scheduled> scheduled_;
  RunHash hash_;
  SimTime now_;
  EventId cause_;    // of the action under way
  EventId current_;  // its first event; its cause while there is none
  bool recorded_ = false;
};

}  // namespace quorate::sim
