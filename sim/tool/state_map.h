// SPDX-License-Identifier: Apache-2.0
// What all processes of an exploration share: which abstract states some run has been in, what has
// been done so far, and whether to go on. The map is a Bloom filter: a state that it takes for
// known may be new, never the other way round.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/base/status.h"

namespace quorate::sim {

inline constexpr size_t kStateMapBits = size_t{1} << 20;

class StateMap {
 public:
  // Each only rises.
  enum class Count : uint8_t {
    kStates,         // that were new
    kLooks,          // at a state
    kRuns,           // that came to an end, continuations included
    kContinuations,  // that were begun
    kForked,         // places they were begun at
    kEvents,
  };

  StateMap() = default;
  ~StateMap();
  StateMap(const StateMap&) = delete;
  StateMap& operator=(const StateMap&) = delete;

  // Before the first of the other processes is made. Unavailable where the machine refuses.
  absl::Status Open();

  // True where it was not there.
  bool Add(uint64_t state);
  // Of a look at a state, which was new or not: how many looks there were since the last new one.
  uint64_t Looked(bool is_new);
  void Rise(Count count, uint64_t by = 1);
  [[nodiscard]] uint64_t Of(Count count) const;
  // Bits that are set, of kStateMapBits.
  [[nodiscard]] size_t used() const;

  // Everybody is to end.
  void Stop();
  [[nodiscard]] bool stopped() const;

 private:
  static constexpr size_t kCounts = 6;
  static constexpr size_t kWordBits = 64;
  struct Shared {
    std::array<uint64_t, kStateMapBits / kWordBits> bits;
    std::array<uint64_t, kCounts> counts;
    uint64_t quiet_looks;
    bool stop;
  };
  Shared* shared_ = nullptr;
};

}  // namespace quorate::sim
