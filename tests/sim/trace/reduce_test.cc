// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/reduce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace quorate::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Counts what is tested; a budget of 0 is none.
struct Tester {
  std::function<bool(const Subset&)> property;
  size_t budget = 0;
  size_t tests = 0;

  FirstThatHolds operator()() {
    return [this](const std::vector<Subset>& candidates) -> std::optional<size_t> {
      for (size_t i = 0; i < candidates.size(); ++i) {
        if (budget > 0 && tests >= budget) return std::nullopt;
        ++tests;
        if (property(candidates[i])) return i;
      }
      return std::nullopt;
    };
  }
};

bool Holds(const Subset& subset, size_t item) {
  return std::binary_search(subset.begin(), subset.end(), item);
}

TEST(Reduce, LeavesNothingWhereNothingIsNeeded) {
  Tester tester{[](const Subset&) { return true; }};
  EXPECT_THAT(Reduce(1000, tester()), IsEmpty());
  EXPECT_EQ(tester.tests, 1u);
  EXPECT_THAT(Reduce(0, tester()), IsEmpty());
}

TEST(Reduce, FindsTheItemsThatMatterWhereverTheyAre) {
  for (const Subset& needed : {Subset{0}, Subset{999}, Subset{3, 500, 501}, Subset{0, 999}}) {
    Tester tester{[&needed](const Subset& subset) {
      return std::all_of(needed.begin(), needed.end(),
                         [&subset](size_t item) { return Holds(subset, item); });
    }};
    EXPECT_EQ(Reduce(1000, tester()), needed);
    EXPECT_LT(tester.tests, 200u);
  }
}

TEST(Reduce, TakesAwayNoMoreOnceEachItemIsNeeded) {
  // Any three of them will do.
  Tester tester{[](const Subset& subset) { return subset.size() >= 3; }};
  EXPECT_THAT(Reduce(40, tester()), SizeIs(3));
  // An item that is needed only because another is there goes too.
  Tester chained{[](const Subset& subset) {
    return Holds(subset, 7) && (!Holds(subset, 30) || Holds(subset, 2));
  }};
  EXPECT_THAT(Reduce(40, chained()), ElementsAre(7));
}

TEST(Reduce, GroupsGoOrStayAsAWhole) {
  std::vector<std::string> groups;
  for (size_t item = 0; item < 60; ++item) groups.push_back(std::to_string(item % 6));
  Tester tester{[](const Subset& subset) { return Holds(subset, 8) && Holds(subset, 33); }};
  const Subset kept = ReduceGroups(groups, tester());
  EXPECT_THAT(kept, SizeIs(20));
  for (const size_t item : kept) EXPECT_TRUE(item % 6 == 2 || item % 6 == 3) << item;
}

TEST(Reduce, EndsWithWhatItHasWhenThereIsNoTimeLeft) {
  Tester tester{[](const Subset& subset) { return Holds(subset, 70); }, 3};
  const Subset kept = Reduce(100, tester());
  EXPECT_TRUE(Holds(kept, 70));
  EXPECT_LT(kept.size(), 100u);
  EXPECT_GT(kept.size(), 1u);
  EXPECT_EQ(tester.tests, 3u);
}

}  // namespace
}  // namespace quorate::sim
