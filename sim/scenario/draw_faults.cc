// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/draw_faults.h"

#include <algorithm>
#include <array>

#include "sim/core/draw.h"

namespace quorate::sim {
namespace {

struct FaultFamily {
  std::array<FaultKind, 10> kinds;
  size_t size;
  uint32_t weight;
};
constexpr std::array kFamilies = {
    FaultFamily{{FaultKind::kPartition, FaultKind::kOneWayCut}, 2, 8},
    FaultFamily{{FaultKind::kLoss, FaultKind::kDuplication, FaultKind::kDelay,
                 FaultKind::kCorruption, FaultKind::kClog, FaultKind::kBandwidth},
                6,
                4},
    FaultFamily{{FaultKind::kLate}, 1, 4},
    FaultFamily{{FaultKind::kHalfOpen}, 1, 4},
    FaultFamily{
        {FaultKind::kCrash, FaultKind::kPause, FaultKind::kStop, FaultKind::kSlowCpu}, 4, 6},
    FaultFamily{{FaultKind::kClockOffset, FaultKind::kClockDrift, FaultKind::kClockJump,
                 FaultKind::kWallFreeze, FaultKind::kMonotonicFreeze, FaultKind::kMonotonicJump},
                6,
                3},
    FaultFamily{{FaultKind::kDiskStall, FaultKind::kDiskFull, FaultKind::kCommitError,
                 FaultKind::kSyncError},
                4,
                4},
    FaultFamily{{FaultKind::kReadError, FaultKind::kBitRot, FaultKind::kMisdirection,
                 FaultKind::kDroppedWrite},
                4,
                5},
    FaultFamily{{FaultKind::kLostSync, FaultKind::kRollback}, 2, 5},
    FaultFamily{{FaultKind::kDiskSwap}, 1, 3},
};

}  // namespace

void UseAllFaults(FaultPlan& plan) {
  std::fill_n(plan.weights.begin(), kFirstFaultKinds, 2);
  plan.weights[Index(FaultKind::kCrash)] = 6;
  plan.weights[Index(FaultKind::kPartition)] = 5;
  plan.weights[Index(FaultKind::kLoss)] = 3;
  plan.weights[Index(FaultKind::kDiskStall)] = 4;
  plan.weights[Index(FaultKind::kDiskFull)] = 1;
  plan.weights[Index(FaultKind::kCommitError)] = 1;
}

void DrawFamilies(Prng& prng, FaultPlan& plan) {
  plan.weights.fill(0);
  // Something is always there.
  plan.weights[Index(FaultKind::kCrash)] = 2;
  for (const FaultFamily& family : kFamilies) {
    if (prng.Chance(1, 2)) continue;
    for (size_t i = 0; i < family.size; ++i) {
      if (prng.Chance(1, 4)) continue;
      plan.weights[Index(family.kinds[i])] = static_cast<uint32_t>(prng.Between(1, family.weight));
    }
  }
}

void DrawReleases(uint64_t seed, FaultPlan& plan) {
  Prng prng(Draw(seed, Purpose::kScenario, 13));
  if (!prng.Chance(1, 4)) return;
  plan.weights[Index(FaultKind::kOtherRelease)] = static_cast<uint32_t>(prng.Between(1, 4));
}

void DrawRelapses(uint64_t seed, FaultPlan& plan, node::ShardLimits& limits) {
  Prng prng(Draw(seed, Purpose::kScenario, 25));
  if (!prng.Chance(1, 3)) return;
  plan.relapse_percent = static_cast<uint32_t>(prng.Between(20, 80));
  if (prng.Chance(1, 2)) limits.load_bytes = prng.Between(100, 5000);
}

void LeaveSomeOut(std::span<uint32_t> weights, Prng& prng, size_t kept_for_sure) {
  for (size_t i = 0; i < weights.size(); ++i) {
    if (i != kept_for_sure && prng.Chance(1, 3)) weights[i] = 0;
  }
}

}  // namespace quorate::sim
