// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/replay.h"

#include <vector>

#include "engine/base/check.h"
#include "sim/core/run_hash.h"
#include "sim/trace/build_id.h"
#include "sim/trace/ladder.h"
#include "sim/trace/trace_writer.h"

namespace quorate::sim {
namespace {

// Walks along the kept events while a run repeats them.
class Comparer final : public WorldObserver {
 public:
  explicit Comparer(const Trace& trace) : trace_(trace) { LoadBlock(); }

  void Happened(const WorldEvent& event) override {
    AddEvent(hash_, event);
    if (!difference_.empty()) return;
    if (event.id.value > trace_.ladder.events) {
      difference_ = "the trace ends before " + quorate::sim::Describe(Traced(event));
      return;
    }
    while (position_ == events_.size() && block_ < trace_.blocks.size()) LoadBlock();
    if (position_ == events_.size() || event.id < events_[position_].id) return;
    const TraceEvent& expected = events_[position_++];
    const TraceEvent seen = Traced(event);
    if (seen == expected) return;
    difference_ =
        quorate::sim::Describe(seen) + "; recorded was " + quorate::sim::Describe(expected);
  }
  [[nodiscard]] bool wants_more() const override { return difference_.empty(); }

  [[nodiscard]] std::string Difference() const {
    if (!difference_.empty()) return difference_;
    const LadderComparison ladders = CompareLadders(LadderOf(hash_), trace_.ladder);
    return ladders.equal ? std::string() : quorate::sim::Describe(ladders);
  }

 private:
  void LoadBlock() {
    events_.clear();
    position_ = 0;
    if (block_ >= trace_.blocks.size()) return;
    const absl::Status status =
        ForEachEvent(trace_.blocks[block_++], [this](const TraceEvent& event) {
          events_.push_back(event);
          return true;
        });
    QUORATE_CHECK(status.ok());
  }

  const Trace& trace_;
  size_t block_ = 0;
  std::vector<TraceEvent> events_;  // of the block before block_
  size_t position_ = 0;
  RunHash hash_;
  std::string difference_;
};

std::string VerdictOf(const std::optional<Failure>& failure) {
  if (!failure.has_value()) return "ok";
  return Format("%s by %s: promised %s; seen %s", NameOf(failure->kind), failure->oracle,
                failure->promised, failure->seen);
}

// The first required effect that a run did not have; empty if it had all.
std::string MissingEffect(const Trace& trace, const FaultEffects& effects) {
  for (const RequiredEffect& required : trace.effects) {
    const uint64_t had = effects[static_cast<size_t>(required.kind)];
    if (had >= required.at_least) continue;
    return Format("fault %s changed something %u times, %u are needed", NameOf(required.kind), had,
                  required.at_least);
  }
  return {};
}

class Nobody final : public WorldObserver {};

}  // namespace

bool SameFailure(const std::optional<Failure>& a, const std::optional<Failure>& b) {
  if (a.has_value() != b.has_value()) return false;
  return !a.has_value() || (a->kind == b->kind && a->oracle == b->oracle);
}

std::optional<Failure> ExactReplay::failure() const {
  if (equal || !same_build) return std::nullopt;
  return Failure{FailureKind::kDiverged, "replay", "the build that made a trace repeats it",
                 first_difference, EventId{outcome.events}};
}

std::string ExactReplay::Describe(const Trace& trace) const {
  std::string text =
      same_build ? Format("made by this build (%s)", trace.build_id)
                 : Format("made by build %s, this is %s", trace.build_id, std::string(BuildId()));
  if (equal) return text + Format(": %u events, all equal", trace.ladder.events);
  text += "; first difference: " + first_difference;
  if (!same_build) text += "; retrace makes it this build's";
  return text;
}

absl::StatusOr<ExactReplay> ReplayExact(const Trace& trace, const RunWorld& run) {
  QUORATE_CHECK(trace.kind == TraceKind::kReplay);
  Comparer comparer(trace);
  QUORATE_ASSIGN_OR_RETURN(RunOutcome outcome, run(trace.recipe, comparer));
  ExactReplay replay;
  replay.same_build = trace.build_id == BuildId();
  replay.first_difference = comparer.Difference();
  if (replay.first_difference.empty() && outcome.hash != trace.run_hash) {
    replay.first_difference =
        Format("the run's hash is %016x, recorded was %016x", outcome.hash, trace.run_hash);
  }
  if (replay.first_difference.empty() && !SameFailure(outcome.failure, trace.failure)) {
    replay.first_difference =
        VerdictOf(outcome.failure) + "; recorded was " + VerdictOf(trace.failure);
  }
  replay.equal = replay.first_difference.empty();
  replay.outcome = std::move(outcome);
  return replay;
}

absl::StatusOr<RegressionReplay> ReplayRegression(const Trace& trace, const RunWorld& run) {
  QUORATE_CHECK(trace.kind == TraceKind::kRegression);
  Nobody nobody;
  RegressionReplay replay;
  QUORATE_ASSIGN_OR_RETURN(replay.outcome, run(trace.recipe, nobody));
  const std::optional<Failure>& found = replay.outcome.failure;
  const std::string missing = MissingEffect(trace, replay.outcome.effects);
  using Verdict = RegressionReplay::Verdict;
  if (found.has_value() && !SameFailure(found, trace.failure)) {
    replay.verdict = Verdict::kBroken;
    replay.reason = VerdictOf(found) + "; it must end with " + VerdictOf(trace.failure);
  } else if (!missing.empty()) {
    replay.verdict = Verdict::kStale;
    replay.reason = missing;
  } else if (!SameFailure(found, trace.failure)) {
    replay.verdict = Verdict::kBroken;
    replay.reason = "it ends ok, and must end with " + VerdictOf(trace.failure);
  }
  return replay;
}

absl::StatusOr<Trace> Retrace(const Trace& trace, const RunWorld& run) {
  QUORATE_CHECK(trace.kind == TraceKind::kReplay);
  TraceWriter writer(trace.recipe);
  writer.LeaveOutOperations();
  QUORATE_ASSIGN_OR_RETURN(RunOutcome outcome, run(trace.recipe, writer));
  if (!SameFailure(outcome.failure, trace.failure)) {
    return FailedPrecondition("the run now ends with " + VerdictOf(outcome.failure) +
                              "; recorded was " + VerdictOf(trace.failure));
  }
  Trace fresh = writer.Finish(std::move(outcome.failure));
  fresh.why = trace.why;
  return fresh;
}

}  // namespace quorate::sim
