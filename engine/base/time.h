// SPDX-License-Identifier: Apache-2.0
// The two clocks of a node, as values. Nothing here can read a clock: only a world (io or sim)
// makes an Instant or a WallTime, once per tick.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace quorate {

// Lengths of time, in microseconds.
using Duration = std::chrono::duration<int64_t, std::micro>;
using std::chrono_literals::operator""us;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

struct MonotonicClock {  // a tag: it has no now()
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock, Duration>;
  static constexpr bool is_steady = true;
};

// A point on the monotonic clock: for timeouts. Its zero has no meaning.
using Instant = MonotonicClock::time_point;

// Milliseconds since the Unix epoch by the node's own wall clock, which may be wrong or jump.
struct WallTime {
  int64_t ms = 0;
  friend auto operator<=>(const WallTime&, const WallTime&) = default;
};

// What a world reads once per tick and hands in with the events.
struct Clocks {
  Instant monotonic;
  WallTime wall;
};

// Hybrid logical time [HLC, Kulkarni 2014]: 48 bits of milliseconds since the Unix epoch above a
// 16-bit counter. Zero is before everything.
class HybridTime {
 public:
  constexpr HybridTime() = default;
  static constexpr HybridTime FromBits(uint64_t bits) { return HybridTime(bits); }
  // The first time of a millisecond; times before the epoch and beyond 48 bits (the year 10889) are
  // clamped.
  static constexpr HybridTime FromMs(int64_t ms) {
    if (ms > kMsMax) return Max();
    return HybridTime(ms <= 0 ? 0 : static_cast<uint64_t>(ms) << kCounterBits);
  }
  static constexpr HybridTime Max() { return HybridTime(~uint64_t{0}); }

  [[nodiscard]] constexpr uint64_t bits() const { return bits_; }
  [[nodiscard]] constexpr int64_t ms() const { return static_cast<int64_t>(bits_ >> kCounterBits); }
  // The smallest time above this one; Max() stays.
  [[nodiscard]] constexpr HybridTime Next() const {
    return *this == Max() ? *this : HybridTime(bits_ + 1);
  }

  friend constexpr auto operator<=>(HybridTime, HybridTime) = default;

 private:
  static constexpr int kCounterBits = 16;
  static constexpr int64_t kMsMax = (int64_t{1} << 48) - 1;
  explicit constexpr HybridTime(uint64_t bits) : bits_(bits) {}
  uint64_t bits_ = 0;
};

}  // namespace quorate
