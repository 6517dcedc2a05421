// SPDX-License-Identifier: Apache-2.0
// The shard's hybrid logical clock [HLC, Kulkarni 2014], which stamps versions.
//
// Invariants:
//   1. no version is issued twice, in this life or another: stamps rise, and a life begins above
//   the
//      ceiling that the lives before have reserved
//   2. whatever leaves the node with a stamp above the durable ceiling waits for the commit that
//   raises it
#pragma once

#include <algorithm>

#include "engine/base/ids.h"
#include "engine/base/time.h"

namespace quorate::node {

class HybridClock {
 public:
  // `reserve_ms`: how far ahead a ceiling is.
  HybridClock(const WriterId& writer, int64_t reserve_ms)
      : writer_(writer), reserve_ms_(reserve_ms) {}

  // Takes the ceiling of the lives before. Until then nothing may be stamped.
  void Open(HybridTime ceiling) {
    last_ = std::max(last_, ceiling);
    reserved_ = ceiling;
    open_ = true;
  }
  [[nodiscard]] bool open() const { return open_; }

  // Once per tick.
  void Advance(WallTime wall) { wall_ = wall; }
  // A stamp seen elsewhere: what is stamped from now on is above it. False, and nothing happens,
  // where it is further ahead of the wall than `bound`.
  bool Witness(HybridTime seen, Duration bound);

  [[nodiscard]] HybridTime Now() const { return std::max(last_, HybridTime::FromMs(wall_.ms)); }
  Version Stamp();

  // True where stamps have reached the durable ceiling and a new one must be stored.
  [[nodiscard]] bool NeedsReservation() const { return open_ && last_ > reserved_; }
  [[nodiscard]] HybridTime NextCeiling() const;
  // The ceiling is on its way to the disk, behind everything that needs it.
  void Reserve(HybridTime ceiling) { reserved_ = ceiling; }

  [[nodiscard]] const WriterId& writer() const { return writer_; }
  // For Save and Load.
  [[nodiscard]] HybridTime last() const { return last_; }
  [[nodiscard]] HybridTime reserved() const { return reserved_; }
  void Restore(HybridTime last, HybridTime reserved, bool open) {
    last_ = last;
    reserved_ = reserved;
    open_ = open;
  }

 private:
  WriterId writer_;
  int64_t reserve_ms_;
  WallTime wall_;
  HybridTime last_;
  HybridTime reserved_;
  bool open_ = false;
};

}  // namespace quorate::node
