// SPDX-License-Identifier: Apache-2.0
#include "sim/world/node_clock.h"

#include "sim/world/limits.h"

namespace quorate::sim {

Clocks NodeClock::At(SimTime now) const {
  const int64_t local = Local(now);
  const int64_t wall_us = frozen_wall_.value_or(local) + offset_.count() + fault_offset_.count();
  int64_t wall_ms = wall_us / 1000;
  if (grain_ms_ > 1) wall_ms -= wall_ms % grain_ms_;
  return {Instant(Duration(monotonic_base_ + frozen_monotonic_.value_or(local))),
          WallTime{kWorldEpochMs + wall_ms}};
}

SimTime NodeClock::WhenReads(Instant instant) const {
  constexpr SimTime kNeverReached{UINT64_MAX};
  if (instant == Instant::max()) return kNeverReached;
  const int64_t local = instant.time_since_epoch().count() - monotonic_base_;
  if (local <= frozen_monotonic_.value_or(anchor_local_)) return anchor_;
  if (frozen_monotonic_) return kNeverReached;
  __extension__ using Wide = __int128;
  const Wide wait = (static_cast<Wide>(local - anchor_local_) * kMillion + rate() - 1) / rate();
  const Wide at = static_cast<Wide>(anchor_.us) + wait;
  if (at > static_cast<Wide>(INT64_MAX)) return kNeverReached;
  return {static_cast<uint64_t>(at)};
}

void NodeClock::BeginLife(SimTime now, Instant base) {
  Anchor(now);
  if (frozen_monotonic_) frozen_monotonic_ = anchor_local_;
  monotonic_base_ = base.time_since_epoch().count() - anchor_local_;
}

void NodeClock::ThawMonotonic(SimTime now) {
  if (frozen_monotonic_) monotonic_base_ -= Local(now) - *frozen_monotonic_;
  frozen_monotonic_.reset();
}

void NodeClock::SetDrift(SimTime now, int32_t ppm) {
  Anchor(now);
  fault_ppm_ = ppm;
}

}  // namespace quorate::sim
