// SPDX-License-Identifier: Apache-2.0
// All oracles of a run, as one observer: some look while the world runs, most when it is at rest.
// It keeps the first failure, and the world need not go on after that.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.h"
#include "sim/oracle/history_recorder.h"
#include "sim/oracle/leaks.h"
#include "sim/oracle/no_quorum.h"
#include "sim/oracle/promises.h"
#include "sim/oracle/request_order.h"
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
  CoreFigures core;
};

class OracleSuite final : public WorldObserver {
 public:
  explicit OracleSuite(OracleOptions options = {}) : options_(options) {}

  void RunBegan(const WorldView& world) override;
  void Happened(const WorldEvent& event) override;
  void Invoked(const OperationInvoked& operation) override;
  void Completed(const OperationCompleted& operation) override;
  void Crashed(NodeIndex node, SimTime time) override;
  void Forgot(NodeIndex node, SimTime since, SimTime time) override;
  void StorageFailed(NodeIndex node, SimTime time) override;
  void RunEnded(const WorldView& world, uint64_t hash) override;
  [[nodiscard]] bool wants_more() const override { return !failure_.has_value(); }

  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  [[nodiscard]] const OracleCoverage& coverage() const { return coverage_; }
  [[nodiscard]] const RequestOrder& requests() const { return requests_; }

 private:
  void Keep(std::optional<Failure> failure);
  void JudgeHistory(const WorldView& world);
  void JudgeConvergence(const WorldView& world);

  OracleOptions options_;
  const WorldView* world_ = nullptr;  // between RunBegan and RunEnded
  uint64_t sample_events_ = 1;        // the queues are looked at once in so many
  HistoryRecorder recorder_;
  RequestOrder requests_;
  Walks walks_;
  NoQuorum no_quorum_;
  std::optional<bool> whole_;  // known from the sweep on
  EventId last_event_;
  OracleCoverage coverage_;
  std::optional<Failure> failure_;
};

}  // namespace quorate::sim
