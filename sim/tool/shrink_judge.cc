// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/shrink_judge.h"

#include <utility>

#include "engine/hash/little_endian.h"
#include "sim/tool/first_of.h"
#include "sim/tool/recipe.h"
#include "sim/tool/run_command.h"
#include "sim/tool/steady_seconds.h"
#include "sim/trace/replay.h"
#include "sim/trace/trace_writer.h"

namespace quorate::sim {
namespace {

// Longer than any run may take.
constexpr double kForEver = 24.0 * 3600.0;

// When it was, of what was recorded.
SimTime TimeOf(const Trace& trace, EventId wanted, SimTime otherwise) {
  SimTime time = otherwise;
  ForEachEvent(trace, [&](const TraceEvent& event) {
    if (event.id == wanted) time = event.time;
    return event.id < wanted;
  });
  return time;
}

// An answer: what was observed, or why nothing could be. 'o', the time, the trace; or 'e', text.
Bytes Encode(const absl::StatusOr<Observed>& observed) {
  if (!observed.ok()) return "e" + MessageOf(observed.status());
  Bytes bytes = "o";
  for (size_t i = 0; i < sizeof(uint64_t); ++i) {
    bytes.push_back(static_cast<char>(observed->time.us >> (8 * i) & 0xff));
  }
  return bytes + EncodeTrace(observed->trace);
}

absl::StatusOr<Observed> Decode(std::string_view bytes) {
  if (bytes.starts_with('e')) return InvalidArgument(std::string(bytes.substr(1)));
  if (bytes.size() <= sizeof(uint64_t)) return OutOfRange("no answer");
  Observed observed;
  observed.time = SimTime{hash::LoadLittle<uint64_t>(bytes.data() + 1)};
  QUORATE_ASSIGN_OR_RETURN(observed.trace, DecodeTrace(bytes.substr(1 + sizeof(uint64_t))));
  return observed;
}

}  // namespace

absl::StatusOr<Observed> Observe(const RunRecipe& recipe) {
  QUORATE_ASSIGN_OR_RETURN(const WorldConfig config, ConfigOf(recipe));
  TraceWriter writer({});
  QUORATE_ASSIGN_OR_RETURN(const Outcome outcome, RunConfig(config, {&writer}));
  Trace trace = writer.Finish(outcome.failure);
  Observed observed;
  observed.time = outcome.failure ? TimeOf(trace, outcome.failure->event, outcome.result.simulated)
                                  : outcome.result.simulated;
  trace.recipe = RecipeOf(config, outcome.schedule);
  observed.trace = MakeRegression(writer, std::move(trace), {});
  return observed;
}

absl::StatusOr<Observed> ObserveApart(const RunRecipe& recipe) {
  Children children(1);
  QUORATE_RETURN_IF_ERROR(children.Start(
      0, [&recipe] { return Encode(Observe(recipe)); }, /*quiet=*/true));
  QUORATE_ASSIGN_OR_RETURN(const std::optional<Children::Ended> ended, children.Wait(kForEver));
  if (!ended) return Unavailable("a run does not end");
  if (ended->finished) return Decode(ended->answer);
  Observed observed;
  observed.trace.kind = TraceKind::kRegression;
  observed.trace.recipe = recipe;
  observed.trace.failure = Failure{FailureKind::kAborted,
                                   "process",
                                   "a run comes to its end",
                                   Format("it died with %d", ended->code),
                                   {}};
  observed.time = recipe.duration;
  return observed;
}

absl::StatusOr<Trace> RegressionOf(RunRecipe recipe, const Failure& failure) {
  const std::string bug = std::exchange(recipe.planted, {});
  RunRecipe judged = recipe;
  QUORATE_ASSIGN_OR_RETURN(Observed observed, ObserveApart(judged));
  Trace regression = std::move(observed.trace);
  regression.recipe = std::move(recipe);
  regression.failure.reset();
  regression.why = Format("%s, found by %s", NameOf(failure.kind), failure.oracle);
  if (!bug.empty()) regression.why += " where " + bug + " is planted";
  return regression;
}

ForkedJudge::ForkedJudge(Failure wanted, uint32_t jobs, double seconds)
    : wanted_(std::move(wanted)), jobs_(jobs), began_(SteadySeconds()), seconds_max_(seconds) {}

double ForkedJudge::seconds() const { return SteadySeconds() - began_; }

Bytes ForkedJudge::Examine(const RunRecipe& recipe) const {
  const absl::StatusOr<Observed> observed = Observe(recipe);
  if (!observed.ok() || !SameFailure(observed->trace.failure, wanted_)) return {};
  if (!recipe.planted.empty()) {
    RunRecipe clean = recipe;
    clean.planted.clear();
    const absl::StatusOr<Observed> without = Observe(clean);
    if (!without.ok() || without->trace.failure) return {};
  }
  return Encode(observed);
}

std::optional<Sighting> ForkedJudge::Judge(const RunRecipe& recipe,
                                           const Children::Ended& ended) const {
  if (!ended.finished) {
    if (wanted_.kind != FailureKind::kAborted) return std::nullopt;
    return Sighting{recipe.duration, {}};
  }
  absl::StatusOr<Observed> observed = Decode(ended.answer);
  if (!observed.ok()) return std::nullopt;
  return Sighting{observed->time, std::move(observed->trace.recipe.operations)};
}

std::optional<Sighted> ForkedJudge::FirstThatFails(const std::vector<RunRecipe>& candidates) {
  const absl::StatusOr<Search> search = FirstOf(
      candidates.size(), jobs_, seconds_max_ - seconds(),
      [&](size_t candidate) { return Examine(candidates[candidate]); },
      [&](const Children::Ended& ended) {
        return Judge(candidates[ended.tag], ended).has_value();
      });
  // A machine that refuses leaves no time.
  if (!search.ok()) return std::nullopt;
  runs_ += search->started;
  if (!search->found) return std::nullopt;
  const size_t candidate = search->found->tag;
  return Sighted{candidate, *Judge(candidates[candidate], *search->found)};
}

}  // namespace quorate::sim
