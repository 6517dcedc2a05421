// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/leaks.h"

#include <gtest/gtest.h>

#include "tests/sim/oracle/fake_world.h"

namespace quorate::sim {
namespace {

TEST(Leaks, AcceptsAnEmptyWorld) {
  EXPECT_EQ(CheckAtRest(QueueSizes(), EventId{1}), std::nullopt);
  EXPECT_EQ(CheckBounded(QueueSizes(), QueueLimits(), EventId{1}), std::nullopt);
}

TEST(Leaks, FindsWhatIsLeft) {
  for (uint64_t QueueSizes::*left : {&QueueSizes::shard_operations, &QueueSizes::messages,
                                     &QueueSizes::commits, &QueueSizes::client_operations}) {
    QueueSizes sizes;
    sizes.*left = 1;
    const auto failure = CheckAtRest(sizes, EventId{5});
    ASSERT_TRUE(failure.has_value());
    EXPECT_EQ(failure->kind, FailureKind::kLeak);
    EXPECT_EQ(failure->event, EventId{5});
  }
}

TEST(Leaks, LeavesToNodesOfTheCoreWhatWaitsForOthers) {
  QueueSizes sizes;
  sizes.frozen = true;
  sizes.shard_operations = 3;
  sizes.messages = 7;
  EXPECT_EQ(CheckAtRest(sizes, EventId{5}), std::nullopt);
  sizes.commits = 1;
  EXPECT_EQ(CheckAtRest(sizes, EventId{5})->kind, FailureKind::kLeak);
  sizes.commits = 0;
  sizes.client_operations = 1;
  EXPECT_EQ(CheckAtRest(sizes, EventId{5})->kind, FailureKind::kLeak);
}

TEST(Leaks, LooksAtAllOfTheWorld) {
  FakeWorld world;
  world.messages = 4;
  QueueSizes sizes = Measure(world);
  EXPECT_EQ(sizes.nodes, 3u);
  EXPECT_EQ(sizes.messages, 4u);
  EXPECT_FALSE(sizes.frozen);
  world.absences[1] = Absence::kWhole;
  sizes = Measure(world);
  EXPECT_EQ(sizes.nodes, 3u);
  EXPECT_TRUE(sizes.frozen);
}

TEST(Leaks, FindsAShardThatDoesNotServe) {
  QueueSizes sizes;
  sizes.unhealthy = "node 1 shard 0: broken";
  EXPECT_EQ(CheckAtRest(sizes, EventId{5})->kind, FailureKind::kUnhealthy);
}

TEST(Leaks, FindsAQueueAboveItsLimit) {
  QueueLimits limits;
  limits.operations_per_shard = 10;
  limits.messages_per_node = 5;
  QueueSizes sizes;
  sizes.nodes = 2;
  sizes.shard_operations_max = 10;
  sizes.messages = 10;
  EXPECT_EQ(CheckBounded(sizes, limits, EventId{1}), std::nullopt);
  sizes.messages = 11;
  EXPECT_EQ(CheckBounded(sizes, limits, EventId{1})->kind, FailureKind::kQueueUnbounded);
  sizes.messages = 0;
  sizes.shard_operations_max = 11;
  EXPECT_EQ(CheckBounded(sizes, limits, EventId{1})->kind, FailureKind::kQueueUnbounded);
}

}  // namespace
}  // namespace quorate::sim
