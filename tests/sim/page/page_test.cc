// SPDX-License-Identifier: Apache-2.0
// What a page is made of: what a failure is about, and data that cannot end the element they are
// in; and what is written of it for other tools.
#include "sim/page/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/page/collector.h"
#include "sim/page/json.h"
#include "sim/page/limits.h"
#include "sim/page/perfetto.h"
#include "sim/page/rows.h"
#include "sim/page/shiviz.h"

namespace quorate::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

TEST(Subject, IsReadOffTheWordsOfAFailure) {
  const Failure failure{
      FailureKind::kStaleRead, "quorum_reads",
      "in key \"string:2\", a read shows write of \"x\" by operation 2241 (events "
      "36248 to 36263, QUORUM, acknowledged) or something newer",
      "read of \"y\" by operation 252 (events 36460 to 36481, QUORUM)", EventId{36481}};
  const Subject subject = SubjectOf(failure);
  EXPECT_EQ(subject.key, "string:2");
  EXPECT_EQ(subject.pool, "");
  Failure of_pool = failure;
  of_pool.seen = "pool second: " + failure.seen;
  EXPECT_EQ(SubjectOf(of_pool).pool, "second");
  EXPECT_THAT(subject.operations, ElementsAre(252, 2241));
  EXPECT_THAT(subject.spans, ElementsAre(Pair(EventId{36248}, EventId{36263}),
                                         Pair(EventId{36460}, EventId{36481})));
  EXPECT_TRUE(subject.Names(252));
  EXPECT_FALSE(subject.Names(253));
  EXPECT_TRUE(subject.Spans({36263}));
  EXPECT_FALSE(subject.Spans({36264}));
}

TEST(Subject, IsNothingWhereAFailureNamesNothing) {
  const Subject subject = SubjectOf(
      {FailureKind::kStall, "progress", "nodes serve", "operation of node, key \"", EventId{1}});
  EXPECT_EQ(subject.key, "");
  EXPECT_THAT(subject.operations, ElementsAre());
}

TEST(Json, HoldsAnyBytesAndNoEndOfTheElementItIsIn) {
  Json json;
  json.Begin('{').Key("a").Text("</script>\"\\\n\xff\x01z").Key("b").Begin('[').Number(1);
  json.Signed(-1).End(']').End('}');
  EXPECT_EQ(json.Take(),
            "{\"a\":\"\\u003c/script>\\u0022\\u005c\\u000a\\u00ff\\u0001z\",\"b\":[1,-1]}");
}

WorldEvent EventAt(uint64_t id, uint64_t cause, EventKind kind = EventKind::kTick) {
  return {EventId{id}, EventId{cause}, SimTime{id * 10}, kind, NodeIndex{0}, 0, 1, 0};
}

TEST(Survey, KeepsWhatIsNextToTheFailure) {
  Survey survey({});
  for (uint64_t id = 1; id <= 3 * kPageEventsMax; ++id) survey.Happened(EventAt(id, id - 1));
  const Failure failure{FailureKind::kStall, "o", "p", "s", EventId{2 * kPageEventsMax}};
  const PagePlan plan = survey.Plan(failure, "");
  EXPECT_EQ(plan.last.value, 2 * kPageEventsMax + kPageEventsAfter);
  EXPECT_EQ(plan.last.value - plan.first.value + 1, kPageEventsMax);
  EXPECT_EQ(plan.chain.size(), kPageChainMax);
  EXPECT_EQ(plan.chain.back(), failure.event);
  EXPECT_EQ(plan.chain_left_out, 2 * kPageEventsMax - kPageChainMax);
}

TEST(Survey, KeepsTheTimesThatAreAskedForAndSaysWhatIsTooMuch) {
  Survey survey({SimTime{100}, SimTime{200}});
  for (uint64_t id = 1; id <= 50; ++id) survey.Happened(EventAt(id, 0));
  const PagePlan plan = survey.Plan(std::nullopt, "k");
  EXPECT_EQ(plan.first.value, 10);
  EXPECT_EQ(plan.last.value, 20);
  EXPECT_EQ(plan.subject.key, "k");
  EXPECT_EQ(plan.window_left_out, 0);

  Survey long_one({SimTime{100}, std::nullopt});
  for (uint64_t id = 1; id <= kPageEventsMax + 19; ++id) long_one.Happened(EventAt(id, 0));
  EXPECT_EQ(long_one.Plan(std::nullopt, "").window_left_out, 10);
}

TEST(Page, StaysInItsLimitsHoweverLongTheRun) {
  PagePlan plan;
  plan.subject.key = "k";
  constexpr uint64_t kOperations = 3 * kPageOperationsMax;
  plan.first = {4 * kOperations};
  plan.last = plan.end = {5 * kOperations};
  Collector collector(plan);
  const std::vector<Bytes> command = {"SET", "k", std::string(10'000, 'v')};
  for (uint64_t id = 1; id <= kOperations; ++id) {
    collector.Happened(EventAt(id, 0, EventKind::kClientWakes));
    collector.Invoked({id, 0, NodeIndex{0}, SimTime{id}, EventId{id}, Phase::kFaults, command});
  }
  EXPECT_EQ(collector.content().events.size(), kPageStoryMax);
  EXPECT_EQ(collector.content().operations.size(), kPageOperationsMax);
  EXPECT_EQ(collector.content().left_out.story, kOperations - kPageStoryMax);
  EXPECT_EQ(collector.content().left_out.operations, kOperations - kPageOperationsMax);
  PageRun run;
  run.nodes = 1000;
  run.events = kOperations;
  const PageLanes lanes = ChooseLanes(collector.content(), run.nodes, {});
  EXPECT_EQ(lanes.nodes.size(), kPageLanesMax);
  const std::string page = MakePage(collector.content(), run, lanes);
  EXPECT_LT(page.size(), kPageBytesMax);
  EXPECT_THAT(
      page, HasSubstr(Format("%u earlier events on the key", collector.content().left_out.story)));
  EXPECT_LT(MakePerfetto(collector.content(), run, lanes).size(), kPageBytesMax);
  EXPECT_LT(MakeShiViz(collector.content(), run, lanes).text.size(), kPageBytesMax);
}

// Ticks of nodes by turns, each the cause of the next.
PageContent ContentOfTicks(uint64_t ticks, uint32_t nodes) {
  PageContent content;
  for (uint64_t id = 1; id <= ticks; ++id) {
    PageEvent entry;
    entry.event = EventAt(id, id - 1);
    entry.event.node = NodeIndex{static_cast<uint32_t>(id % nodes)};
    entry.kind = "tick";
    content.events.emplace(EventId{id}, entry);
  }
  return content;
}

PageLanes LanesOf(uint32_t nodes) {
  PageLanes lanes;
  for (uint32_t node = 0; node < nodes; ++node) lanes.nodes.push_back(node);
  return lanes;
}

TEST(ShiViz, LeavesOutItsFirstLinesWhereClocksAreLong) {
  constexpr uint64_t kTicks = 30'000;
  const PageContent content = ContentOfTicks(kTicks, kPageLanesMax);
  const ShiVizLog log = MakeShiViz(content, {}, LanesOf(kPageLanesMax));
  EXPECT_GT(log.left_out, 0);
  EXPECT_LT(log.text.size(), kPageBytesMax);
  const auto lines = std::count(log.text.begin(), log.text.end(), '\n');
  EXPECT_EQ(static_cast<uint64_t>(lines), 2 + kTicks - log.left_out);
  // What is left out was never counted.
  const uint64_t first = (log.left_out + 1) % kPageLanesMax;
  EXPECT_THAT(log.text, HasSubstr(Format("\n\nnode-%u {\"node-%u\":1} %u ", first, first,
                                         (log.left_out + 1) * 10)));
  EXPECT_EQ(MakeShiViz(ContentOfTicks(100, 3), {}, LanesOf(3)).left_out, 0);
}

TEST(ShiViz, WritesAnyBytesOnOneLine) {
  PageContent content = ContentOfTicks(1, 1);
  content.events.begin()->second.kind = "commit-done";
  content.events.begin()->second.note = "a\n{}\xff";
  EXPECT_THAT(MakeShiViz(content, {}, LanesOf(1)).text,
              HasSubstr("\n\nnode-0 {\"node-0\":1} 10 1 - shard 0: commit-done: a\\x0a{}\\xff\n"));
}

TEST(Perfetto, GivesEachTickTheTimeUpToTheNext) {
  PageContent content = ContentOfTicks(2, 1);
  content.events.at(EventId{2}).event.time = content.ended = SimTime{11};
  const std::string trace = MakePerfetto(content, {}, LanesOf(1));
  EXPECT_THAT(trace, HasSubstr("\"ts\":10,\"pid\":10000,\"tid\":10002,\"dur\":1,"));
  EXPECT_THAT(trace, HasSubstr(Format("\"ts\":11,\"pid\":10000,\"tid\":10002,\"dur\":%d,",
                                      kPageTick.count())));
}

TEST(Rows, TakeTheFirstThatIsFree) {
  Rows rows;
  EXPECT_EQ(rows.Take("a", 0, 10), 0);
  EXPECT_EQ(rows.Take("a", 9, 12), 1);
  EXPECT_EQ(rows.Take("b", 9, 12), 0);
  EXPECT_EQ(rows.Take("a", 10, 11), 0);
  EXPECT_EQ(rows.Take("a", 10, 11), 2);
}

TEST(Page, RefersToNothingOutsideOfItself) {
  Collector collector({});
  const std::string page = MakePage(collector.content(), {}, {});
  // Names of XML are no addresses; nothing is fetched from them.
  std::string text = page;
  const std::string name = "http://www.w3.org/2000/svg";
  for (size_t at = 0; (at = text.find(name)) != std::string::npos;) text.erase(at, name.size());
  for (const char* reference : {"http:", "https:", "//cdn", "src=", "href=", "@import", "url(http",
                                "fetch(", "XMLHttpRequest", "import(", "<link", "{{"}) {
    EXPECT_THAT(text, Not(HasSubstr(reference)));
  }
}

}  // namespace
}  // namespace quorate::sim
