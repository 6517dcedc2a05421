// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/observed.h"

#include <utility>

#include "engine/hash/little_endian.h"
#include "sim/tool/children.h"
#include "sim/tool/recipe.h"
#include "sim/tool/run_command.h"
#include "sim/tool/steady_seconds.h"
#include "sim/trace/replay.h"
#include "sim/trace/trace_writer.h"

namespace quorate::sim {
namespace {

// Longer than any run may take.

// When it was, of what was recorded.
SimTime TimeOf(const Trace& trace, EventId wanted, SimTime otherwise) {
  SimTime time = otherwise;
  ForEachEvent(trace, [&](const TraceEvent& event) {
    if (event.id == wanted) time = event.time;
    return event.id < wanted;
  });
  return time;
}

}  // namespace

// 'o', the time, the trace; or 'e', text.
Bytes EncodeObserved(const absl::StatusOr<Observed>& observed) {
  if (!observed.ok()) return "e" + MessageOf(observed.status());
  Bytes bytes = "o";
  for (size_t i = 0; i < sizeof(uint64_t); ++i) {
    bytes.push_back(static_cast<char>(observed->time.us >> (8 * i) & 0xff));
  }
  return bytes + EncodeTrace(observed->trace);
}

absl::StatusOr<Observed> DecodeObserved(std::string_view bytes) {
  if (bytes.starts_with('e')) return InvalidArgument(std::string(bytes.substr(1)));
  if (bytes.size() <= sizeof(uint64_t)) return OutOfRange("no answer");
  Observed observed;
  observed.time = SimTime{hash::LoadLittle<uint64_t>(bytes.data() + 1)};
  QUORATE_ASSIGN_OR_RETURN(observed.trace, DecodeTrace(bytes.substr(1 + sizeof(uint64_t))));
  return observed;
}

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
      0, [&recipe] { return EncodeObserved(Observe(recipe)); }, /*quiet=*/true));
  QUORATE_ASSIGN_OR_RETURN(const std::optional<Children::Ended> ended, children.Wait(kForEver));
  if (!ended) return Unavailable("a run does not end");
  if (ended->finished) return DecodeObserved(ended->answer);
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

}  // namespace quorate::sim
