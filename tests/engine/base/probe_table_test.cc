// SPDX-License-Identifier: Apache-2.0
#include "engine/base/probe_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>
#include <set>
#include <vector>

namespace quorate {
namespace {

// Few of the bits that count, so that values collide, and share homes at the end of the table.
uint64_t HashOf(int value) {
  return uint64_t{0xffff'ff00u + static_cast<uint32_t>(value % 5) * 51} << 32;
}

const int* Find(const ProbeTable<int>& table, int value) {
  return table.Find(HashOf(value), [value](int other) { return other == value; });
}

RC_GTEST_PROP(ProbeTable, HoldsWhatWasAddedAndNotErased, ()) {
  ProbeTable<int> table;
  std::set<int> model;
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 40));
  for (const int value : steps) {
    const bool held = model.contains(value);
    RC_ASSERT((Find(table, value) != nullptr) == held);
    if (held) {
      table.Erase(const_cast<int*>(Find(table, value)));
      model.erase(value);
    } else {
      RC_ASSERT(table.Add(HashOf(value), value) == value);
      model.insert(value);
    }
    RC_ASSERT(table.size() == model.size());
    for (int other = 0; other < 40; ++other) {
      RC_ASSERT((Find(table, other) != nullptr) == model.contains(other));
    }
  }
  std::set<int> visited;
  table.ForEach([&visited](int value) { visited.insert(value); });
  RC_ASSERT(visited == model);
}

TEST(ProbeTable, MovesWhatCannotBeCopied) {
  ProbeTable<std::unique_ptr<int>> table;
  constexpr int kMany = 1000;
  for (int i = 0; i < kMany; ++i) {
    table.Add(static_cast<uint64_t>(i) << 33, std::make_unique<int>(i));
  }
  for (int i = 0; i < kMany; ++i) {
    const auto* const found =
        table.Find(static_cast<uint64_t>(i) << 33, [i](const auto& held) { return *held == i; });
    ASSERT_NE(found, nullptr);
  }
}

TEST(ProbeTableDeathTest, ErasesOnlyItsOwn) {
  ProbeTable<int> table;
  table.Add(1, 1);
  int other = 1;
  EXPECT_DEATH(table.Erase(&other), "");
}

}  // namespace
}  // namespace quorate
