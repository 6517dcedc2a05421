// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/swarm_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "sim/world/failure.h"

namespace quorate::sim {
namespace {

using ::testing::HasSubstr;

const PageTable& TableOf(const TablePage& page, std::string_view id) {
  return *std::find_if(page.tables.begin(), page.tables.end(),
                       [id](const PageTable& table) { return table.id == id; });
}
std::string FigureOf(const TablePage& page, std::string_view what) {
  for (const auto& [name, how_much] : page.figures) {
    if (name == what) return how_much;
  }
  return "none";
}

SeedRun Failing(uint64_t seed, const std::string& failure) {
  return {"kv-3", seed, 21, failure, Format("quorate-sim run kv-3 --seed %u", seed)};
}

SeedFigures Figures() {
  SeedFigures figures;
  figures.events = 1000;
  figures.simulated_us = 36'525'000;
  figures.seconds = 0.5;
  figures.scheduled[static_cast<size_t>(FaultKind::kPause)] = 2;
  return figures;
}

TEST(SwarmPage, SaysHowFastItIs) {
  SwarmReport report;
  for (uint64_t seed = 1; seed <= 4; ++seed) report.Add({"kv-3", seed, 0, {}, {}}, Figures());
  const TablePage page = SwarmPageOf(report, {"1..9", 2.0, 2, true});
  EXPECT_EQ(FigureOf(page, "seeds"), "4");
  EXPECT_EQ(FigureOf(page, "seeds a minute"), "120.0");
  EXPECT_EQ(FigureOf(page, "events a second"), "2000");
  // 146.1 seconds in 2: that is 73.05 days a day.
  EXPECT_EQ(FigureOf(page, "simulated years a day"), "0.20");
  EXPECT_EQ(page.chip, "running");
  EXPECT_TRUE(page.goes_on);
  const std::vector<TableCell>& row = TableOf(page, "scenarios").rows.front();
  EXPECT_EQ(row[0].text, "kv-3");
  EXPECT_EQ(row[1].text, "4");
  EXPECT_EQ(row[3].text, "0.500");
  EXPECT_FALSE(SwarmPageOf(report, {"1..9", 2.0, 2, false}).goes_on);
}

TEST(SwarmPage, NamesTheNewestFailureFirst) {
  SwarmReport report;
  report.Add(Failing(7, "old"), Figures());
  report.Add(Failing(3, "new"), Figures());
  report.Add(Failing(5, "old"), Figures());
  report.AddDeath(Failing(9, "dead"));
  const TablePage page = SwarmPageOf(report, {"1..9", 1.0, 1, true});
  const PageTable& failures = TableOf(page, "failures");
  ASSERT_EQ(failures.rows.size(), 3u);
  EXPECT_EQ(failures.rows[0][0].text, "dead");
  EXPECT_EQ(failures.rows[1][0].text, "new");
  EXPECT_EQ(failures.rows[2][0].text, "old");
  EXPECT_EQ(failures.rows[2][1].text, "2");
  EXPECT_EQ(failures.rows[2][3].text, "kv-3:5, kv-3:7");
  EXPECT_EQ(failures.rows[2][4].text, "quorate-sim run kv-3 --seed 5");
  EXPECT_TRUE(page.bad);
  EXPECT_EQ(page.chip, "4 failed");
  EXPECT_EQ(TableOf(page, "scenarios").rows.front()[2].text, "4");
}

TEST(SwarmPage, PointsOutWhatDidNothing) {
  SwarmReport report;
  report.Add({"kv-3", 1, 0, {}, {}}, Figures());
  const TablePage page = SwarmPageOf(report, {"1..9", 1.0, 1, true});
  const PageTable& faults = TableOf(page, "faults");
  const auto of = [&faults](FaultKind kind) { return faults.rows[static_cast<size_t>(kind)]; };
  EXPECT_TRUE(of(FaultKind::kPause)[2].bad);
  EXPECT_FALSE(of(FaultKind::kLoss)[2].bad) << "nobody tried";
  EXPECT_EQ(TableOf(page, "never").rows.size(), kMarks);
  EXPECT_TRUE(TableOf(page, "met").rows.empty());
}

}  // namespace
}  // namespace quorate::sim
