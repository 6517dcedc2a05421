// SPDX-License-Identifier: Apache-2.0
// Turns the world's events into a History: pairs each operation with its answer, and remembers
// which nodes crashed when, so that the promises of weaker durabilities can be judged.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/codec.h"
#include "sim/oracle/history.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

// Of each key, in all data centres.
[[nodiscard]] uint32_t ReplicasOf(const WorldView& world, PoolId pool);

// Of one pool, whose operations alone it is told of.
class HistoryRecorder final : public WorldObserver {
 public:
  explicit HistoryRecorder(PoolId pool = {}) : pool_(pool) {}

  void RunBegan(const WorldView& world) override;
  void Invoked(const OperationInvoked& operation) override;
  void Completed(const OperationCompleted& operation) override;
  void Crashed(NodeIndex node, SimTime time) override;
  void Forgot(NodeIndex node, SimTime since, SimTime time) override;
  void LeftOpen(const OperationInvoked& operation) override;

  [[nodiscard]] const History& history() const { return history_; }
  void Decide(const std::vector<DecidedDeletion>& deletions) { history_.Decide(deletions); }
  [[nodiscard]] const std::vector<std::pair<NodeIndex, SimTime>>& crashes() const {
    return crashes_;
  }
  // A node that has lost all that it stored between two times.
  struct Lapse {
    NodeIndex node;
    SimTime since;
    SimTime time;
  };
  [[nodiscard]] const std::vector<Lapse>& lapses() const { return lapses_; }
  [[nodiscard]] uint64_t operations() const { return operations_; }

 private:
  [[nodiscard]] Access AccessOf(const OperationInvoked& operation) const;

  std::vector<uint16_t> data_centre_of_;  // by node
  std::vector<std::pair<NodeIndex, SimTime>> crashes_;
  std::vector<Lapse> lapses_;
  const PoolId pool_;
  History history_;
  uint64_t operations_ = 0;
};

}  // namespace quorate::sim
