// SPDX-License-Identifier: Apache-2.0
// Draws by key. A draw names what it is for and whom it concerns; taking one away leaves all others
// as they were. The purposes keep draws with equal ids apart; their numbers are part of every seed.
#pragma once

#include <bit>
#include <cstdint>

#include "engine/base/random.h"
#include "engine/base/time.h"

namespace quorate::sim {

enum class Purpose : uint64_t {
  kNodeId = 1,
  kNodeShards = 2,
  kNodeClock = 3,
  kNodeSeed = 4,
  kLinkDelay = 10,
  kLinkLoss = 11,
  kLinkDuplicate = 12,
  kLinkLate = 13,
  kLinkSample = 14,
  kGeography = 15,
  kLinkCorrupt = 16,
  kLinkRing = 17,
  kLinkDistance = 18,
  kLinkSlow = 19,
  kLinkRelease = 26,
  kCommitLatency = 20,
  kCommitFate = 21,
  kDisk = 22,
  kScanLatency = 23,
  kDiskDamage = 24,
  kServiceTime = 30,
  kWakeUp = 31,
  kResume = 33,
  kRestart = 32,
  kClient = 40,
  kClientNode = 41,
  kClientThink = 42,
  kClientCut = 43,
  kClientDelay = 44,
  kWorkload = 45,
  kSweep = 46,
  kWalk = 47,
  kFaultEpisode = 50,
  kScenario = 60,
};

template <typename... Ids>
[[nodiscard]] uint64_t Draw(uint64_t seed, Purpose purpose, Ids... ids) {
  return KeyedHash(seed, static_cast<uint64_t>(purpose), static_cast<uint64_t>(ids)...);
}

// Uniform in [low, high]. Requires: low <= high.
[[nodiscard]] inline Duration Uniform(uint64_t draw, Duration low, Duration high) {
  const uint64_t width = static_cast<uint64_t>((high - low).count()) + 1;
  return low + Duration(static_cast<int64_t>(Scale(draw, width)));
}

// Exponential with about the given mean, cut at 40 times the mean. The logarithm is linear between
// powers of two: no floating point, and nobody cares for the last 8 percent of a delay.
[[nodiscard]] inline Duration Exponential(uint64_t draw, Duration mean) {
  constexpr uint64_t kFractionBits = 16;
  const int zeros = std::countl_zero(draw | 1);
  const uint64_t fraction = zeros >= 63 ? 0 : (draw << (zeros + 1)) >> (64 - kFractionBits);
  // -log2(draw / 2^64), in 2^-16; times ln 2 = 45426 / 65536.
  const uint64_t log2 = (static_cast<uint64_t>(zeros + 1) << kFractionBits) - fraction;
  const uint64_t scaled = (log2 * 45426) >> 16;
  return Duration((mean.count() * static_cast<int64_t>(scaled)) >> kFractionBits);
}

// True in `ppm` of a million draws.
[[nodiscard]] inline bool Chance(uint64_t draw, uint32_t ppm) {
  return Scale(draw, 1'000'000) < ppm;
}

}  // namespace quorate::sim
