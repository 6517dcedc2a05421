// SPDX-License-Identifier: Apache-2.0
// Runs kept traces again, and says what became of them: `quorate-sim replay` and `retrace` are thin
// over this. How a recipe becomes a world is handed in, so that this folder knows traces alone.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engine/base/status.h"
#include "sim/trace/trace.h"
#include "sim/world/failure.h"
#include "sim/world/world_events.h"

namespace quorate::sim {

struct RunOutcome {
  std::optional<Failure> failure;  // the first that an oracle or the world found
  FaultEffects effects{};
  uint64_t events = 0;
  uint64_t operations = 0;
  uint64_t hash = 0;
};

// Makes the recipe's world, runs it with its oracles and with `watch`, and tells how it ended.
// InvalidArgument for a recipe that names what this build does not have.
using RunWorld =
    std::function<absl::StatusOr<RunOutcome>(const RunRecipe& recipe, WorldObserver& watch)>;

// The same kind, found by the same oracle; or none of both.
[[nodiscard]] bool SameFailure(const std::optional<Failure>& a, const std::optional<Failure>& b);

struct ExactReplay {
  bool same_build = false;
  bool equal = false;
  std::string first_difference;  // empty where equal
  RunOutcome outcome;

  // Set where the build that made the trace no longer repeats it. Another build may differ; it only
  // says so.
  [[nodiscard]] std::optional<Failure> failure() const;
  // A line or two for people.
  [[nodiscard]] std::string Describe(const Trace& trace) const;
};
// Runs a replay and compares it event by event, and by its ladder where the events were not kept.
// Requires: trace.kind is kReplay.
absl::StatusOr<ExactReplay> ReplayExact(const Trace& trace, const RunWorld& run);

struct RegressionReplay {
  enum class Verdict : uint8_t {
    kHolds,
    kStale,   // its faults no longer reach what they must
    kBroken,  // the run ended otherwise than it must
  };
  Verdict verdict = Verdict::kHolds;
  std::string reason;  // empty where it holds
  RunOutcome outcome;
};
// Requires: trace.kind is kRegression.
absl::StatusOr<RegressionReplay> ReplayRegression(const Trace& trace, const RunWorld& run);

// The replay that this build makes of the same recipe. FailedPrecondition where the run now ends
// otherwise than the trace says: that is to be understood, not recorded.
// Requires: trace.kind is kReplay.
absl::StatusOr<Trace> Retrace(const Trace& trace, const RunWorld& run);

}  // namespace quorate::sim
