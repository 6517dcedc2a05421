// SPDX-License-Identifier: Apache-2.0
// The clocks of one node: functions of the true time, with a rate that is not quite right, a wall
// clock that is off, and a monotonic clock that begins anew with each life. Integers only.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.h"
#include "sim/core/sim_time.h"

namespace quorate::sim {

class NodeClock {
 public:
  NodeClock() = default;
  // `offset` and `drift_ppm` are those of the node in good health. The wall clock goes by steps of
  // `grain`, in whole milliseconds.
  NodeClock(Duration offset, int32_t drift_ppm, Duration grain = Duration(0))
      : offset_(offset), drift_ppm_(drift_ppm), grain_ms_(grain / Duration(1ms)) {}

  [[nodiscard]] Clocks At(SimTime now) const;
  // The first time at which the monotonic clock shows at least `instant`; SimTime::max where never.
  [[nodiscard]] SimTime WhenReads(Instant instant) const;

  // A new life: the monotonic clock begins at `base`.
  void BeginLife(SimTime now, Instant base);
  // Added to the rate and to the wall clock of good health.
  void SetDrift(SimTime now, int32_t ppm);
  void SetOffset(Duration offset) { fault_offset_ = offset; }
  [[nodiscard]] bool is_offset() const { return fault_offset_ != Duration(0); }
  // The wall clock stands still until Thaw, and then is right again.
  void FreezeWall(SimTime now) { frozen_wall_ = Local(now); }
  void ThawWall() { frozen_wall_.reset(); }
  // The monotonic clock stands still, and goes on from there.
  void FreezeMonotonic(SimTime now) { frozen_monotonic_ = Local(now); }
  void ThawMonotonic(SimTime now);
  void JumpMonotonic(Duration ahead) { monotonic_base_ += ahead.count(); }

 private:
  [[nodiscard]] int64_t rate() const { return kMillion + drift_ppm_ + fault_ppm_; }
  // Local microseconds since the beginning of the run.
  [[nodiscard]] int64_t Local(SimTime now) const {
    return anchor_local_ + static_cast<int64_t>(now.us - anchor_.us) * rate() / kMillion;
  }
  void Anchor(SimTime now) {
    anchor_local_ = Local(now);
    anchor_ = now;
  }

  static constexpr int64_t kMillion = 1'000'000;
  Duration offset_{0};
  Duration fault_offset_{0};
  int32_t drift_ppm_ = 0;
  int32_t fault_ppm_ = 0;
  int64_t grain_ms_ = 0;  // 0 and 1: each millisecond
  SimTime anchor_;
  int64_t anchor_local_ = 0;
  std::optional<int64_t> frozen_wall_;  // local time at which it stands
  std::optional<int64_t> frozen_monotonic_;
  int64_t monotonic_base_ = 0;  // what the monotonic clock shows at local 0
};

}  // namespace quorate::sim
