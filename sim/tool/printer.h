// SPDX-License-Identifier: Apache-2.0
// Prints what happens, for people: the logs of nodes with the faults between them, and the
// operations on one key.
#pragma once

#include <string>
#include <string_view>

#include "sim/world/world_events.h"

namespace quorate::sim {

class Printer final : public WorldObserver {
 public:
  // Logs where `log`; operations that name the key `watched` where it is not empty.
  Printer(bool log, std::string watched) : log_(log), watched_(std::move(watched)) {}

  void RunBegan(const WorldView& world) override { world_ = &world; }
  void Logged(NodeIndex node, SimTime time, env::LogLevel level, std::string_view text) override;
  void Began(const FaultBegan& began) override;
  void Ended(const FaultEnded& ended) override;
  void Crashed(NodeIndex node, SimTime time) override;
  void Stopped(NodeIndex node, SimTime time) override;
  void Started(NodeIndex node, SimTime time) override;
  void PhaseBegan(Phase phase, SimTime time) override;
  void Happened(const WorldEvent& event) override { now_ = event.time; }
  void Invoked(const OperationInvoked& operation) override;
  void Completed(const OperationCompleted& operation) override;

 private:
  void Line(SimTime time, std::string_view text) const;
  [[nodiscard]] bool Watches(const OperationInvoked& operation) const;
  [[nodiscard]] std::string Tell(const OperationInvoked& operation) const;
  [[nodiscard]] bool Tells() const { return log_ || !watched_.empty(); }

  const bool log_;
  const std::string watched_;
  const WorldView* world_ = nullptr;
  SimTime now_;
};

}  // namespace quorate::sim
