// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/bug_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quorate::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(BugRows, HaveABugAScenarioAndWords) {
  const auto rows = ParseBugRows("# what\n\nfirst   kv-3   what is wrong\nsecond kv-hot\n");
  ASSERT_TRUE(rows.ok()) << rows.status();
  EXPECT_THAT(
      *rows, ElementsAre(BugRow{"first", "kv-3", "what is wrong"}, BugRow{"second", "kv-hot", ""}));
}

TEST(BugRows, RefuseABugWithoutAScenario) {
  const auto rows = ParseBugRows("first kv-3\nsecond\n");
  ASSERT_FALSE(rows.ok());
  EXPECT_EQ(MessageOf(rows.status()), "line 2: a bug and no scenario");
}

BugResult Result(const std::vector<uint64_t>& seeds) {
  BugResult result;
  result.row = {"first", "kv-3", "what is wrong"};
  for (const uint64_t count : seeds) {
    if (count == 0) {
      result.finds.emplace_back();
    } else {
      result.finds.push_back(
          BugFind{1000 + count, count, static_cast<double>(count) / 2, "quorum_reads: stale read"});
    }
  }
  return result;
}

TEST(BugTable, ShowsTheMedianOfTheRangesAndEachOfThem) {
  EXPECT_EQ(
      Describe(Result({30, 4, 7}), false),
      "| `first` | what is wrong | `kv-3` | 7 | 30, 4, 7 | 3.5 | quorum_reads: stale read |\n");
}

TEST(BugTable, CountsARangeThatDoesNotFindItAsTheWorst) {
  EXPECT_THAT(Describe(Result({30, 0, 7}), false), HasSubstr("| 30 | 30, none, 7 |"));
  EXPECT_THAT(Describe(Result({0, 0, 7}), false), HasSubstr("| none | none, none, 7 | - |"));
  EXPECT_FALSE(Result({30, 0, 7}).found_everywhere());
  EXPECT_TRUE(Result({30, 1, 7}).found_everywhere());
}

TEST(BugTable, ShowsWhatIsLeftAfterShrinking) {
  BugResult result = Result({2});
  EXPECT_THAT(Describe(result, true), HasSubstr(" - | - | - | 0.0 |\n"));
  result.faults = 3;
  result.nodes = 2;
  result.operations = 14;
  result.shrink_seconds = 12.34;
  EXPECT_THAT(Describe(result, true), HasSubstr(" 3 | 2 | 14 | 12.3 |\n"));
  EXPECT_THAT(BugTableHead(true), HasSubstr("faults | nodes | operations"));
}

TEST(BugTable, SumsUp) {
  EXPECT_THAT(
      Summary({Result({1, 2, 3}), Result({40, 50, 60}), Result({7, 8, 0})}),
      StartsWith("3 bugs, the median found after 8 seeds, none after more than 60; 1 times"));
}

}  // namespace
}  // namespace quorate::sim
