// SPDX-License-Identifier: Apache-2.0
#include "sim/core/radix_heap.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "engine/base/random.h"

namespace quorate::sim {
namespace {

std::vector<RadixHeap::Entry> PopAll(RadixHeap& heap) {
  std::vector<RadixHeap::Entry> out;
  while (!heap.empty()) out.push_back(heap.Pop());
  return out;
}

bool Earlier(const RadixHeap::Entry& a, const RadixHeap::Entry& b) { return a.time < b.time; }

TEST(RadixHeap, GivesEqualTimesInTheOrderTheyCame) {
  RadixHeap heap;
  for (uint64_t i = 0; i < 100; ++i) heap.Push({7, i});
  const std::vector<RadixHeap::Entry> out = PopAll(heap);
  for (uint64_t i = 0; i < 100; ++i) EXPECT_EQ(out[i], (RadixHeap::Entry{7, i}));
}

TEST(RadixHeap, TakesTheSmallestAndTheLargestTime) {
  RadixHeap heap;
  heap.Push({std::numeric_limits<uint64_t>::max(), 1});
  heap.Push({0, 2});
  EXPECT_EQ(heap.Pop().slot, 2u);
  EXPECT_EQ(heap.Pop().slot, 1u);
  EXPECT_TRUE(heap.empty());
}

TEST(RadixHeap, WhatIsLikelyIsWhatComesNextAndStaysWhereItIs) {
  RadixHeap heap;
  EXPECT_EQ(heap.Likely(), nullptr);
  Prng prng(1);
  for (uint64_t i = 0; i < 200; ++i) heap.Push({prng.Below(1000), i});
  size_t told = 0;
  while (!heap.empty()) {
    const RadixHeap::Entry* likely = heap.Likely();
    const uint64_t time = likely == nullptr ? 0 : likely->time;
    const uint64_t slot = likely == nullptr ? 0 : likely->slot;
    const RadixHeap::Entry next = heap.Pop();
    if (likely == nullptr) continue;
    EXPECT_EQ(time, next.time);
    EXPECT_EQ(slot, next.slot);
    ++told;
  }
  EXPECT_GT(told, 100u);
}

TEST(RadixHeapDeathTest, RefusesThePast) {
  RadixHeap heap;
  heap.Push({10, 0});
  heap.Pop();
  EXPECT_DEATH(heap.Push({9, 0}), "invariant broken");
}

RC_GTEST_PROP(RadixHeap, OrdersAsAStableSortDoes, (std::vector<uint64_t> times)) {
  RadixHeap heap;
  std::vector<RadixHeap::Entry> model;
  for (size_t i = 0; i < times.size(); ++i) {
    // Few different times, so that many are equal.
    const RadixHeap::Entry entry{times[i] % 16, i};
    heap.Push(entry);
    model.push_back(entry);
  }
  std::stable_sort(model.begin(), model.end(), Earlier);
  RC_ASSERT(PopAll(heap) == model);
}

// As a simulation uses it: every pop pushes more, at the present or later.
RC_GTEST_PROP(RadixHeap, StaysStableWhileTimeGoesOn, (uint64_t seed)) {
  Prng prng(seed);
  RadixHeap heap;
  std::vector<RadixHeap::Entry> model;
  uint64_t next = 0;
  const auto push = [&](uint64_t now) {
    const RadixHeap::Entry entry{now + (prng.Next() >> prng.Between(20, 63)), next++};
    heap.Push(entry);
    model.push_back(entry);
  };
  for (int i = 0; i < 20; ++i) push(0);
  for (int i = 0; i < 300 && !heap.empty(); ++i) {
    const auto first = std::min_element(model.begin(), model.end(), Earlier);
    const RadixHeap::Entry expected = *first;
    model.erase(first);
    RC_ASSERT(heap.Pop() == expected);
    for (uint64_t more = prng.Below(3); more > 0 && next < 200; --more) push(expected.time);
  }
}

}  // namespace
}  // namespace quorate::sim
