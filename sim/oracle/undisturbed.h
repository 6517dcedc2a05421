// SPDX-License-Identifier: Apache-2.0
// Verifies: as long as nothing is wrong every request is answered while its client waits, and not
// with an error that says that something is: before the first fault begins, where the engine works
// with its own limits and none of its fault points fires.
//
// When: at each answer, and when a client gives up.
//
// Not: clients that give up before a node does; nodes that load their rows yet; requests for a key
// that many ask for at once, since they follow one another, perhaps around the world; how long
// answers take (tests/pace); what they say.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/time.h"
#include "sim/world/failure.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

class Undisturbed {
 public:
  void RunBegan(const WorldView& world);
  void FaultBegan();
  void Invoked(const OperationInvoked& operation);
  void Completed(const OperationCompleted& operation);
  // Answers that were judged.
  [[nodiscard]] uint64_t judged() const { return judged_; }
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }

 private:
  using Key = std::pair<PoolId, Bytes>;
  struct Asked {
    uint64_t begun = 0;
    uint64_t ended = 0;
  };
  // Answered as it must be.
  [[nodiscard]] bool IsFine(const OperationCompleted& operation) const;
  // How many were under way on one of its keys while it was.
  uint64_t CrowdOf(const OperationInvoked& operation) const;

  bool judges_ = false;
  std::vector<Duration> request_timeouts_;  // by pool
  std::map<Key, Asked> keys_;
  std::map<std::pair<uint64_t, Bytes>, uint64_t> ended_before_;  // by operation and key
  uint64_t judged_ = 0;
  std::optional<Failure> failure_;
};

}  // namespace quorate::sim
