// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/replay.h"

#include <gtest/gtest.h>

#include "sim/trace/trace_writer.h"
#include "tests/sim/trace/fake_run.h"

namespace quorate::sim {
namespace {

const Failure kLost{FailureKind::kLostWrite, "acknowledged_writes", "p", "s", EventId{5}};
const Failure kStale{FailureKind::kStaleRead, "quorum_reads", "p", "s", EventId{5}};

Trace Record(const FakeRun& run, size_t kept_bytes_max = kKeptBytesMax) {
  TraceWriter writer(FakeRecipe(), kept_bytes_max);
  const auto outcome = run(FakeRecipe(), writer);
  Trace trace = writer.Finish(outcome->failure);
  trace.run_hash = outcome->hash;
  return trace;
}

ExactReplay Replay(const Trace& trace, const FakeRun& run) {
  const auto replay = ReplayExact(trace, run);
  EXPECT_TRUE(replay.ok());
  return *replay;
}

TEST(ReplayExact, AcceptsTheSameRun) {
  const ExactReplay replay = Replay(Record({}), {});
  EXPECT_TRUE(replay.equal);
  EXPECT_TRUE(replay.same_build);
  EXPECT_EQ(replay.failure(), std::nullopt);
}

TEST(ReplayExact, NamesTheEventThatDiffers) {
  const ExactReplay replay = Replay(Record({}), {.change_event = 12'345});
  EXPECT_FALSE(replay.equal);
  EXPECT_NE(replay.first_difference.find("event 12345 "), std::string::npos)
      << replay.first_difference;
  EXPECT_EQ(replay.failure()->kind, FailureKind::kDiverged);
  EXPECT_EQ(replay.outcome.events, 12'345u);  // it looked no farther
}

TEST(ReplayExact, FindsADifferenceAmongEventsThatWereNotKept) {
  const ExactReplay replay = Replay(Record({}, 10'000), {.change_event = 3000});
  EXPECT_EQ(replay.first_difference, "equal up to event 2048, different by event 3072");
}

TEST(ReplayExact, FindsARunThatEndsEarlierOrLater) {
  const Trace trace = Record({});
  EXPECT_FALSE(Replay(trace, {.events = 19'999}).equal);
  const ExactReplay longer = Replay(trace, {.events = 20'001});
  EXPECT_NE(longer.first_difference.find("the trace ends before event 20001"), std::string::npos);
}

TEST(ReplayExact, FindsAnotherVerdict) {
  const Trace trace = Record({});
  FakeRun run;
  run.outcome.failure = kLost;
  EXPECT_NE(Replay(trace, run).first_difference.find("lost-write"), std::string::npos);
}

TEST(ReplayExact, OfAnotherBuildOnlySaysSo) {
  Trace trace = Record({});
  trace.build_id = "another";
  const ExactReplay replay = Replay(trace, {.change_event = 10});
  EXPECT_FALSE(replay.same_build);
  EXPECT_EQ(replay.failure(), std::nullopt);
  const std::string text = replay.Describe(trace);
  EXPECT_NE(text.find("made by build another"), std::string::npos);
  EXPECT_NE(text.find("event 10 "), std::string::npos);
  EXPECT_TRUE(Replay(trace, {}).equal);
}

TEST(Retrace, MakesTheReplayThisBuilds) {
  Trace trace = Record({});
  trace.build_id = "another";
  trace.why = "reason";
  const FakeRun changed{.change_event = 10};
  const auto fresh = Retrace(trace, changed);
  ASSERT_TRUE(fresh.ok());
  EXPECT_EQ(fresh->why, "reason");
  EXPECT_TRUE(Replay(*fresh, changed).same_build);
}

TEST(Retrace, RefusesAnotherVerdict) {
  FakeRun run;
  run.outcome.failure = kLost;
  EXPECT_EQ(Retrace(Record({}), run).status().code(), absl::StatusCode::kFailedPrecondition);
}

Trace Regression(std::optional<Failure> failure) {
  Trace trace;
  trace.kind = TraceKind::kRegression;
  trace.recipe = FakeRecipe();
  trace.failure = std::move(failure);
  trace.effects = {{FaultKind::kCrash, 2}};
  return trace;
}

RegressionReplay::Verdict Judge(const Trace& trace, std::optional<Failure> failure,
                                uint64_t crashes) {
  FakeRun run{.events = 10};
  run.outcome.failure = std::move(failure);
  run.outcome.effects[static_cast<size_t>(FaultKind::kCrash)] = crashes;
  const auto replay = ReplayRegression(trace, run);
  EXPECT_TRUE(replay.ok());
  EXPECT_EQ(replay->reason.empty(), replay->verdict == RegressionReplay::Verdict::kHolds);
  return replay->verdict;
}

TEST(ReplayRegression, HoldsWhereTheRunEndsAsItMust) {
  using Verdict = RegressionReplay::Verdict;
  EXPECT_EQ(Judge(Regression(std::nullopt), std::nullopt, 2), Verdict::kHolds);
  EXPECT_EQ(Judge(Regression(kLost), kLost, 2), Verdict::kHolds);
}

TEST(ReplayRegression, IsBrokenWhereTheRunEndsOtherwise) {
  using Verdict = RegressionReplay::Verdict;
  EXPECT_EQ(Judge(Regression(std::nullopt), kLost, 2), Verdict::kBroken);
  EXPECT_EQ(Judge(Regression(std::nullopt), kLost, 0), Verdict::kBroken);
  EXPECT_EQ(Judge(Regression(kLost), kStale, 2), Verdict::kBroken);
  EXPECT_EQ(Judge(Regression(kLost), std::nullopt, 2), Verdict::kBroken);
}

TEST(ReplayRegression, IsStaleWhereTheFaultsNoLongerReachAnything) {
  using Verdict = RegressionReplay::Verdict;
  EXPECT_EQ(Judge(Regression(std::nullopt), std::nullopt, 1), Verdict::kStale);
  EXPECT_EQ(Judge(Regression(kLost), std::nullopt, 0), Verdict::kStale);
}

TEST(ReplayRegression, PassesOnARecipeThatCannotBeMade) {
  const auto refuse = [](const RunRecipe&, WorldObserver&) -> absl::StatusOr<RunOutcome> {
    return InvalidArgument("no such scenario");
  };
  EXPECT_EQ(ReplayRegression(Regression(std::nullopt), refuse).status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace quorate::sim
