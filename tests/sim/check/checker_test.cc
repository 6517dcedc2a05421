// SPDX-License-Identifier: Apache-2.0
// Verdicts on histories by hand: what each rule accepts and refuses.
#include "sim/check/checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/check/search.h"
#include "tests/sim/check/make_history.h"

namespace quorate::sim::check {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr int64_t kNoReturn = -1;

Verdict Judge(HistoryBuilder& builder, Model model = Model::kRegister) {
  const absl::StatusOr<Findings> findings = CheckHistory(builder.history(), model);
  EXPECT_TRUE(findings.ok()) << findings.status();
  return findings->verdict;
}

TEST(Zones, AcceptsAReadOfAnOverlappingWriteAndOfTheOneBefore) {
  EXPECT_EQ(Judge(HistoryBuilder().Write("a", 1, 2).Write("b", 3, 9).Read("b", 4, 5)),
            Verdict::kLinearizable);
  EXPECT_EQ(Judge(HistoryBuilder().Write("a", 1, 2).Write("b", 3, 9).Read("a", 4, 5)),
            Verdict::kLinearizable);
}

TEST(Zones, RefusesAReadOfAnOverwrittenValue) {
  EXPECT_EQ(Judge(HistoryBuilder().Write("a", 1, 2).Write("b", 3, 4).Read("a", 5, 6)),
            Verdict::kNotLinearizable);
}

TEST(Zones, RefusesReadsThatGoBack) {
  EXPECT_EQ(
      Judge(HistoryBuilder().Write("a", 1, 2).Write("b", 3, 20).Read("b", 4, 5).Read("a", 6, 7)),
      Verdict::kNotLinearizable);
}

TEST(Zones, RefusesAValueThatNobodyWroteAndOneThatIsWrittenLater) {
  EXPECT_EQ(Judge(HistoryBuilder().Write("a", 1, 2).Read("c", 3, 4)), Verdict::kNotLinearizable);
  EXPECT_EQ(Judge(HistoryBuilder().Read("a", 1, 2).Write("a", 3, 4)), Verdict::kNotLinearizable);
}

TEST(Zones, RefusesTheBeginningBehindAWrite) {
  EXPECT_EQ(Judge(HistoryBuilder().Write("a", 1, 2).ReadNil(3, 4)), Verdict::kNotLinearizable);
  EXPECT_EQ(Judge(HistoryBuilder().Write("a", 1, 3).ReadNil(2, 4)), Verdict::kLinearizable);
}

TEST(Zones, RefusesAPointWithinAnotherValuesSpan) {
  // "b" has to happen within the span of "a": between its write and its last read.
  EXPECT_EQ(Judge(HistoryBuilder().Write("a", 1, 2).Write("b", 3, 4).Read("a", 8, 9)),
            Verdict::kNotLinearizable);
  EXPECT_EQ(Judge(HistoryBuilder().Write("a", 1, 2).Write("b", 3, 8).Read("a", 4, 9)),
            Verdict::kLinearizable);
}

TEST(Zones, EqualTimesAreNoOrder) {
  EXPECT_EQ(Judge(HistoryBuilder().Write("a", 1, 2).ReadNil(2, 4)), Verdict::kLinearizable);
}

TEST(Zones, AnUnknownWriteHappensLateOrNever) {
  EXPECT_EQ(Judge(HistoryBuilder().Write("u", 1, kNoReturn).ReadNil(5, 6).Read("u", 7, 8)),
            Verdict::kLinearizable);
  EXPECT_EQ(Judge(HistoryBuilder().Write("u", 1, kNoReturn).ReadNil(5, 6)), Verdict::kLinearizable);
  EXPECT_EQ(Judge(HistoryBuilder().Write("u", 1, kNoReturn).Read("u", 5, 6).ReadNil(7, 8)),
            Verdict::kNotLinearizable);
}

TEST(Zones, LeaveWhatTheyCannotDecideToTheSearch) {
  HistoryBuilder twice;
  twice.Write("a", 1, 2).Write("b", 3, 4).Write("a", 5, 6).Read("a", 7, 8);
  const absl::StatusOr<Findings> findings = CheckHistory(twice.history(), Model::kRegister);
  ASSERT_TRUE(findings.ok());
  EXPECT_EQ(findings->verdict, Verdict::kLinearizable);
  EXPECT_EQ(findings->keys_by_zones, 0);
  EXPECT_EQ(findings->keys_by_search, 1);
}

TEST(Search, JudgesCompareAndSet) {
  EXPECT_EQ(Judge(HistoryBuilder().Write("1", 1, 2).Cas("1", "2", 3, 4).Read("2", 5, 6)),
            Verdict::kLinearizable);
  EXPECT_EQ(Judge(HistoryBuilder().Write("1", 1, 2).Cas("3", "2", 3, 4)),
            Verdict::kNotLinearizable);
  EXPECT_EQ(Judge(HistoryBuilder().Write("1", 1, 2).CasMiss("1", "2", 3, 4)),
            Verdict::kNotLinearizable);
  EXPECT_EQ(Judge(HistoryBuilder().Write("1", 1, 9).CasMiss("1", "2", 3, 4)),
            Verdict::kLinearizable);
  // Two that both took the same value.
  EXPECT_EQ(Judge(HistoryBuilder().Write("1", 1, 2).Cas("1", "2", 3, 8).Cas("1", "3", 4, 9)),
            Verdict::kNotLinearizable);
}

TEST(Search, AnUnknownCompareAndSetHappensLateOrNever) {
  EXPECT_EQ(Judge(HistoryBuilder()
                      .Write("1", 1, 2)
                      .Cas("1", "2", 3, kNoReturn)
                      .Read("1", 10, 11)
                      .Read("2", 12, 13)),
            Verdict::kLinearizable);
  EXPECT_EQ(Judge(HistoryBuilder()
                      .Write("1", 1, 2)
                      .Cas("1", "2", 3, kNoReturn)
                      .Read("2", 10, 11)
                      .Read("1", 12, 13)),
            Verdict::kNotLinearizable);
}

TEST(Search, JudgesAppends) {
  EXPECT_EQ(
      Judge(HistoryBuilder().Append("a", 1, 5).Append("b", 2, 6).Read("ba", 7, 8), Model::kKv),
      Verdict::kLinearizable);
  EXPECT_EQ(
      Judge(HistoryBuilder().Append("a", 1, 2).Append("b", 3, 6).Read("ba", 7, 8), Model::kKv),
      Verdict::kNotLinearizable);
  EXPECT_EQ(Judge(HistoryBuilder().Append("a", 1, 2).Append("b", 3, 6).Read("a", 7, 8), Model::kKv),
            Verdict::kNotLinearizable);
}

TEST(Search, NilIsEmptyInKv) {
  EXPECT_EQ(Judge(HistoryBuilder().ReadNil(1, 2).Read("", 3, 4), Model::kKv),
            Verdict::kLinearizable);
}

TEST(Search, SaysThatItsBudgetDidNotDo) {
  HistoryBuilder many;
  for (int64_t i = 0; i < 20; ++i) many.Append(std::to_string(i), 1 + i, 100);
  many.Write("x", 90, 110).Read("y", 200, 201);
  const absl::StatusOr<Findings> unknown = CheckHistory(many.history(), Model::kKv, 1000);
  ASSERT_TRUE(unknown.ok());
  EXPECT_EQ(unknown->verdict, Verdict::kUnknown);
  EXPECT_EQ(unknown->keys_unknown, 1);
  EXPECT_THAT(Describe(many.history(), *unknown, 1000), StartsWith("unknown\n"));
}

TEST(Checker, KeysDoNotKnowOfEachOther) {
  EXPECT_EQ(
      Judge(HistoryBuilder().Key("x").Write("1", 1, 2).Key("y").Write("2", 3, 4).Key("x").Read(
          "1", 5, 6)),
      Verdict::kLinearizable);
}

TEST(Checker, ActionsThatAModelDoesNotHaveAreNamedByLine) {
  HistoryBuilder builder;
  builder.Write("1", 1, 2).Append("2", 3, 4);
  const absl::StatusOr<Findings> findings = CheckHistory(builder.history(), Model::kRegister);
  ASSERT_FALSE(findings.ok());
  EXPECT_THAT(MessageOf(findings.status()), StartsWith("line 2: append is not in this model"));
}

TEST(Window, HoldsTheOverwrittenReadAndTheWriteThatOverwroteIt) {
  HistoryBuilder builder;
  builder.Write("a", 1, 2).Read("a", 3, 4).Write("b", 10, 11).Read("a", 20, 21).Read("b", 30, 31);
  const absl::StatusOr<Findings> findings = CheckHistory(builder.history(), Model::kRegister);
  ASSERT_TRUE(findings.ok() && findings->window.has_value());
  EXPECT_THAT(findings->window->within, ::testing::ElementsAre(2, 3));
  EXPECT_TRUE(findings->window->shortest);
  const std::string text = Describe(builder.history(), *findings, 1);
  EXPECT_THAT(text, StartsWith("not linearizable\n"));
  EXPECT_THAT(text, HasSubstr("these 2 operations"));
  EXPECT_THAT(text, HasSubstr("write \"b\""));
  EXPECT_THAT(text, HasSubstr("read \"a\""));
  EXPECT_EQ(text.find("read \"b\""), std::string::npos);
}

TEST(Window, IsOneOperationWhereNobodyCanHaveWrittenWhatItSaw) {
  HistoryBuilder builder;
  builder.Write("a", 1, 2).Cas("a", "b", 3, 4).Read("never", 10, 11).Write("c", 12, 13);
  const absl::StatusOr<Findings> findings = CheckHistory(builder.history(), Model::kRegister);
  ASSERT_TRUE(findings.ok() && findings->window.has_value());
  EXPECT_THAT(findings->window->within, ::testing::ElementsAre(2));
}

TEST(Window, MarksThoseWithoutWhomThereWouldBeAnOrder) {
  HistoryBuilder builder;
  builder.Write("a", 1, 2).Write("b", 3, 4).Write("c", 5, 8).Read("a", 6, 9);
  const absl::StatusOr<Findings> findings = CheckHistory(builder.history(), Model::kRegister);
  ASSERT_TRUE(findings.ok() && findings->window.has_value());
  EXPECT_THAT(findings->window->within, ::testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(findings->window->culprits, ::testing::ElementsAre(1, 3));
}

TEST(Window, IsFoundInALargeHistoryByHalves) {
  History history = MakeHistory({.operations = 60'000, .clients = 5, .unknown_share = 1});
  PlantWrongRead(history, 1);
  const absl::StatusOr<Findings> findings = CheckHistory(history, Model::kRegister);
  ASSERT_TRUE(findings.ok() && findings->window.has_value());
  EXPECT_LE(findings->window->within.size(), 10);
  EXPECT_THAT(findings->window->culprits, SizeIs(2));
  EXPECT_FALSE(findings->window->shortest);
}

TEST(Window, CountsWithWritesThatOverlapIt) {
  // "b" was over before the last two reads, and "a" can come only once.
  HistoryBuilder builder;
  builder.Write("a", 1, 100).Write("b", 2, 3).Read("b", 10, 11).Read("a", 12, 13).Read("b", 14, 15);
  const absl::StatusOr<Findings> findings = CheckHistory(builder.history(), Model::kRegister);
  ASSERT_TRUE(findings.ok() && findings->window.has_value());
  EXPECT_THAT(findings->window->within, ::testing::ElementsAre(3, 4));
  EXPECT_THAT(findings->window->overlap, ::testing::ElementsAre(0));
}

}  // namespace
}  // namespace quorate::sim::check
