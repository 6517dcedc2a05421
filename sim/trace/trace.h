// SPDX-License-Identifier: Apache-2.0
// A trace as a value, and as a file (trace.fbs). Any byte string is a trace or a clear error.
//
// Two kinds. A *replay* is bit exact: recipe, events, ladder, and the build id of the sources that
// made it, which alone can repeat it. A *regression* is the recipe as data, with the verdict and
// the effects its faults must have; it holds for every build, and is stale once the effects are no
// longer reached.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/status.h"
#include "engine/topology/consistency.h"
#include "sim/core/draw_epochs.h"
#include "sim/fault/fault_kind.h"
#include "sim/trace/event_block.h"
#include "sim/trace/ladder.h"
#include "sim/world/failure.h"

namespace quorate::sim {

// Traces without epochs are still written as version 1, which knows none.
inline constexpr uint32_t kTraceSchemaVersion = 2;
inline constexpr size_t kTracePrefixBytes = 24;

// One request of a client, to be made again.
struct RecordedOperation {
  uint32_t client = 0;
  NodeIndex node;
  SimTime time;
  topology::Consistency read = topology::Consistency::kLocalQuorum;
  topology::Consistency write = topology::Consistency::kLocalQuorum;
  std::vector<Bytes> command;
  PoolId pool{};
  friend bool operator==(const RecordedOperation&, const RecordedOperation&) = default;
};

// All that a run is made from.
struct RunRecipe {
  std::string scenario;
  uint64_t seed = 0;
  uint32_t nodes = 0;
  SimTime duration;
  std::string planted;  // a planted bug's name; empty: none
  std::vector<std::pair<std::string, std::string>> settings;
  Bytes schedule;                             // EncodeSchedule; empty: the scenario generates one
  std::vector<RecordedOperation> operations;  // none: the scenario's workload draws them
  std::vector<DrawEpoch> epochs;              // in their order
  friend bool operator==(const RunRecipe&, const RunRecipe&) = default;
};

// The numbers are stored.
enum class TraceKind : uint8_t { kReplay = 0, kRegression = 1 };

struct RequiredEffect {
  FaultKind kind = FaultKind::kCrash;
  uint64_t at_least = 0;
  friend bool operator==(const RequiredEffect&, const RequiredEffect&) = default;
};

struct Trace {
  TraceKind kind = TraceKind::kReplay;
  std::string build_id;
  std::string compiler;
  std::string why;
  RunRecipe recipe;
  std::vector<EventBlock> blocks;  // the last ones of the run, without gaps
  Ladder ladder;
  uint64_t run_hash = 0;
  std::optional<Failure> failure;  // the verdict
  std::vector<RequiredEffect> effects;
  friend bool operator==(const Trace&, const Trace&) = default;
};

// Requires: no more than limits.h allows.
[[nodiscard]] Bytes EncodeTrace(const Trace& trace);

// Errors, each with a text of its own:
//   OutOfRange          truncated: the bytes end before the file does
//   InvalidArgument     foreign: not a trace
//   FailedPrecondition  newer: of a schema version that this release does not know
//   ResourceExhausted   above kTraceBytesMax
//   DataLoss            damaged: a checksum fails, or what is in it makes no sense
absl::StatusOr<Trace> DecodeTrace(std::string_view bytes);

// Calls visit for each event that the trace holds, until it returns false. A decoded trace has no
// malformed events.
void ForEachEvent(const Trace& trace, const std::function<bool(const TraceEvent&)>& visit);

}  // namespace quorate::sim
