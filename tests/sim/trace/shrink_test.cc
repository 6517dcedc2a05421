// SPDX-License-Identifier: Apache-2.0
// A shrinker with a judge that only pretends to run: what must stay is known, so what must go is.
#include "sim/trace/shrink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace quorate::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class FakeJudge final : public ShrinkJudge {
 public:
  using Fails = std::function<bool(const RunRecipe&, const Schedule&)>;
  explicit FakeJudge(Fails fails) : fails_(std::move(fails)) {}

  [[nodiscard]] bool has_time() const override { return runs_ < runs_max; }
  std::optional<Sighted> FirstThatFails(const std::vector<RunRecipe>& candidates) override {
    ++asked;
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (runs_ == runs_max) return std::nullopt;
      ++runs_;
      const absl::StatusOr<Schedule> schedule = DecodeSchedule(candidates[i].schedule);
      EXPECT_TRUE(schedule.ok()) << schedule.status();
      if (!schedule.ok() || !fails_(candidates[i], *schedule)) continue;
      return Sighted{i, {seen_at, recorded}};
    }
    return std::nullopt;
  }
  [[nodiscard]] uint64_t runs() const { return runs_; }

  uint64_t runs_max = 10'000;
  size_t asked = 0;
  SimTime seen_at{4'000'000};
  std::vector<RecordedOperation> recorded;

 private:
  const Fails fails_;
  uint64_t runs_ = 0;
};

RunRecipe Recipe() {
  RunRecipe recipe;
  recipe.scenario = "kv-3";
  recipe.seed = 7;
  recipe.nodes = 12;
  recipe.duration = {60'000'000};
  recipe.settings = {{"clients", "9"},      {"replicas", "3"}, {"data-centres", "2"},
                     {"pipeline-max", "4"}, {"reshard", "1"},  {"racks", "3"}};
  Schedule schedule{.nodes = 12, .faults = {}};
  for (uint64_t i = 0; i < 14; ++i) {
    Fault fault;
    fault.id = 100 + i;
    fault.kind = i % 2 == 0 ? FaultKind::kPause : FaultKind::kOneWayCut;
    fault.from = {1'000'000 * i + 500'000};
    fault.until = {1'000'000 * i + 900'000};
    fault.nodes = {static_cast<uint32_t>(i % 3), 5, 11};
    schedule.faults.push_back(fault);
  }
  recipe.schedule = EncodeSchedule(schedule);
  return recipe;
}

const RecipeSettings kPlain = {{"clients", "8"},      {"replicas", "3"}, {"data-centres", "1"},
                               {"pipeline-max", "1"}, {"reshard", "0"},  {"racks", "3"}};

bool Has(const Schedule& schedule, uint64_t id) {
  return std::any_of(schedule.faults.begin(), schedule.faults.end(),
                     [id](const Fault& fault) { return fault.id == id; });
}

RecordedOperation Operation(uint32_t client, uint64_t time, Bytes key) {
  return {client, {client}, {time}, {}, {}, {"SET", std::move(key), "v"}};
}

std::vector<RecordedOperation> ManyOperations() {
  std::vector<RecordedOperation> operations;
  for (uint64_t i = 0; i < 300; ++i) {
    operations.push_back(
        Operation(static_cast<uint32_t>(i % 6), 10'000 * i, "key" + std::to_string(i % 20)));
  }
  return operations;
}

TEST(Shrinker, KeepsTheFaultsThatAreNeededUnderTheirOwnIds) {
  FakeJudge judge([](const RunRecipe&, const Schedule& schedule) {
    return Has(schedule, 103) && Has(schedule, 109);
  });
  std::vector<size_t> faults;
  Shrinker shrinker(Recipe(), {judge.seen_at, {}}, kPlain, judge,
                    [&](const RunSize& size) { faults.push_back(size.faults); });
  EXPECT_EQ(shrinker.size().faults, 14u);
  static_cast<void>(shrinker.Run());
  ASSERT_THAT(shrinker.schedule().faults, SizeIs(2));
  EXPECT_EQ(shrinker.schedule().faults[0].id, 103u);
  EXPECT_EQ(shrinker.schedule().faults[1].id, 109u);
  EXPECT_TRUE(std::is_sorted(faults.rbegin(), faults.rend()));
}

TEST(Shrinker, DropsTheEpochsThatAreNotNeeded) {
  RunRecipe recipe = Recipe();
  for (const uint64_t salt : {1U, 2U, 3U, 4U}) recipe.epochs.push_back({SimTime{salt * 100}, salt});
  const DrawEpoch needed = recipe.epochs[2];
  FakeJudge judge([needed](const RunRecipe& candidate, const Schedule&) {
    return std::count(candidate.epochs.begin(), candidate.epochs.end(), needed) == 1;
  });
  Shrinker shrinker(recipe, {judge.seen_at, {}}, kPlain, judge, [](const RunSize&) {});
  EXPECT_THAT(Describe(shrinker.size()), testing::HasSubstr("14 faults, 4 epochs, 12 nodes"));
  EXPECT_THAT(shrinker.Run().epochs, ElementsAre(needed));
  EXPECT_EQ(shrinker.size().epochs, 1u);
}

TEST(Shrinker, EndsWithASmallClusterAndPlainSettings) {
  FakeJudge judge([](const RunRecipe& recipe, const Schedule&) { return recipe.nodes >= 3; });
  Shrinker shrinker(Recipe(), {judge.seen_at, {}}, kPlain, judge, [](const RunSize&) {});
  const RunRecipe small = shrinker.Run();
  EXPECT_EQ(small.nodes, 3u);
  EXPECT_EQ(shrinker.schedule().nodes, 3u);
  EXPECT_EQ(shrinker.size().faults, 0u);
  EXPECT_EQ(shrinker.size().drawn_knobs, 0u);
  EXPECT_EQ(shrinker.size().clients, 1u);
  EXPECT_LT(small.duration.us, 100'000u * 45);
}

// Of three pools the failure needs the last one, which moves up with its operations.
TEST(Shrinker, TakesPoolsAway) {
  RunRecipe recipe = Recipe();
  for (const char* name :
       {"read", "second-read", "third-read", "second-replicas", "third-replicas"}) {
    recipe.settings.emplace_back(name, "1");
  }
  recipe.settings.emplace_back("pools", "3");
  for (RecipeSettings::value_type& setting : recipe.settings) {
    if (setting.first == "third-read") setting.second = "9";
  }
  for (uint16_t pool = 0; pool < 3; ++pool) {
    recipe.operations.push_back(Operation(pool, 1'000'000, "key"));
    recipe.operations.back().pool = PoolId{pool};
  }
  FakeJudge judge([](const RunRecipe& candidate, const Schedule&) {
    const RecipeSettings& settings = candidate.settings;
    return std::any_of(settings.begin(), settings.end(),
                       [](const auto& setting) { return setting.second == "9"; }) &&
           std::any_of(candidate.operations.begin(), candidate.operations.end(),
                       [](const RecordedOperation& operation) { return operation.client == 2; });
  });
  Shrinker shrinker(recipe, {judge.seen_at, {}}, kPlain, judge, [](const RunSize&) {});
  EXPECT_EQ(shrinker.size().pools, 3u);
  EXPECT_NE(Describe(shrinker.size()).find("12 nodes, 3 pools, "), std::string::npos);
  const RunRecipe small = shrinker.Run();
  EXPECT_EQ(shrinker.size().pools, 1u);
  EXPECT_EQ(Describe(shrinker.size()).find("pools"), std::string::npos);
  for (const auto& [name, value] : small.settings) {
    EXPECT_EQ(name.find("pools"), std::string::npos);
    EXPECT_EQ(name.find("second"), std::string::npos);
    EXPECT_EQ(name.find("third"), std::string::npos);
    EXPECT_TRUE(name != "read" || value == "9");
  }
  ASSERT_THAT(small.operations, SizeIs(1));
  EXPECT_EQ(small.operations[0].pool, PoolId{0});
}

TEST(Shrinker, GivesTheFaultsOfNodesThatGoToNodesThatStay) {
  // Fault 100 is of the nodes 0, 5 and 11; node 2 must have it, which is 5 of 3 and 11 of 3.
  FakeJudge judge([](const RunRecipe& recipe, const Schedule& schedule) {
    return Has(schedule, 100) && schedule.faults.front().nodes.back() % 3 == 2 && recipe.nodes >= 3;
  });
  Shrinker shrinker(Recipe(), {judge.seen_at, {}}, kPlain, judge, [](const RunSize&) {});
  EXPECT_EQ(shrinker.Run().nodes, 3u);
  EXPECT_THAT(shrinker.schedule().faults.front().nodes, ElementsAre(2));
}

TEST(Shrinker, KeepsASettingThatMustBeAsItWasDrawn) {
  FakeJudge judge([](const RunRecipe& recipe, const Schedule&) {
    return std::find(recipe.settings.begin(), recipe.settings.end(),
                     std::pair<std::string, std::string>("reshard", "1")) != recipe.settings.end();
  });
  Shrinker shrinker(Recipe(), {judge.seen_at, {}}, kPlain, judge, [](const RunSize&) {});
  static_cast<void>(shrinker.Run());
  EXPECT_THAT(shrinker.DrawnSettings(),
              ElementsAre(std::pair<std::string, std::string>("reshard", "1")));
}

TEST(Shrinker, RecordsOperationsAndKeepsThoseThatAreNeeded) {
  const auto needed = [](const RunRecipe& recipe, uint64_t time) {
    return std::any_of(
        recipe.operations.begin(), recipe.operations.end(),
        [time](const RecordedOperation& operation) { return operation.time.us == time; });
  };
  FakeJudge judge([&](const RunRecipe& recipe, const Schedule&) {
    return recipe.operations.empty() || (needed(recipe, 370'000) && needed(recipe, 1'420'000));
  });
  judge.seen_at = {2'000'000};
  judge.recorded = ManyOperations();
  Shrinker shrinker(Recipe(), {judge.seen_at, judge.recorded}, kPlain, judge,
                    [](const RunSize&) {});
  const RunRecipe small = shrinker.Run();
  ASSERT_THAT(small.operations, SizeIs(2));
  EXPECT_EQ(small.operations[0].time.us, 370'000u);
  EXPECT_EQ(small.operations[1].time.us, 1'420'000u);
  EXPECT_LT(judge.runs(), 2000u);
}

TEST(Shrinker, LeavesOperationsDrawnWhereTheFailureDoesNotOutliveRecordingThem) {
  FakeJudge judge(
      [](const RunRecipe& recipe, const Schedule&) { return recipe.operations.empty(); });
  judge.recorded = ManyOperations();
  Shrinker shrinker(Recipe(), {judge.seen_at, judge.recorded}, kPlain, judge,
                    [](const RunSize&) {});
  const RunRecipe small = shrinker.Run();
  EXPECT_TRUE(small.operations.empty());
  EXPECT_EQ(shrinker.size().clients, 1u);
}

TEST(Shrinker, GivesWhatItHasWhenThereIsNoTimeLeft) {
  FakeJudge judge([](const RunRecipe&, const Schedule& schedule) { return Has(schedule, 103); });
  judge.runs_max = 9;
  Shrinker shrinker(Recipe(), {judge.seen_at, {}}, kPlain, judge, [](const RunSize&) {});
  static_cast<void>(shrinker.Run());
  EXPECT_TRUE(Has(shrinker.schedule(), 103));
  EXPECT_LT(shrinker.schedule().faults.size(), 14u);
  EXPECT_EQ(judge.runs(), 9u);
}

TEST(Shrinker, AsksForNoFaultThatBeginsAfterTheEnd) {
  // All that is handed to the judge is a schedule that a world of that length executes.
  FakeJudge judge([](const RunRecipe& recipe, const Schedule& schedule) {
    for (const Fault& fault : schedule.faults) EXPECT_LT(fault.from, recipe.duration);
    return Has(schedule, 111);
  });
  Shrinker shrinker(Recipe(), {judge.seen_at, {}}, kPlain, judge, [](const RunSize&) {});
  const RunRecipe small = shrinker.Run();
  EXPECT_TRUE(Has(shrinker.schedule(), 111));
  EXPECT_GT(small.duration.us, 11'500'000u);
}

// Of thousands of operations each candidate is a copy, and there are as many candidates.
TEST(Shrinker, MakesNoCandidatesWhenTheTimeIsUp) {
  FakeJudge judge([](const RunRecipe&, const Schedule&) { return true; });
  judge.runs_max = 0;
  RunRecipe recipe = Recipe();
  for (uint64_t i = 0; i < 2000; ++i) {
    recipe.operations.push_back(Operation(0, 1000 * i, "k" + std::to_string(i)));
  }
  Shrinker shrinker(recipe, {judge.seen_at, recipe.operations}, kPlain, judge,
                    [](const RunSize&) {});
  EXPECT_THAT(shrinker.Run().operations, SizeIs(2000));
  EXPECT_LT(judge.asked, 40u);
}

}  // namespace
}  // namespace quorate::sim
