// SPDX-License-Identifier: Apache-2.0
// A run under the hands of a person: it stops at events and at what is waited for, shows what nodes
// and keys are like there, and goes back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/oracle/suite.h"
#include "sim/tool/snapshots.h"
#include "sim/tool/stop_watch.h"
#include "sim/world/world.h"

namespace quorate::sim {

class DebugSession {
 public:
  explicit DebugSession(const WorldConfig& config);

  // Unavailable where the machine refuses, InvalidArgument for what makes no world.
  absl::Status Open();
  // Takes commands, a line each, until there are no more, beginning with `first` if it is not
  // empty. Ends the process with the exit code.
  [[noreturn]] void Run(const std::string& first);

 private:
  using Words = std::vector<std::string>;

  // False for what is no command.
  bool Execute(const Words& words);
  bool ExecuteLook(const Words& words);
  // Nothing where it is no place to stop at, which is said.
  [[nodiscard]] std::optional<Stop> ParseStop(const Words& words) const;

  void Until(const Stop& stop);
  void Back(uint64_t events);
  // Requires: a place that the run has come through, or 0.
  [[noreturn]] void GoTo(uint64_t target);
  // Steps until it is there, or the run is over.
  void Go(Stop stop);
  // This process goes on from a snapshot: to where it is wanted. False where it is there.
  bool TakeUp(Stop& stop);
  bool StepWorld(const Stop& stop);
  // Whether to leave a process behind here.
  [[nodiscard]] bool WantsSnapshot(const Stop& stop);
  void End();
  void Tell();

  void Where(const Words& words) const;
  void ShowNode(uint32_t node) const;
  void ShowKey(const std::string& key) const;
  void ShowSnapshots() const;
  static void Debug();

  const WorldConfig config_;
  StopWatch watch_;
  OracleSuite oracles_;
  std::unique_ptr<World> world_;
  Snapshots snapshots_;
  std::vector<uint64_t> places_;  // the last event of each step so far that had one
  std::optional<Failure> failure_;
  std::optional<uint64_t> from_;  // this snapshot was taken up, and the target is not reached yet
  uint64_t nearest_ = 0;          // then the next one is so far before the target
  bool begun_ = false;
  bool over_ = false;
};

}  // namespace quorate::sim
