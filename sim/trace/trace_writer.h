// SPDX-License-Identifier: Apache-2.0
// Watches a run and makes a trace of it: every event in under ten bytes, the ladder, the operations
// that clients asked for. Bounded: of a run too long the last events are kept, and the ladder of
// all.
#pragma once

#include <cstdint>
#include <deque>
#include <string>

#include "sim/core/run_hash.h"
#include "sim/trace/event_block.h"
#include "sim/trace/trace.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

class TraceWriter final : public WorldObserver {
 public:
  explicit TraceWriter(RunRecipe recipe, size_t kept_bytes_max = kKeptBytesMax)
      : recipe_(std::move(recipe)), kept_bytes_max_(kept_bytes_max) {}

  // A replay makes its operations again; only a regression needs them, and to copy them takes time.
  void LeaveOutOperations() { keeps_operations_ = false; }

  void Happened(const WorldEvent& event) override;
  void Invoked(const OperationInvoked& operation) override;
  void RunEnded(const WorldView& world, uint64_t hash) override;

  // The trace of the run, which is over or has failed. As a replay; see MakeRegression.
  [[nodiscard]] Trace Finish(std::optional<Failure> failure);

  [[nodiscard]] const FaultEffects& effects() const { return effects_; }
  [[nodiscard]] const std::vector<RecordedOperation>& operations() const { return operations_; }

 private:
  void Keep(EventBlock block);

  RunRecipe recipe_;
  const size_t kept_bytes_max_;
  bool keeps_operations_ = true;
  EventEncoder encoder_;
  std::deque<EventBlock> blocks_;
  size_t kept_bytes_ = 0;
  RunHash hash_;
  std::vector<RecordedOperation> operations_;
  FaultEffects effects_{};
  uint64_t run_hash_ = 0;
};

// A regression from a run: its recipe with the operations that clients made, its verdict, and as
// required effects those that its faults had.
[[nodiscard]] Trace MakeRegression(const TraceWriter& run, Trace replay, std::string why);

}  // namespace quorate::sim
