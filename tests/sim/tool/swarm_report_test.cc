// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/swarm_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/world/failure.h"
#include "tests/sim/oracle/register_builder.h"

namespace quorate::sim {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr size_t kPause = static_cast<size_t>(FaultKind::kPause);
constexpr size_t kLoss = static_cast<size_t>(FaultKind::kLoss);

SeedFigures Figures(uint64_t pauses, uint64_t effects) {
  SeedFigures figures;
  figures.events = 1000;
  figures.operations = 10;
  figures.simulated_us = 2'500'000;
  figures.scheduled[kPause] = pauses;
  figures.effects[kPause] = effects;
  return figures;
}

TEST(SwarmReport, CountsRunsAndTheirRate) {
  SwarmReport report;
  for (uint64_t seed = 1; seed <= 4; ++seed) report.Add({"kv-3", seed, 0, {}, {}}, Figures(1, 1));
  EXPECT_EQ(report.runs(), 4u);
  EXPECT_EQ(report.code(), 0);
  // Two cores for two seconds.
  EXPECT_THAT(report.Describe(2.0, 2),
              HasSubstr("swarm 4 seeds in 2.0 s, 3600 seeds per core-hour, 0 failed, 4000 events, "
                        "40 operations, 10 simulated seconds"));
}

TEST(SwarmReport, AddsUpWhatFaultsDid) {
  SwarmReport report;
  report.Add({"kv-3", 1, 0, {}, {}}, Figures(3, 7));
  report.Add({"kv-3", 2, 0, {}, {}}, Figures(2, 0));
  report.Add({"kv-3", 3, 0, {}, {}}, Figures(0, 0));
  EXPECT_THAT(report.Describe(1.0, 1),
              HasSubstr("7 effects of       5 faults, in 1 of the 2 runs that had some"));
}

// A read at ONE of what was replaced before, or not, and so many of them.
Staleness ReadAtOne(const std::string& value, int times) {
  Staleness staleness;
  const RegisterBuilder history = RegisterBuilder()
                                      .Write("a", 1, 2)
                                      .Write("b", 3, 4)
                                      .Read(value, 5, 6)
                                      .At(topology::Consistency::kOne);
  for (int i = 0; i < times; ++i) staleness.Take(history.entry(), ThreeReplicas());
  return staleness;
}

TEST(SwarmReport, AddsUpHowFarBehindReadsWere) {
  SwarmReport report;
  SeedFigures figures = Figures(1, 1);
  figures.staleness = ReadAtOne("a", 2);
  report.Add({"swarm", 1, 0, {}, {}}, figures);
  figures.staleness = ReadAtOne("b", 1);
  report.Add({"swarm", 2, 0, {}, {}}, figures);
  EXPECT_THAT(report.Describe(1.0, 1), HasSubstr("ONE: of 3 reads that need not meet the last "
                                                 "write 2 were behind it"));
}

TEST(SwarmReport, PointsOutReadsThatAreNeverBehind) {
  SwarmReport report;
  SeedFigures figures = Figures(1, 1);
  figures.staleness = ReadAtOne("b", 9999);
  report.Add({"swarm", 1, 0, {}, {}}, figures);
  EXPECT_EQ(report.code(), 0) << "so few may be an accident";
  figures.staleness = ReadAtOne("b", 1);
  report.Add({"swarm", 2, 0, {}, {}}, figures);
  EXPECT_EQ(report.code(), ExitCodeOf(FailureKind::kNoEffect));
  EXPECT_THAT(report.Describe(1.0, 1), HasSubstr("ZERO:     no read at ONE was behind\n"));
  figures.staleness = ReadAtOne("a", 1);
  report.Add({"swarm", 3, 0, {}, {}}, figures);
  EXPECT_EQ(report.code(), 0);
}

TEST(SwarmReport, PointsOutStallsThatAreNeverInevitable) {
  SwarmReport report;
  SeedFigures figures = Figures(1, 1);
  figures.loses_lists = true;
  figures.core.served = 3;
  for (uint64_t seed = 1; seed <= 9; ++seed) report.Add({"swarm", seed, 0, {}, {}}, figures);
  EXPECT_EQ(report.code(), 0) << "so few may be an accident";
  report.Add({"swarm", 10, 0, {}, {}}, figures);
  EXPECT_EQ(report.code(), ExitCodeOf(FailureKind::kNoEffect));
  EXPECT_THAT(report.Describe(1.0, 1), HasSubstr("ZERO:     no stall was inevitable\n"));
  figures.core.inevitable = 2;
  report.Add({"swarm", 11, 0, {}, {}}, figures);
  EXPECT_EQ(report.code(), 0);
  EXPECT_THAT(report.Describe(1.0, 1),
              HasSubstr("33 operations found a quorum; 2 had none left and were told, in 1 of the "
                        "11 runs that lost one"));
}

TEST(SwarmReport, PointsOutFaultsThatNeverChangedAnything) {
  SwarmReport report;
  SeedFigures figures = Figures(30, 4);
  figures.scheduled[kLoss] = 19;
  report.Add({"kv-3", 1, 0, {}, {}}, figures);
  EXPECT_THAT(report.Describe(1.0, 1),
              HasSubstr("ZERO:     these faults never changed anything: loss\n"));
  EXPECT_THAT(report.Describe(1.0, 1), HasSubstr("ABSENT:"));
  // So few may be an accident; more are not.
  EXPECT_EQ(report.code(), 0);
  report.Add({"kv-3", 2, 0, {}, {}}, figures);
  EXPECT_EQ(report.code(), ExitCodeOf(FailureKind::kNoEffect));
  figures.effects[kLoss] = 1;
  report.Add({"kv-3", 3, 0, {}, {}}, figures);
  EXPECT_EQ(report.code(), 0);
  EXPECT_THAT(report.Describe(1.0, 1), Not(HasSubstr("ZERO")));
}

TEST(SwarmReport, PointsOutMarksThatNoRunCameTo) {
  SeedFigures figures = Figures(1, 1);
  figures.marks.Reach(Mark::kRestamped);
  figures.marks.Raise(Watermark::kOperations, 12);
  SwarmReport report(/*all_marks=*/true);
  report.Add({"kv-3", 1, 0, {}, {}}, figures);
  report.Add({"kv-3", 2, 0, {}, {}}, Figures(1, 1));
  const std::string text = report.Describe(1.0, 1);
  EXPECT_THAT(text, HasSubstr("restamped                           1 times, in 1 runs\n"));
  EXPECT_THAT(text, HasSubstr("operations                         12\n"));
  EXPECT_THAT(text, HasSubstr("NEVER:    no run came to these marks: read-shared "));
  EXPECT_EQ(report.code(), ExitCodeOf(FailureKind::kNoEffect));
  for (size_t i = 0; i < kMarks; ++i) figures.marks.Reach(static_cast<Mark>(i));
  report.Add({"kv-3", 3, 0, {}, {}}, figures);
  EXPECT_EQ(report.code(), 0);
  EXPECT_THAT(report.Describe(1.0, 1), Not(HasSubstr("NEVER")));
}

TEST(SwarmReport, TheTableOfMarksNamesTheFirstRunInWhateverOrderTheyEnd) {
  SeedFigures figures = Figures(1, 1);
  figures.marks.Reach(Mark::kRestamped);
  figures.marks.Raise(Watermark::kOperations, 12);
  SeedFigures higher = figures;
  higher.marks.Raise(Watermark::kOperations, 13);
  SwarmReport report(/*all_marks=*/true);
  report.Add({"kv-3", 7, 0, {}, {}}, figures);
  report.Add({"kv-hot", 5, 0, {}, {}}, higher);
  report.Add({"kv-3", 5, 0, {}, {}}, figures);
  report.Add({"kv-sole", 4, 0, {}, {}}, Figures(1, 1));
  report.Add({"kv-3", 6, 0, {}, {}}, higher);
  const std::string text = report.MarkTable(1.0, 1);
  EXPECT_THAT(text, HasSubstr("\nrestamped                         4            4  kv-3:5\n"));
  EXPECT_THAT(text, HasSubstr("\nread-shared                       0            0  NEVER\n"));
  EXPECT_THAT(text, ContainsRegex("\noperations +13  kv-hot:5\n"));
  EXPECT_EQ(report.marks_code(), ExitCodeOf(FailureKind::kNoEffect));
  // Faults that do nothing are not its business.
  SeedFigures idle = Figures(100, 0);
  for (size_t i = 0; i < kMarks; ++i) idle.marks.Reach(static_cast<Mark>(i));
  SwarmReport other(/*all_marks=*/true);
  other.Add({"kv-3", 1, 0, {}, {}}, idle);
  EXPECT_EQ(other.code(), ExitCodeOf(FailureKind::kNoEffect));
  EXPECT_EQ(other.marks_code(), 0);
  other.Add({"kv-3", 2, 21, "stale read", "run 2"}, idle);
  EXPECT_EQ(other.marks_code(), 21);
  EXPECT_THAT(other.MarkTable(1.0, 1), HasSubstr("failed:   1 times stale read\n"));
}

TEST(SwarmReport, NamesTheFirstFailuresOfAKindInWhateverOrderTheyEnd) {
  SwarmReport report;
  for (const uint64_t seed : {9u, 4u, 7u, 5u, 8u}) {
    report.Add({"kv-3", seed, 21, "stale read", "run " + std::to_string(seed)}, Figures(1, 1));
  }
  report.AddDeath({"kv-hot", 6, 35, "aborted", "run hot 6"});
  const std::string text = report.Describe(1.0, 1);
  EXPECT_THAT(text, HasSubstr("failed:   5 times stale read\n"
                              "          kv-3 seed 4, exit code 21: run 4\n"
                              "          kv-3 seed 5, exit code 21: run 5\n"
                              "          kv-3 seed 7, exit code 21: run 7\n"));
  EXPECT_THAT(text, HasSubstr("failed:   1 times aborted\n"));
  EXPECT_THAT(text, Not(HasSubstr("run 8")));
  EXPECT_EQ(report.failed(), 6u);
  EXPECT_EQ(report.code(), 21);
}

}  // namespace
}  // namespace quorate::sim
