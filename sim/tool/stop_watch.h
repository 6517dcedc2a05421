// SPDX-License-Identifier: Apache-2.0
// Watches a run for what it is to be stopped at, and keeps what there is to say of the last step.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "sim/core/run_hash.h"
#include "sim/tool/stop.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

class StopWatch final : public WorldObserver {
 public:
  // What there is to say of the step before is forgotten with the first event of this one.
  void BeginStep(Stop stop);
  [[nodiscard]] bool reached() const { return reached_; }
  [[nodiscard]] bool quiet() const { return quiet_; }

  // The last event so far; 0: none.
  [[nodiscard]] uint64_t position() const { return position_; }
  // All events so far.
  [[nodiscard]] uint64_t hash() const { return hash_.value(); }
  // A line for each event of the step, and lines for what they carried.
  [[nodiscard]] std::string Describe() const;

  void RunBegan(const WorldView& world) override { world_ = &world; }
  void Happened(const WorldEvent& event) override;
  void Carried(EventId event, const wire::Message& message) override;
  void Invoked(const OperationInvoked& operation) override;
  void Completed(const OperationCompleted& operation) override;
  void Began(const FaultBegan& began) override;
  void Ended(const FaultEnded& ended) override;
  void Crashed(NodeIndex node, SimTime time) override;
  void Stopped(NodeIndex node, SimTime time) override;
  void Started(NodeIndex node, SimTime time) override;
  void Logged(NodeIndex node, SimTime time, env::LogLevel level, std::string_view text) override;

 private:
  void Note(std::string text);
  [[nodiscard]] bool Names(const std::vector<Bytes>& command) const;

  const WorldView* world_ = nullptr;
  Stop stop_;
  bool reached_ = false;
  bool quiet_ = true;  // the step had no event so far
  uint64_t position_ = 0;
  RunHash hash_;
  std::vector<std::pair<WorldEvent, std::vector<std::string>>> events_;  // of the step
};

}  // namespace quorate::sim
