// SPDX-License-Identifier: Apache-2.0
// Verifies: what clients saw of one register has an order that real time allows: it is
// linearizable. Only where that is promised: a pool of one replica, or one in which every command
// goes through one order. A dynamo pool of several replicas promises less (quorum_reads).
//
// When: for a whole register, when the world is at rest. Order is that of event numbers.
//
// Not: registers that hold increments, and those whose order was not found within the budget; both
// are said, and are no failure. A deadline may delete at any time after it was set, or never, which
// is more than an engine may do.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/check/history.h"
#include "sim/oracle/history.h"
#include "sim/world/failure.h"

namespace quorate::sim {

enum class OrderJudgement : uint8_t { kJudged, kIncrements, kUnknown };

struct Linearizability {
  OrderJudgement judgement = OrderJudgement::kJudged;
  std::optional<Failure> failure;
};

[[nodiscard]] Linearizability CheckLinearizable(const Register& entry);

// The register as a history for sim/check: its key is the register's name, its times are event
// numbers, its lines the places in entry.accesses, from 1. Requires: no increments that were not
// refused.
[[nodiscard]] check::History AsCheckHistory(const Register& entry);

}  // namespace quorate::sim
