// SPDX-License-Identifier: Apache-2.0
// Verifies: every connection gets its replies in the order of its requests, one for each, and each
// of a kind that the command can answer: GET a bulk string or nil, INCR an integer, PING what it
// was given. An error may answer anything. Together with values that are never written twice
// (quorum_reads) a reply that slipped by one place is seen.
//
// When: at every completed operation.
//
// Not: the content of values; commands without an entry in the table of request_order.cc.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "engine/base/codec.h"
#include "sim/world/failure.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

class RequestOrder final : public WorldObserver {
 public:
  void Invoked(const OperationInvoked& operation) override;
  void Completed(const OperationCompleted& operation) override;
  void RunEnded(const WorldView& world, uint64_t hash) override;

  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  // Answered by an error, by the error's first word: for the run's summary.
  [[nodiscard]] const std::map<Bytes, uint64_t>& errors() const { return errors_; }

 private:
  void Fail(FailureKind kind, EventId event, std::string promised, std::string seen);

  std::set<uint64_t> open_;                     // operations
  std::map<uint32_t, uint64_t> last_answered_;  // by client: its highest answered operation
  std::map<Bytes, uint64_t> errors_;
  EventId last_event_;
  std::optional<Failure> failure_;
};

// Whether `reply` is of a kind that `command` can answer.
[[nodiscard]] bool FitsCommand(const std::vector<Bytes>& command, const resp::Reply& reply);

}  // namespace quorate::sim
