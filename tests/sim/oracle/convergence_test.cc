// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/convergence.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/base/status.h"

namespace quorate::sim {
namespace {

std::optional<Failure> Judge(const Convergence& convergence, bool swept = true, bool whole = true) {
  return convergence.Check(
      {.replicas_of =
           [](std::string_view) {
             return std::vector<uint32_t>{0, 1, 2};
           },
       .whole = whole,
       .swept = [&](std::string_view) { return swept; },
       .describe = [](uint32_t node, std::string_view) { return Format("state of %u", node); }},
      EventId{9});
}

TEST(Convergence, AcceptsEqualBytes) {
  Convergence convergence;
  for (uint32_t node = 0; node < 3; ++node) convergence.Holds(node, "k", "state");
  EXPECT_EQ(Judge(convergence), std::nullopt);
  EXPECT_EQ(convergence.keys(), 1u);
}

TEST(Convergence, FindsOneByteThatDiffers) {
  Convergence convergence;
  convergence.Holds(0, "k", "state");
  convergence.Holds(1, "k", "statf");
  convergence.Holds(2, "k", "state");
  const auto failure = Judge(convergence);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->kind, FailureKind::kDivergence);
  EXPECT_EQ(failure->seen, "node 0: state of 0; node 1: state of 1; node 2: state of 2");
}

TEST(Convergence, FindsAReplicaThatHasNothing) {
  Convergence convergence;
  convergence.Holds(0, "k", "state");
  convergence.Holds(2, "k", "state");
  const auto failure = Judge(convergence);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->kind, FailureKind::kDivergence);
}

TEST(Convergence, FindsAKeyWhereItDoesNotBelong) {
  Convergence convergence;
  for (uint32_t node = 0; node < 4; ++node) convergence.Holds(node, "k", "state");
  const auto failure = Judge(convergence);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->seen, "node 3 holds it");
}

TEST(Convergence, DemandsNothingOfKeysThatWereNotSwept) {
  Convergence convergence;
  convergence.Holds(0, "k", "state");
  EXPECT_EQ(Judge(convergence, false), std::nullopt);
  EXPECT_NE(Judge(convergence, true), std::nullopt);
}

TEST(Convergence, SomebodyHoldsWhatWasRead) {
  Convergence convergence;
  convergence.Holds(1, "k", "state");
  EXPECT_EQ(convergence.CheckHeld({"k"}, EventId{9}), std::nullopt);
  const auto failure = convergence.CheckHeld({"k", "l"}, EventId{9});
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->kind, FailureKind::kDivergence);
}

TEST(Convergence, MostMustBeEqualWhereSomeStayAway) {
  const auto holds = [](const std::vector<std::string>& states) {
    Convergence convergence;
    for (uint32_t node = 0; node < states.size(); ++node) {
      if (!states[node].empty()) convergence.Holds(node, "k", states[node]);
    }
    return !Judge(convergence, /*swept=*/true, /*whole=*/false).has_value();
  };
  EXPECT_TRUE(holds({"new", "old", "new"}));
  EXPECT_FALSE(holds({"new", "old", "older"}));
  EXPECT_FALSE(holds({"new", "old", ""}));
  EXPECT_TRUE(holds({"new", "", ""})) << "most have nothing";
}

}  // namespace
}  // namespace quorate::sim
