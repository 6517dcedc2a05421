// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/swarm_page.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "build_info.h"
#include "engine/base/status.h"

namespace quorate::sim {
namespace {

using Look = TableCell::Look;

constexpr double kDaysOfYear = 365.25;

std::string Fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}
TableCell Number(uint64_t value, bool bad = false) {
  return {std::to_string(value), Look::kNumber, bad};
}
TableCell Number(double value, int digits) { return {Fixed(value, digits), Look::kNumber}; }
TableCell Text(std::string_view text, bool bad = false) {
  return {std::string(text), Look::kText, bad};
}

double Seconds(uint64_t us) { return static_cast<double>(us) / 1e6; }

PageTable Failures(const SwarmReport& report) {
  PageTable table{"failures",
                  "Failures, the newest first",
                  "none",
                  {"what", "times", "first as run", "first seeds", "to see it again"},
                  {}};
  using Group = std::pair<const std::string, SwarmReport::OfFailure>;
  std::vector<const Group*> newest;
  for (const Group& group : report.failures()) newest.push_back(&group);
  std::sort(newest.begin(), newest.end(), [](const Group* a, const Group* b) {
    return a->second.first_met > b->second.first_met;
  });
  for (const Group* group : newest) {
    const SwarmReport::OfFailure& failure = group->second;
    std::string seeds;
    for (const SeedRun& run : failure.runs) {
      seeds += Format("%s%s:%u", seeds.empty() ? "" : ", ", run.scenario, run.seed);
    }
    table.rows.push_back({Text(group->first, true),
                          Number(failure.times),
                          Number(failure.first_met),
                          Text(seeds),
                          {failure.runs.front().replay, Look::kCode}});
  }
  return table;
}

PageTable Scenarios(const SwarmReport& report) {
  PageTable table{"scenarios",
                  "Scenarios",
                  "no run has ended yet",
                  {"scenario", "seeds", "failed", "seconds a seed", "simulated seconds a seed",
                   "events a seed", "events a second"},
                  {}};
  for (const auto& [name, scenario] : report.scenarios()) {
    const double runs = std::max(1.0, static_cast<double>(scenario.told));
    const auto events = static_cast<double>(scenario.events);
    table.rows.push_back(
        {Text(name), Number(scenario.runs), Number(scenario.failed, scenario.failed > 0),
         Number(scenario.seconds / runs, 3), Number(Seconds(scenario.simulated_us) / runs, 1),
         Number(events / runs, 0), Number(events / std::max(scenario.seconds, 1e-3), 0)});
  }
  return table;
}

PageTable Faults(const SwarmReport& report) {
  PageTable table{"faults",
                  "Faults",
                  "no run had any",
                  {"kind", "faults", "effects", "runs with some", "of these with effect"},
                  {}};
  for (size_t i = 0; i < kFaultKinds; ++i) {
    const SwarmReport::OfKind& kind = report.kinds()[i];
    table.rows.push_back({Text(NameOf(static_cast<FaultKind>(i))), Number(kind.faults),
                          Number(kind.effects, kind.faults > 0 && kind.effects == 0),
                          Number(kind.runs), Number(kind.effective)});
  }
  return table;
}

PageTable NeverMet(const SwarmReport& report) {
  PageTable table{"never", "Marks that no run came to", "all were met", {"mark"}, {}};
  for (size_t i = 0; i < kMarks; ++i) {
    if (report.runs_of_marks()[i] > 0) continue;
    table.rows.push_back({Text(NameOf(static_cast<Mark>(i)))});
  }
  return table;
}

PageTable Watermarks(const SwarmReport& report) {
  PageTable table{"watermarks", "Watermarks", "none", {"quantity", "highest"}, {}};
  for (size_t i = 0; i < kWatermarks; ++i) {
    const auto watermark = static_cast<Watermark>(i);
    table.rows.push_back({Text(NameOf(watermark)), Number(report.marks().highest(watermark))});
  }
  return table;
}

PageTable Met(const SwarmReport& report) {
  PageTable table{"met", "Marks", "none was met", {"mark", "runs", "times"}, {}};
  for (size_t i = 0; i < kMarks; ++i) {
    const auto mark = static_cast<Mark>(i);
    if (report.runs_of_marks()[i] == 0) continue;
    table.rows.push_back({Text(NameOf(mark)), Number(report.runs_of_marks()[i]),
                          Number(report.marks().times(mark))});
  }
  return table;
}

}  // namespace

TablePage SwarmPageOf(const SwarmReport& report, const SwarmPlace& place) {
  const double seconds = std::max(place.seconds, 1e-3);
  const double simulated = Seconds(report.simulated_us());
  const auto runs = static_cast<double>(report.runs());
  TablePage page;
  page.title = "quorate swarm";
  page.goes_on = place.goes_on;
  page.bad = report.failed() > 0 || (!place.goes_on && report.code() != 0);
  page.chip = report.failed() > 0 ? Format("%u failed", report.failed())
              : page.bad          ? "something never happened"
              : place.goes_on     ? "running"
                                  : "held";
  page.facts = Format("seeds %s, %u at a time, %s for %s s", place.seeds, place.jobs,
                      place.goes_on ? "running" : "ended, ran", Fixed(place.seconds, 0));
  page.figures = {
      {"seeds", std::to_string(report.runs())},
      {"seeds a minute", Fixed(runs * 60 / seconds, 1)},
      {"failed", std::to_string(report.failed())},
      {"simulated", Fixed(simulated / 86400, 2) + " days"},
      {"simulated years a day", Fixed(simulated / seconds / kDaysOfYear, 2)},
      {"events a second", Fixed(static_cast<double>(report.events()) / seconds, 0)},
      {"operations", std::to_string(report.operations())},
  };
  page.tables = {Failures(report), Scenarios(report),  Faults(report),
                 NeverMet(report), Watermarks(report), Met(report)};
  page.footer = Format("commit %s", kBuildCommit);
  return page;
}

}  // namespace quorate::sim
