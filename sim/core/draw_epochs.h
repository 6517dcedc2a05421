// SPDX-License-Identifier: Apache-2.0
// What could have come of a run: from some times on its surroundings and clients are drawn
// otherwise. Up to the first of them it is the run without them, event by event.
//
// Only draws about what happens to a run are drawn anew (delays, losses, latencies, what survives a
// crash, what clients do), never those that say what it is made of (nodes, links, clocks, the
// schedule of faults): these must not change on the way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/random.h"
#include "sim/core/sim_time.h"

namespace quorate::sim {

// The numbers are stored in traces.
enum class EpochScope : uint8_t { kAll = 0, kDelays = 1 };  // the latter: of messages between nodes
inline constexpr size_t kEpochScopes = 2;

// It is in force for what happens at `from` and later, until the next one of its scope.
struct DrawEpoch {
  SimTime from;
  uint64_t salt = 0;
  EpochScope scope = EpochScope::kAll;
  friend bool operator==(const DrawEpoch&, const DrawEpoch&) = default;
};

// The seed that its holder draws with now: always the same, or that of the epoch in force.
class DrawSeed {
 public:
  DrawSeed(uint64_t seed) : own_(seed) {}  // NOLINT(google-explicit-constructor): it is a seed
  // Lent.
  explicit DrawSeed(const uint64_t* current) : current_(current) {}
  operator uint64_t() const {  // NOLINT(google-explicit-constructor)
    return current_ == nullptr ? own_ : *current_;
  }

 private:
  uint64_t own_ = 0;
  const uint64_t* current_ = nullptr;
};

// The epochs of a run, and the seeds in force. It stays where it is: seeds refer to it.
class DrawEpochs {
 public:
  // Requires: `from` does not fall.
  DrawEpochs(uint64_t seed, std::vector<DrawEpoch> epochs);
  DrawEpochs(const DrawEpochs&) = delete;
  DrawEpochs& operator=(const DrawEpochs&) = delete;

  [[nodiscard]] DrawSeed seed() const { return DrawSeed(&all_); }
  [[nodiscard]] DrawSeed delays() const { return DrawSeed(&delays_); }

  // The present. Never falls.
  void Advance(SimTime now) {
    while (begun_ < epochs_.size() && epochs_[begun_].from <= now) Begin(epochs_[begun_++]);
  }
  // Requires: it begins in the future, and not before another one.
  void Add(const DrawEpoch& epoch);

 private:
  void Begin(const DrawEpoch& epoch);

  const uint64_t seed_;
  std::vector<DrawEpoch> epochs_;
  size_t begun_ = 0;
  uint64_t delay_salt_ = 0;
  bool delays_anew_ = false;
  uint64_t all_;
  uint64_t delays_;
};

}  // namespace quorate::sim
