// SPDX-License-Identifier: Apache-2.0
// The rows of the table of levels in engine/dynamo/README.md.
#include "engine/dynamo/quorum.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace quorate::dynamo {
namespace {

using topology::Consistency;

// Two data centres: replicas 0, 1, 2 in the local one, 3, 4, 5 in the other.
std::vector<Replica> Replicas() {
  std::vector<Replica> replicas;
  for (uint16_t i = 0; i < 6; ++i) {
    replicas.push_back({NodeId{i + 1u}, static_cast<uint16_t>(i / 3), i, i});
  }
  return replicas;
}

bool Reached(Consistency level, const std::vector<size_t>& answered) {
  Quorum quorum(Replicas(), 0, level);
  for (const size_t replica : answered) quorum.Succeed(replica);
  return quorum.reached();
}

struct Row {
  Consistency level;
  std::vector<size_t> enough;
  std::vector<size_t> not_enough;
};

TEST(Quorum, HasTheLevelsOfTheTable) {
  const std::vector<Row> rows = {
      {Consistency::kAny, {5}, {}},
      {Consistency::kOne, {5}, {}},
      {Consistency::kQuorum, {0, 1, 2, 3}, {0, 1, 2}},
      {Consistency::kAll, {0, 1, 2, 3, 4, 5}, {0, 1, 2, 3, 4}},
      {Consistency::kLocalOne, {2}, {3, 4, 5}},
      {Consistency::kLocalQuorum, {0, 2}, {0, 3, 4, 5}},
      {Consistency::kEachQuorum, {0, 1, 3, 4}, {0, 1, 2, 3}},
      {Consistency::kDcOne, {1}, {3, 4, 5}},
      {Consistency::kDcQuorum, {1, 2}, {1, 3, 4, 5}},
      {Consistency::kDcSafeQuorum, {1, 2}, {1, 3, 4, 5}},
      {Consistency::kDcEachSafeQuorum, {0, 1, 4, 5}, {0, 1, 2, 5}},
  };
  ASSERT_EQ(rows.size(), static_cast<size_t>(topology::kConsistencyLevels));
  for (const Row& row : rows) {
    EXPECT_TRUE(Reached(row.level, row.enough)) << topology::NameOf(row.level);
    EXPECT_FALSE(Reached(row.level, row.not_enough)) << topology::NameOf(row.level);
  }
}

TEST(Quorum, IsImpossibleOnceTooManyHaveFailed) {
  Quorum quorum(Replicas(), 0, Consistency::kLocalQuorum);
  quorum.Fail(3);  // not counted
  quorum.Fail(0);
  EXPECT_FALSE(quorum.impossible());
  quorum.Fail(1);
  EXPECT_TRUE(quorum.impossible());
  EXPECT_EQ(quorum.Describe(), "2 of 3 replicas wanted, 0 answered");
}

TEST(Quorum, CountsEachReplicaOnce) {
  Quorum quorum(Replicas(), 0, Consistency::kLocalQuorum);
  quorum.Succeed(1);
  quorum.Succeed(1);
  EXPECT_FALSE(quorum.reached());
}

TEST(Quorum, IsImpossibleWhereNoReplicaIsLocal) {
  EXPECT_TRUE(Quorum(Replicas(), 7, Consistency::kLocalOne).impossible());
}

// Any two majorities of one level share a replica: what a QUORUM write acknowledged, a QUORUM read
// sees.
RC_GTEST_PROP(Quorum, MajoritiesOverlap, (uint8_t size, uint64_t first, uint64_t second)) {
  const size_t replicas = size % 9u + 1;
  std::vector<Replica> list;
  for (uint16_t i = 0; i < replicas; ++i) list.push_back({NodeId{i + 1u}, 0, i, i});
  Quorum a(list, 0, Consistency::kQuorum);
  Quorum b(list, 0, Consistency::kQuorum);
  for (size_t i = 0; i < replicas; ++i) {
    if ((first >> i & 1) != 0) a.Succeed(i);
    if ((second >> i & 1) != 0) b.Succeed(i);
  }
  if (a.reached() && b.reached()) RC_ASSERT((first & second & ((1u << replicas) - 1)) != 0u);
}

}  // namespace
}  // namespace quorate::dynamo
