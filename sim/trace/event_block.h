// SPDX-License-Identifier: Apache-2.0
// Events as a few bytes each: differences to the event before, and nothing where there is none. The
// hash of what an event carries is cut to 8 bits: enough to point at the event, between two rungs
// of the ladder, which has all of it.
//
//   head    bits 0-3 kind; 4 time as before; 5 node as before; 6 no peer; 7 shard 0
//   varint  microseconds since the event before, unless bit 4
//   varint  node + 1, 0 for none, unless bit 5
//   varint  peer, unless bit 6
//   varint  shard, unless bit 7
//   varint  how many events ago the cause was; 0 for none
//   byte    the hash, folded
//
// A block begins with everything "before" being zero, and its first event's number is outside.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "engine/base/codec.h"
#include "engine/base/status.h"
#include "sim/core/sim_time.h"
#include "sim/trace/limits.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

struct TraceEvent {
  EventId id;
  EventId cause;
  SimTime time;
  EventKind kind = EventKind::kTick;
  NodeIndex node;
  uint16_t shard = 0;
  uint32_t peer = kNoNode.value;
  uint8_t check = 0;
  friend bool operator==(const TraceEvent&, const TraceEvent&) = default;
};
[[nodiscard]] TraceEvent Traced(const WorldEvent& event);
// "event 12 at 3.000417 s, caused by 7: message-arrived at node 2 shard 0, peer 1".
[[nodiscard]] std::string Describe(const TraceEvent& event);

struct EventBlock {
  EventId first;
  uint32_t events = 0;
  Bytes bytes;
  friend bool operator==(const EventBlock&, const EventBlock&) = default;
};

class EventEncoder {
 public:
  // Requires: !full(), and numbers that follow each other.
  void Add(const TraceEvent& event);
  [[nodiscard]] bool full() const { return block_.events == kBlockEvents; }
  [[nodiscard]] bool empty() const { return block_.events == 0; }
  [[nodiscard]] EventId next() const { return {block_.first.value + block_.events}; }
  // Ends the block; the next event begins another.
  [[nodiscard]] EventBlock Take();

 private:
  EventBlock block_;  // while events are added, with room behind what they take
  size_t used_ = 0;
  SimTime time_;
  NodeIndex node_;
};

// Calls visit for each event until it returns false. DataLoss where the bytes are not such a block.
absl::Status ForEachEvent(const EventBlock& block,
                          const std::function<bool(const TraceEvent&)>& visit);

}  // namespace quorate::sim
