// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/trace_writer.h"

#include <gtest/gtest.h>

#include "sim/trace/build_id.h"
#include "tests/sim/trace/fake_run.h"

namespace quorate::sim {
namespace {

TEST(TraceWriter, SpendsLessThanTenBytesOnAnEvent) {
  TraceWriter writer(FakeRecipe());
  const FakeRun run{.events = 100'000};
  ASSERT_TRUE(run(FakeRecipe(), writer).ok());
  const Bytes file = EncodeTrace(writer.Finish(std::nullopt));
  EXPECT_LT(file.size(), 10u * 100'000);
  EXPECT_GT(file.size(), 4u * 100'000);  // or the events are not in it
}

TEST(TraceWriter, NamesTheBuild) {
  TraceWriter writer(FakeRecipe());
  const Trace trace = writer.Finish(std::nullopt);
  EXPECT_EQ(trace.build_id, BuildId());
  EXPECT_EQ(trace.build_id.size(), 16u);
  EXPECT_EQ(trace.compiler, CompilerName());
  EXPECT_EQ(trace.kind, TraceKind::kReplay);
}

TEST(TraceWriter, KeepsTheLastEventsOfALongRunAndTheWholeLadder) {
  TraceWriter writer(FakeRecipe(), 100'000);
  const FakeRun run{.events = 50'000};
  ASSERT_TRUE(run(FakeRecipe(), writer).ok());
  const Trace trace = writer.Finish(std::nullopt);
  size_t bytes = 0;
  for (const EventBlock& block : trace.blocks) bytes += block.bytes.size();
  EXPECT_LT(bytes, 150'000u);
  EXPECT_GT(trace.blocks.front().first.value, 1u);
  EXPECT_EQ(trace.blocks.back().first.value + trace.blocks.back().events, 50'001u);
  EXPECT_EQ(trace.ladder.rungs.size(), 50'000u >> kLadderShift);
  EXPECT_TRUE(DecodeTrace(EncodeTrace(trace)).ok());
}

TEST(TraceWriter, RecordsTheOperationsOfTheWorkloadAlone) {
  TraceWriter writer(RunRecipe{});
  const std::vector<Bytes> set = {"SET", "k", "v"};
  const std::vector<Bytes> get = {"GET", "k"};
  writer.Invoked({1, 4, NodeIndex{2}, SimTime{7}, EventId{3}, Phase::kFaults, set,
                  topology::Consistency::kOne, topology::Consistency::kAll});
  writer.Invoked({2, 4, NodeIndex{2}, SimTime{9}, EventId{5}, Phase::kSweep, get});
  const Trace regression = MakeRegression(writer, writer.Finish(std::nullopt), "because");
  EXPECT_EQ(regression.kind, TraceKind::kRegression);
  EXPECT_EQ(regression.why, "because");
  ASSERT_EQ(regression.recipe.operations.size(), 1u);
  EXPECT_EQ(regression.recipe.operations[0],
            (RecordedOperation{
                4, {2}, {7}, topology::Consistency::kOne, topology::Consistency::kAll, set}));
  EXPECT_TRUE(regression.blocks.empty());
}

}  // namespace
}  // namespace quorate::sim
