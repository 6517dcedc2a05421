// SPDX-License-Identifier: Apache-2.0
#include "engine/keyspace/deadline_index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <vector>

namespace quorate::keyspace {
namespace {

// Deadlines are few, so that many objects share one.
Deadline DeadlineAt(int i) { return {i / 2, Place{static_cast<uint64_t>(i % 2)}}; }

RC_GTEST_PROP(DeadlineIndex, HoldsWhatWasAddedAndNotRemoved, (const std::vector<bool>& adds)) {
  DeadlineIndex index;
  std::multiset<Deadline> model;
  for (const bool add : adds) {
    const Deadline deadline = DeadlineAt(*rc::gen::inRange(0, 8));
    if (add) {
      index.Add(deadline);
      model.insert(deadline);
    } else if (const auto at = model.find(deadline); at != model.end()) {
      index.Remove(deadline);
      model.erase(at);
    }
  }
  RC_ASSERT(index.size() == model.size());
  RC_ASSERT(index.earliest_ms() == (model.empty() ? DeadlineIndex::kNever : model.begin()->ms));
  const Deadline from = DeadlineAt(*rc::gen::inRange(0, 8));
  std::vector<Deadline> visited;
  index.ForEachFrom(from, [&](const Deadline& deadline) {
    visited.push_back(deadline);
    return true;
  });
  const std::set<Deadline> distinct(model.lower_bound(from), model.end());
  RC_ASSERT(visited == std::vector<Deadline>(distinct.begin(), distinct.end()));
}

TEST(DeadlineIndex, ForEachFromStopsWhenTold) {
  DeadlineIndex index;
  for (int i = 0; i < 8; ++i) index.Add(DeadlineAt(i));
  int visited = 0;
  index.ForEachFrom({}, [&](const Deadline&) { return ++visited < 3; });
  EXPECT_EQ(visited, 3);
}

TEST(DeadlineIndexDeathTest, RemovesNothingThatIsNotThere) {
  DeadlineIndex index;
  index.Add(DeadlineAt(1));
  EXPECT_DEATH(index.Remove(DeadlineAt(2)), "");
}

}  // namespace
}  // namespace quorate::keyspace
