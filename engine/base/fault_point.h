// SPDX-License-Identifier: Apache-2.0
// Points in the engine where a run may do what is allowed and rare: refuse a request as if there
// were too many, ask again before it is time, take the long way. In production none ever fires;
// how often each does is a value given at construction (FoundationDB's BUGGIFY, as data).
//
// A point never does what the protocol forbids. That it fired is counted as a mark.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/mark.h"
#include "engine/base/random.h"

namespace quorate {

// In the order of the marks that count them.
enum class FaultPoint : uint8_t {
  kReadAllAtOnce,   // a read asks every replica from the beginning
  kResendAtOnce,    // a step is asked for again at the next chance
  kRestampUnasked,  // a write is stamped again though nothing was above it
  kRefuseRequest,   // a peer's request is refused as if there were too many
  kRefuseStep,      // a peer's read or write is
  kAskAnother,      // a request goes to another replica than the best
  kForgetLife,      // a peer's life is asked for though it is known
  kLongWay,         // an operation is made of what the local copy could answer at once
  kReserveEarly,    // the clock's ceiling is raised before it is reached
  kSmallPiece,      // stored rows are loaded one by one
};
inline constexpr size_t kFaultPoints = 10;

[[nodiscard]] constexpr Mark MarkOf(FaultPoint point) {
  return static_cast<Mark>(static_cast<size_t>(Mark::kReadAllAtOnce) + static_cast<size_t>(point));
}

class FaultPoints {
 public:
  FaultPoints() = default;  // none ever fires

  // In so many of a million cases.
  void Set(FaultPoint point, uint32_t ppm) {
    ppm_[static_cast<size_t>(point)] = ppm;
    if (ppm > 0) any_ = true;
  }
  [[nodiscard]] uint32_t ppm(FaultPoint point) const { return ppm_[static_cast<size_t>(point)]; }
  // Some fires, now and then.
  [[nodiscard]] bool any() const { return any_; }

  // `what` names the case, for instance an operation: the same one has the same answer, in a shard
  // of this seed.
  [[nodiscard]] bool Fires(FaultPoint point, uint64_t seed, uint64_t what, Marks& marks) const {
    if (!any_) return false;
    constexpr uint64_t kPurpose = 0x706f696e74;
    const uint64_t draw = KeyedHash(seed, kPurpose, static_cast<uint64_t>(point), what);
    if (Scale(draw, kMillion) >= ppm(point)) return false;
    marks.Reach(MarkOf(point));
    return true;
  }

 private:
  static constexpr uint64_t kMillion = 1'000'000;
  std::array<uint32_t, kFaultPoints> ppm_{};
  bool any_ = false;
};

}  // namespace quorate
