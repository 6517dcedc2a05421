// SPDX-License-Identifier: Apache-2.0
// All oracles of a run, as one observer: some look while the world runs, most when it is at rest.
// Each pool has oracles of its own; what a node has of all its pools together is judged once. It
// keeps the first failure, and the world need not go on after that.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/time.h"
#include "sim/oracle/history_recorder.h"
#include "sim/oracle/leaks.h"
#include "sim/oracle/no_quorum.h"
#include "sim/oracle/promises.h"
#include "sim/oracle/request_order.h"
#include "sim/oracle/staleness.h"
#include "sim/oracle/stored_states.h"
#include "sim/oracle/undisturbed.h"
#include "sim/oracle/walks.h"
#include "sim/world/failure.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

struct OracleOptions {
  // Within which a pool of durability `periodic` syncs; longer where the disk may stall.
  Duration periodic_window = 100ms;
  QueueLimits queues;
};

// What was judged, so that a run that judged little can be told from a good one.
struct OracleCoverage {
  HistoryCoverage history;
  uint64_t operations = 0;
  uint64_t swept_keys = 0;
  uint64_t compared_keys = 0;
  uint64_t walks = 0;
  uint64_t judged_lone = 0;  // answers of lone keys
  CoreFigures core;
  Staleness staleness;
};

// All that is judged of one pool: it is told of the operations of that pool's clients alone, so
// that what came from another is a value nobody has written.
class PoolOracles {
 public:
  PoolOracles(const PoolLook& pool, const OracleOptions& options)
      : pool_(pool), options_(options), recorder_(pool.id) {}

  void RunBegan(const WorldView& world);
  void Invoked(const OperationInvoked& operation);
  void Completed(const WorldView& world, const OperationCompleted& operation);
  void LeftOpen(const OperationInvoked& operation) { recorder_.LeftOpen(operation); }
  void Crashed(NodeIndex node, SimTime time) { recorder_.Crashed(node, time); }
  void Forgot(NodeIndex node, SimTime since, SimTime time) { recorder_.Forgot(node, since, time); }
  // The power is about to be cut.
  void AtRest(const WorldView& world);
  // Requires: the run ended after `last`.
  void Judge(const WorldView& world, EventId last);

  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  void AddTo(OracleCoverage& coverage) const;

 private:
  void Keep(std::optional<Failure> failure);
  void JudgeHistory(const WorldView& world);
  void JudgeStates(const WorldView& world, EventId last);

  const PoolLook pool_;
  const OracleOptions options_;
  HistoryRecorder recorder_;
  RequestOrder requests_;
  Walks walks_;
  NoQuorum no_quorum_;
  std::optional<StoredStates> stored_;  // where the power was cut
  std::optional<bool> whole_;           // known from the sweep on
  uint64_t compared_keys_ = 0;
  uint64_t judged_lone_ = 0;
  Staleness staleness_;
  std::optional<Failure> failure_;
};

class OracleSuite final : public WorldObserver {
 public:
  explicit OracleSuite(OracleOptions options = {}) : options_(options) {}

  void RunBegan(const WorldView& world) override;
  void Happened(const WorldEvent& event) override;
  void Invoked(const OperationInvoked& operation) override;
  void Completed(const OperationCompleted& operation) override;
  void LeftOpen(const OperationInvoked& operation) override;
  void Crashed(NodeIndex node, SimTime time) override;
  void Forgot(NodeIndex node, SimTime since, SimTime time) override;
  void StorageFailed(NodeIndex node, SimTime time) override;
  void Began(const FaultBegan& fault) override;
  void PhaseBegan(Phase phase, SimTime time) override;
  void RunEnded(const WorldView& world, uint64_t hash) override;
  [[nodiscard]] bool wants_more() const override { return !failure_.has_value(); }

  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  [[nodiscard]] const OracleCoverage& coverage() const { return coverage_; }

 private:
  void Keep(std::optional<Failure> failure);
  void KeepOf(const PoolOracles& pool, PoolId id);

  OracleOptions options_;
  const WorldView* world_ = nullptr;  // between RunBegan and RunEnded
  uint64_t sample_events_ = 1;        // the queues are looked at once in so many
  std::vector<PoolOracles> pools_;    // by number
  Undisturbed undisturbed_;
  EventId last_event_;
  std::optional<QueueSizes> at_rest_;  // where the power was cut behind it
  OracleCoverage coverage_;
  std::optional<Failure> failure_;
};

}  // namespace quorate::sim
