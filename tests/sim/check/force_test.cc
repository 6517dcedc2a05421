// SPDX-License-Identifier: Apache-2.0
// The fast checkers against one that tries every order, on thousands of small histories, right ones
// and wrong ones; and against each other on larger ones.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "sim/check/checker.h"
#include "sim/check/search.h"
#include "sim/check/text_format.h"
#include "sim/check/zones.h"
#include "tests/sim/check/make_history.h"

namespace quorate::sim::check {
namespace {

constexpr uint64_t kSmallHistories = 6000;

struct Tally {
  uint64_t right = 0;
  uint64_t wrong = 0;
};

// Every second history has a planted read.
Tally CompareWithForce(MakeOptions options) {
  Tally tally;
  for (uint64_t seed = 1; seed <= kSmallHistories; ++seed) {
    options.seed = seed;
    History history = MakeHistory(options);
    const bool planted = seed % 2 == 0;
    if (planted) PlantWrongRead(history, seed);
    EXPECT_TRUE(Normalise(history, options.model).ok());
    const bool expected = IsLinearizableByForce(history, options.model);
    EXPECT_TRUE(planted || expected) << EncodeText(history);
    const absl::StatusOr<Findings> findings = CheckHistory(history, options.model);
    EXPECT_TRUE(findings.ok());
    const Verdict wanted = expected ? Verdict::kLinearizable : Verdict::kNotLinearizable;
    EXPECT_EQ(findings->verdict, wanted) << "seed " << seed << "\n" << EncodeText(history);
    ++(expected ? tally.right : tally.wrong);
    if (::testing::Test::HasFailure()) break;
  }
  EXPECT_GE(tally.right, kSmallHistories / 2);
  EXPECT_GE(tally.wrong, kSmallHistories / 20);
  return tally;
}

TEST(AgainstForce, RegistersOfDifferentValues) {
  CompareWithForce({.operations = 8, .clients = 4, .unknown_share = 20});
}

TEST(AgainstForce, RegistersOfFewValues) {
  CompareWithForce({.operations = 8, .clients = 4, .unknown_share = 20, .values = 3});
}

TEST(AgainstForce, RegistersWithCompareAndSet) {
  CompareWithForce({.operations = 8,
                    .clients = 4,
                    .read_share = 40,
                    .cas_share = 35,
                    .unknown_share = 15,
                    .values = 3});
}

TEST(AgainstForce, AppendsOfEqualTexts) {
  CompareWithForce({.model = Model::kKv,
                    .operations = 8,
                    .clients = 4,
                    .read_share = 40,
                    .append_share = 45,
                    .unknown_share = 15,
                    .values = 12});
}

TEST(AgainstForce, SeveralKeys) {
  CompareWithForce({.model = Model::kKv,
                    .operations = 10,
                    .clients = 4,
                    .keys = 2,
                    .read_share = 50,
                    .append_share = 30,
                    .unknown_share = 15});
}

// Zones and search say the same of registers that are too large to try every order.
TEST(AgainstEachOther, ZonesAndSearch) {
  Tally tally;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    History history = MakeHistory(
        {.operations = 200, .clients = 5, .read_share = 60, .unknown_share = 3, .seed = seed});
    if (seed % 2 == 0) PlantWrongRead(history, seed);
    const std::vector<Problem> problems = SplitByKey(history, kNil);
    const std::optional<Verdict> zones = ZoneChecker().Check(problems[1]);
    ASSERT_TRUE(zones.has_value());
    EXPECT_EQ(Search(problems[1], history.values, kSearchStepsDefault).Run(), *zones) << seed;
    ++(*zones == Verdict::kLinearizable ? tally.right : tally.wrong);
  }
  EXPECT_GE(tally.right, 150);
  EXPECT_GE(tally.wrong, 100);
}

// Whether the operations of one key within a span have no order, by force: it may begin with all
// that could be there, and what overlaps it may happen within, or not. `different`: each value is
// written once, so what the span begins with is not written in it again.
bool IsWrongByForce(History& history, const Problem& whole, bool different, Place from, Place to,
                    size_t& within) {
  Problem part;
  within = 0;
  std::set<ValueId> starts = {whole.starts.front()};
  for (Entry entry : whole.entries) {
    if (entry.called < from && Changes(entry.action)) starts.insert(entry.value);
    if (entry.called > to || entry.returned < from) continue;
    const bool inside = entry.called >= from && entry.returned <= to && !entry.optional;
    if (!inside && !Changes(entry.action)) continue;
    within += inside ? 1 : 0;
    entry.optional = !inside;
    part.entries.push_back(entry);
  }
  const bool appended = std::any_of(
      whole.entries.begin(), whole.entries.end(),
      [&](const Entry& entry) { return entry.action == Action::kAppend && entry.called < from; });
  for (const Entry& entry : whole.entries) {
    if (!appended || entry.action != Action::kRead) continue;
    const std::string seen(history.values.text(entry.value));
    for (size_t length = 0; length <= seen.size(); ++length) {
      starts.insert(history.values.Intern(seen.substr(0, length)));
    }
  }
  if (from <= whole.entries.front().called) {
    starts = {whole.starts.front()};
  } else {
    starts.insert(history.values.Intern("something else"));
  }
  return std::none_of(starts.begin(), starts.end(), [&](ValueId start) {
    Problem begun = part;
    begun.starts = {start};
    if (different) {
      std::erase_if(begun.entries, [&](const Entry& entry) {
        return entry.called < from && entry.value == start && entry.action == Action::kWrite;
      });
    }
    return HasOrderByForce(begun, history.values);
  });
}

void CompareWindows(MakeOptions options) {
  uint64_t compared = 0;
  for (uint64_t seed = 1; seed <= 1500; ++seed) {
    options.seed = seed;
    History history = MakeHistory(options);
    PlantWrongRead(history, seed);
    const absl::StatusOr<Findings> findings = CheckHistory(history, options.model);
    ASSERT_TRUE(findings.ok());
    if (findings->verdict != Verdict::kNotLinearizable) continue;
    ++compared;
    size_t fewest = SIZE_MAX;
    const Problem whole = SplitByKey(history, InitialOf(options.model, history.values))[1];
    for (const Entry& first : whole.entries) {
      for (const Entry& last : whole.entries) {
        size_t within = 0;
        if (last.optional || first.called > last.returned) continue;
        if (IsWrongByForce(history, whole, findings->keys_by_zones > 0, first.called, last.returned,
                           within)) {
          fewest = std::min(fewest, within);
        }
      }
    }
    EXPECT_TRUE(findings->window->shortest);
    ASSERT_EQ(findings->window->within.size(), fewest)
        << "seed " << seed << "\n"
        << EncodeText(history) << Describe(history, *findings, 0);
  }
  EXPECT_GE(compared, 150);
}

TEST(AgainstForce, WindowsByZonesAreTheShortest) {
  CompareWindows({.operations = 8, .clients = 3, .unknown_share = 10});
}

TEST(AgainstForce, WindowsOfAppendsAreTheShortest) {
  CompareWindows({.model = Model::kKv,
                  .operations = 8,
                  .clients = 3,
                  .read_share = 50,
                  .append_share = 40,
                  .unknown_share = 10});
}

TEST(AgainstForce, WindowsBySearchAreTheShortest) {
  CompareWindows({.operations = 8,
                  .clients = 3,
                  .read_share = 50,
                  .cas_share = 25,
                  .unknown_share = 10,
                  .values = 4});
}

}  // namespace
}  // namespace quorate::sim::check
