// SPDX-License-Identifier: Apache-2.0
#include "sim/world/agenda.h"

#include "engine/base/check.h"
#include "sim/core/limits.h"

namespace quorate::sim {

void Agenda::At(SimTime time, Scheduled what) {
  QUORATE_CHECK(time >= now_);
  QUORATE_CHECK(heap_.size() < kPendingEventsMax);
  what.cause = current_;
  heap_.Push({time.us, scheduled_.Add(what)});
}

Scheduled Agenda::Next() {
  const RadixHeap::Entry entry = heap_.Pop();
  now_ = SimTime{entry.time};
  const Scheduled what = scheduled_.Take(static_cast<uint32_t>(entry.slot));
  cause_ = what.cause;
  current_ = what.cause;
  recorded_ = false;
  return what;
}

EventId Agenda::Happened(EventKind kind, NodeIndex node, uint16_t shard, uint32_t peer,
                         uint64_t argument) {
  const EventId id{hash_.events() + 1};
  const WorldEvent event{id,      recorded_ ? current_ : cause_, now_, kind, node, shard, peer,
                         argument};
  hash_.Add(event.time.us);
  hash_.Add(event.cause.value);
  hash_.Add(uint64_t{static_cast<uint8_t>(kind)} << 16 | shard);
  hash_.Add(uint64_t{node.value} << 32 | peer);
  hash_.Add(argument);
  hash_.EndEvent();
  if (!recorded_) current_ = id;
  recorded_ = true;
  TellAll([&](WorldObserver& observer) { observer.Happened(event); });
  return id;
}

}  // namespace quorate::sim
