// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/stored_states.h"

#include <gtest/gtest.h>

#include "engine/base/status.h"
#include "engine/keyspace/cell.h"

namespace quorate::sim {
namespace {

Version At(uint64_t time) {
  return {HybridTime::FromBits(time), {NodeId{1}, Incarnation{1}, ShardIndex{0}}};
}

Bytes Set(uint64_t time, std::string_view value, std::optional<int64_t> deadline = std::nullopt) {
  Bytes state;
  keyspace::CellWriter writer(state);
  writer.String(At(time), value);
  if (deadline.has_value()) writer.Deadline(At(time), deadline);
  return state;
}

Bytes Tombstone(uint64_t time) {
  Bytes state;
  keyspace::CellWriter(state).Tombstone(At(time));
  return state;
}

std::optional<Failure> Judge(const StoredStates& states) {
  return states.Check(
      [](uint32_t node, std::string_view key) {
        return Format("what %u has of %s", node, Bytes(key));
      },
      EventId{9});
}

TEST(StoredStates, AcceptsWhatIsThereAgain) {
  StoredStates states;
  for (uint32_t node = 0; node < 3; ++node) states.Held(node, "k", Set(1, "v"));
  for (uint32_t node = 0; node < 3; ++node) states.Holds(node, "k", Set(1, "v"));
  EXPECT_EQ(Judge(states), std::nullopt);
}

TEST(StoredStates, FindsWhatIsGone) {
  StoredStates states;
  states.Held(0, "k", Set(1, "v"));
  states.Held(1, "k", Set(1, "v"));
  states.Holds(0, "k", Set(1, "v"));
  const auto failure = Judge(states);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->kind, FailureKind::kLostWrite);
  EXPECT_EQ(failure->promised,
            "after a power cut at rest node 1 holds under key \"k\" what it held");
  EXPECT_EQ(failure->seen, "it holds what 1 has of k");
}

TEST(StoredStates, FindsAnOlderState) {
  StoredStates states;
  states.Held(0, "k", Set(2, "new"));
  states.Holds(0, "k", Set(1, "old"));
  EXPECT_EQ(Judge(states)->kind, FailureKind::kLostWrite);
}

TEST(StoredStates, FindsWhatWasNotTakenAway) {
  StoredStates states;
  states.Holds(2, "k", Set(1, "v"));
  const auto failure = Judge(states);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->kind, FailureKind::kResurrection);
  EXPECT_EQ(failure->seen, "it held nothing, and now what 2 has of k");
}

// A deadline may pass meanwhile; where one has passed the sweep may take the key away.
TEST(StoredStates, LeavesOutDeadlines) {
  StoredStates states;
  states.Held(0, "k", Set(1, "v", 99));
  states.Holds(0, "k", Tombstone(1));
  states.Held(0, "passed", Tombstone(1));
  EXPECT_EQ(Judge(states), std::nullopt);
}

}  // namespace
}  // namespace quorate::sim
