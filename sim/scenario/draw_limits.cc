// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/draw_limits.h"

#include <array>
#include <type_traits>

#include "engine/base/random.h"
#include "sim/core/draw.h"

namespace quorate::sim {

void DrawPoints(uint64_t seed, FaultPoints& points) {
  Prng prng(Draw(seed, Purpose::kScenario, 10));
  if (!prng.Chance(1, 3)) return;
  for (size_t i = 0; i < kFaultPoints; ++i) {
    if (prng.Chance(1, 2)) continue;
    constexpr std::array<uint32_t, 3> kRates = {10'000, 100'000, 300'000};
    points.Set(static_cast<FaultPoint>(i), kRates[prng.Below(kRates.size())]);
  }
}

void DrawLimits(uint64_t seed, node::ShardLimits& limits) {
  Prng prng(Draw(seed, Purpose::kScenario, 11));
  if (!prng.Chance(1, 3)) return;
  const auto draw = [&prng](auto& limit, uint64_t low, uint64_t high) {
    if (!prng.Chance(1, 2)) return;
    limit = static_cast<std::remove_reference_t<decltype(limit)>>(prng.Between(low, high));
  };
  draw(limits.operations, 40, 150);
  draw(limits.waiters_per_key, 1, 6);
  draw(limits.taken_requests, 1, 100);
  draw(limits.reaps, 1, 3);
  draw(limits.load_bytes, 1, 2000);
  draw(limits.clock_reserve_ms, 1, 100);
}

void DrawForgetfulness(uint64_t seed, node::ShardLimits& limits) {
  Prng prng(Draw(seed, Purpose::kScenario, 14));
  if (prng.Chance(1, 4)) limits.taken_requests = prng.Between(1, 4);
}

}  // namespace quorate::sim
