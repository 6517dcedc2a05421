// SPDX-License-Identifier: Apache-2.0
#include "io/reactor/bounded_queue.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>

namespace quorate::io {
namespace {

TEST(BoundedQueue, GivesEverythingInOrderAndIsEmptyThen) {
  BoundedQueue<int> queue(10);
  EXPECT_TRUE(queue.Push(1));
  std::vector<int> more = {2, 3};
  EXPECT_EQ(queue.PushAll(more), 0u);
  EXPECT_TRUE(more.empty());
  std::vector<int> taken = {99};
  EXPECT_TRUE(queue.TakeAll(taken));
  EXPECT_EQ(taken, (std::vector<int>{1, 2, 3}));
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.TakeAll(taken));
  EXPECT_TRUE(taken.empty());
}

TEST(BoundedQueue, DropsAndCountsAboveItsLimit) {
  BoundedQueue<int> queue(3);
  std::vector<int> many = {1, 2, 3, 4, 5};
  EXPECT_EQ(queue.PushAll(many), 2u);
  EXPECT_FALSE(queue.Push(6));
  std::vector<int> taken;
  EXPECT_TRUE(queue.TakeAll(taken));
  EXPECT_EQ(taken, (std::vector<int>{1, 2, 3}));
}

TEST(BoundedQueue, LeavesTheRefusedItemToTheCaller) {
  BoundedQueue<std::unique_ptr<int>> queue(0);
  auto item = std::make_unique<int>(7);
  EXPECT_FALSE(queue.Push(std::move(item)));
  ASSERT_NE(item, nullptr);
  EXPECT_EQ(*item, 7);
}

TEST(BoundedQueue, LosesNothingBetweenThreads) {
  constexpr int kSenders = 3;
  constexpr int kEach = 5000;
  BoundedQueue<int> queue(kSenders * kEach);
  std::vector<std::thread> senders;
  for (int s = 0; s < kSenders; ++s) {
    senders.emplace_back([&queue, s] {
      for (int i = 0; i < kEach; ++i) EXPECT_TRUE(queue.Push(s * kEach + i));
    });
  }
  std::vector<int> last(kSenders, -1);
  std::vector<int> taken;
  int count = 0;
  while (count < kSenders * kEach) {
    if (!queue.TakeAll(taken)) continue;
    for (const int item : taken) {
      const int sender = item / kEach;
      EXPECT_GT(item % kEach, last[static_cast<size_t>(sender)]);
      last[static_cast<size_t>(sender)] = item % kEach;
      ++count;
    }
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace quorate::io
