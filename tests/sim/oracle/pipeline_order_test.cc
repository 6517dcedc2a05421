// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/pipeline_order.h"

#include <gtest/gtest.h>

#include "tests/sim/oracle/register_builder.h"

namespace quorate::sim {
namespace {

using topology::Consistency;

bool Holds(const RegisterBuilder& history) {
  const auto failure = CheckPipelineOrder(history.entry(), ThreeReplicas());
  if (failure.has_value()) {
    EXPECT_EQ(failure->oracle, "pipeline_order");
    EXPECT_EQ(failure->kind, FailureKind::kStaleRead);
  }
  return !failure.has_value();
}

// Two writes of a client that were sent together.
RegisterBuilder TwoWrites() {
  return RegisterBuilder().Write("a", 1, 10).By(7).Write("b", 2, 11).By(7);
}

TEST(PipelineOrder, TheLaterWriteIsWhatIsLeft) {
  EXPECT_TRUE(Holds(TwoWrites().Sweep("b")));
  EXPECT_FALSE(Holds(TwoWrites().Sweep("a")));
  EXPECT_FALSE(Holds(TwoWrites().Read("a", 12, 13)));
}

TEST(PipelineOrder, AReadThatBeganBeforeTheLaterWriteEndedMayShowEither) {
  EXPECT_TRUE(Holds(TwoWrites().Read("a", 10, 12)));
  EXPECT_TRUE(Holds(TwoWrites().Read("b", 10, 12)));
}

TEST(PipelineOrder, WritesOfTwoClientsHaveNoOrder) {
  const auto both = [] {
    return RegisterBuilder().Write("a", 1, 10).By(7).Write("b", 2, 11).By(8);
  };
  EXPECT_TRUE(Holds(both().Sweep("a")));
  EXPECT_TRUE(Holds(both().Sweep("b")));
}

TEST(PipelineOrder, AReadShowsWhatWasSentBeforeItAndNothingSentBehindIt) {
  EXPECT_TRUE(Holds(TwoWrites().Read("b", 3, 12).By(7)));
  EXPECT_FALSE(Holds(TwoWrites().Read("a", 3, 12).By(7)));
  EXPECT_FALSE(Holds(TwoWrites().Read(std::nullopt, 3, 12).By(7)));
  EXPECT_FALSE(Holds(RegisterBuilder().Read("a", 1, 10).By(7).Write("a", 2, 11).By(7)));
  EXPECT_TRUE(Holds(RegisterBuilder().Read("a", 1, 10).By(7).Write("a", 2, 11).By(8)));
}

// GETSET and its like read what was there before what they write themselves.
TEST(PipelineOrder, AnOperationDoesNotReadItsOwnWrite) {
  const auto swaps = [](const std::string& seen) {
    return RegisterBuilder()
        .Write("a", 1, 10)
        .By(7)
        .Write("b", 2, 11)
        .By(7)
        .Write("c", 3, 12)
        .By(7)
        .Read(seen, 3, 12)
        .By(7)
        .Numbered(3);
  };
  EXPECT_TRUE(Holds(swaps("b")));
  EXPECT_FALSE(Holds(swaps("a")));
}

TEST(PipelineOrder, AnotherWriterOfTheValueExplainsIt) {
  EXPECT_TRUE(Holds(TwoWrites().Write("a", 3, 12).By(8).Sweep("a")));
  EXPECT_TRUE(Holds(TwoWrites().Write("a", 3, 12).By(7).Sweep("a")));
  EXPECT_TRUE(Holds(TwoWrites().Delete(3, 12).By(8).Read(std::nullopt, 4, 13).By(7)));
}

TEST(PipelineOrder, ADeadlineExplainsThatNothingIsThere) {
  EXPECT_TRUE(Holds(TwoWrites().Deadline(2, 11).By(7).Read(std::nullopt, 4, 13).By(7)));
}

TEST(PipelineOrder, OutcomesThatAreOpenAndRefusalsOrderNothing) {
  EXPECT_TRUE(Holds(
      RegisterBuilder().Write("a", 1, 10).By(7).Unknown().Write("b", 2, 11).By(7).Sweep("a")));
  EXPECT_TRUE(Holds(
      RegisterBuilder().Write("a", 1, 10).By(7).Write("b", 2, 11).By(7).Unknown().Sweep("a")));
  EXPECT_TRUE(Holds(
      RegisterBuilder().Write("a", 1, 10).By(7).Write("b", 2, 11).By(7).Refused().Sweep("a")));
}

TEST(PipelineOrder, OnlyReplicasThatMetAreHeldToIt) {
  const auto one = Consistency::kOne;
  EXPECT_TRUE(Holds(RegisterBuilder()
                        .Write("a", 1, 10)
                        .By(7)
                        .At(one)
                        .Write("b", 2, 11)
                        .By(7)
                        .At(one)
                        .Read("a", 12, 13)));
  EXPECT_TRUE(Holds(TwoWrites().Read("a", 12, 13).At(one)));
}

TEST(PipelineOrder, IncrementsAreNotJudged) {
  EXPECT_TRUE(Holds(TwoWrites().Add(1, 3, 12).By(7).Sweep("a")));
}

}  // namespace
}  // namespace quorate::sim
