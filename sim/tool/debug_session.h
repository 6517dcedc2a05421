// SPDX-License-Identifier: Apache-2.0
// A run under the hands of a person: it stops where it is told to, shows what things are like
// there, and goes back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/tool/debuggee.h"
#include "sim/tool/snapshots.h"

namespace quorate::sim {

class DebugSession {
 public:
  // Lent.
  explicit DebugSession(Debuggee& debuggee) : debuggee_(debuggee) {}

  // Unavailable where the machine refuses.
  absl::Status Open();
  // Takes commands, a line each, until there are no more, beginning with `first` if it is not
  // empty. Ends the process with the exit code.
  [[noreturn]] void Run(const std::string& first);

 private:
  using Words = Debuggee::Words;

  // False for what is no command.
  bool Execute(const Words& words);
  bool ExecuteLook(const Words& words);

  void Until(const Stop& stop);
  void Back(uint64_t steps);
  // Requires: a place that the run has come through, or the beginning.
  [[noreturn]] void GoTo(uint64_t target);
  // Steps until it is there, or the run is over.
  void Go(Stop stop);
  // This process goes on from a snapshot: to where it is wanted. False where it is there.
  bool TakeUp(Stop& stop);
  // Whether to leave a process behind here.
  [[nodiscard]] bool WantsSnapshot(const Stop& stop);
  void Tell();

  void Help() const;
  void ShowSnapshots() const;
  static void Debug();

  Debuggee& debuggee_;
  Snapshots snapshots_;
  std::vector<uint64_t> places_;  // the position of each step so far that had one
  std::optional<uint64_t> from_;  // this snapshot was taken up, and the target is not reached yet
  uint64_t nearest_ = 0;          // then the next one is so far before the target
  bool over_ = false;
};

}  // namespace quorate::sim
