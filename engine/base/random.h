// SPDX-License-Identifier: Apache-2.0
// Randomness by key: a draw is a pure function of (seed, purpose, ids...), never of how many draws
// came before, so that removing one event from a run leaves all others as they were.
// The functions are frozen: their values are part of every stored seed. tests/engine/base has
// vectors.
#pragma once

#include <bit>
#include <cstdint>

#include "engine/base/check.h"

namespace quorate {

// 64x64 to 128 bits, folded: the mixing step.
[[nodiscard]] inline uint64_t Mix(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a ^ 0x9e3779b97f4a7c15) * (b ^ 0xbf58476d1ce4e5b9);
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

template <typename... Ids>
[[nodiscard]] uint64_t KeyedHash(uint64_t seed, Ids... ids) {
  uint64_t hash = seed ^ 0x94d049bb133111eb;
  ((hash = Mix(hash + 0x632be59bd9b4e019, static_cast<uint64_t>(ids))), ...);
  return Mix(hash, 0x2545f4914f6cdd1d ^ sizeof...(ids));
}

// A 64-bit draw scaled to [0, bound). Requires: bound > 0. The bias is below 2^-32 for bounds under
// 2^32, which is all a simulator or a jitter needs.
[[nodiscard]] inline uint64_t Scale(uint64_t draw, uint64_t bound) {
  QUORATE_DCHECK(bound > 0);
  __extension__ using Wide = unsigned __int128;
  return static_cast<uint64_t>((static_cast<Wide>(draw) * bound) >> 64);
}

// A streamed generator (xoshiro256**, Blackman and Vigna 2018) for one value that owns it, such as
// a workload. Never shared between two purposes.
class Prng {
 public:
  explicit Prng(uint64_t seed) {
    for (uint64_t& word : state_) word = SplitMix(seed);
  }

  uint64_t Next() {
    const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  // Uniform in [0, bound). Requires: bound > 0.
  uint64_t Below(uint64_t bound) { return Scale(Next(), bound); }
  // Uniform in [low, high]. Requires: low <= high.
  uint64_t Between(uint64_t low, uint64_t high) { return low + Below(high - low + 1); }
  // True in `numerator` of `denominator` cases.
  bool Chance(uint64_t numerator, uint64_t denominator) { return Below(denominator) < numerator; }

 private:
  static uint64_t SplitMix(uint64_t& seed) {
    uint64_t z = (seed += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t state_[4];
};

}  // namespace quorate
