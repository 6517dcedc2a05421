// SPDX-License-Identifier: Apache-2.0
#include "sim/scenario/draw_workload.h"

#include <array>
#include <utility>

#include "sim/core/draw.h"
#include "sim/scenario/draw_pools.h"

namespace quorate::sim {

using topology::Consistency;

void UseAllOperations(WorkloadConfig& workload) {
  workload.weights.fill(2);
  // Only where a scenario wants them.
  for (size_t i = Index(OperationKind::kMove); i < kOperationKinds; ++i) workload.weights[i] = 0;
  workload.weights[Index(OperationKind::kGet)] = 20;
  workload.weights[Index(OperationKind::kSet)] = 20;
  workload.weights[Index(OperationKind::kIncrement)] = 10;
  workload.weights[Index(OperationKind::kIncrementBy)] = 5;
  workload.weights[Index(OperationKind::kCounterGet)] = 6;
  workload.weights[Index(OperationKind::kHashSet)] = 8;
  workload.weights[Index(OperationKind::kHashGet)] = 8;
  workload.weights[Index(OperationKind::kSetIfAbsent)] = 1;
  workload.weights[Index(OperationKind::kGetDelete)] = 1;
  workload.weights[Index(OperationKind::kCounterDelete)] = 1;
}

void KeepOneClass(Prng& prng, WorkloadConfig& workload) {
  constexpr std::array<std::pair<OperationKind, OperationKind>, 4> kClasses = {
      {{OperationKind::kGet, OperationKind::kSetIfAbsent},
       {OperationKind::kCounterGet, OperationKind::kCounterDelete},
       {OperationKind::kHashGet, OperationKind::kHashIncrement},
       {OperationKind::kExpiringGet, OperationKind::kPersist}}};
  const uint64_t choice = prng.Below(kClasses.size() + 1);
  if (choice == kClasses.size()) return;
  const auto [first, last] = kClasses[choice];
  for (size_t i = 0; i < workload.weights.size(); ++i) {
    if (i < Index(first) || i > Index(last)) workload.weights[i] = 0;
  }
  // What is never deleted is judged at every read, not at the end alone.
  if (prng.Chance(1, 2)) {
    workload.weights[Index(OperationKind::kCounterDelete)] = 0;
    workload.weights[Index(OperationKind::kDelete)] = 0;
    workload.weights[Index(OperationKind::kGetDelete)] = 0;
  }
}

void DrawReaders(uint64_t seed, WorkloadConfig& workload) {
  if (Draw(seed, Purpose::kScenario, 24) % 8 != 0) return;
  for (const OperationKind kind : {OperationKind::kGet, OperationKind::kCounterGet,
                                   OperationKind::kHashGet, OperationKind::kExpiringGet}) {
    workload.weights[Index(kind)] *= 10;
  }
}

void DrawSeveralKeys(uint64_t seed, WorldConfig& config) {
  PoolConfig& pool = config.pools.front();
  const auto draws = [&](OperationKind kind, uint64_t number, uint32_t weight = 4) {
    const bool drawn = Draw(seed, Purpose::kScenario, number) % 3 == 0;
    config.workload.weights[Index(kind)] = drawn ? weight : 0;
    return drawn;
  };
  const bool moves = draws(OperationKind::kMove, 9);
  draws(OperationKind::kJoin, 15);
  draws(OperationKind::kMultiDelete, 19);
  const bool locks = draws(OperationKind::kMultiSetIfAbsent, 20);
  draws(OperationKind::kBitOperation, 21);
  const bool lone = draws(OperationKind::kLone, 22, 12);
  pool.unsafe_commands = (moves || locks || lone) && Draw(seed, Purpose::kScenario, 17) % 2 == 0;
}

bool DrawLevels(Prng& prng, WorldConfig& config, uint64_t one_in_weak) {
  PoolConfig& pool = config.pools.front();
  const auto [read, write] = kMeetingLevels[prng.Below(kMeetingLevels.size())];
  const bool weak = prng.Chance(1, one_in_weak);
  if (weak) {
    pool.client_levels = {{Consistency::kOne, Consistency::kQuorum},
                          {Consistency::kQuorum, Consistency::kQuorum}};
    config.workload.weights.fill(0);
    config.workload.weights[Index(OperationKind::kGet)] = 1;
    config.workload.weights[Index(OperationKind::kSet)] = 1;
    config.workload.weights[Index(OperationKind::kIncrement)] = 2;
    config.workload.weights[Index(OperationKind::kIncrementBy)] = 2;
    config.workload.weights[Index(OperationKind::kCounterGet)] = 1;
  } else if (prng.Chance(2, 5)) {
    pool.client_levels = {{read, write}};
  }
  return weak;
}

void KeepToQuorums(WorldConfig& config) {
  for (PoolConfig& pool : config.pools) {
    pool.read = pool.write = Consistency::kQuorum;
    pool.client_levels.clear();
    if (config.data_centres > 1) continue;
    pool.client_levels = {{Consistency::kQuorum, Consistency::kQuorum},
                          {Consistency::kLocalQuorum, Consistency::kLocalQuorum}};
  }
}

}  // namespace quorate::sim
