// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/bug_table.h"

#include <algorithm>
#include <cstdio>
#include <limits>

namespace quorate::sim {
namespace {

constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();

std::string_view TakeWord(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::string_view word = line.substr(0, line.find(' '));
  line.remove_prefix(word.size());
  return word;
}

template <typename Value>
Value Median(std::vector<Value> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

uint64_t MedianSeeds(const BugResult& result) {
  std::vector<uint64_t> seeds;
  seeds.reserve(result.finds.size());
  for (const std::optional<BugFind>& find : result.finds) {
    seeds.push_back(find ? find->seeds : kNever);
  }
  return Median(std::move(seeds));
}

double MedianSeconds(const BugResult& result) {
  std::vector<double> seconds;
  seconds.reserve(result.finds.size());
  for (const std::optional<BugFind>& find : result.finds) {
    seconds.push_back(find ? find->seconds : std::numeric_limits<double>::max());
  }
  return Median(std::move(seconds));
}

std::string Fixed(double value) {
  char text[64];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string OrDash(const std::optional<uint64_t>& value) {
  return value ? std::to_string(*value) : "-";
}

}  // namespace

absl::StatusOr<std::vector<BugRow>> ParseBugRows(std::string_view text) {
  std::vector<BugRow> rows;
  for (size_t line_number = 1; !text.empty(); ++line_number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    BugRow row;
    row.bug = TakeWord(line);
    if (row.bug.empty() || row.bug.starts_with('#')) continue;
    row.scenario = TakeWord(line);
    if (row.scenario.empty()) {
      return InvalidArgument(Format("line %u: a bug and no scenario", line_number));
    }
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    row.what = line;
    rows.push_back(std::move(row));
  }
  return rows;
}

bool BugResult::found_everywhere() const {
  return std::all_of(finds.begin(), finds.end(),
                     [](const std::optional<BugFind>& find) { return find.has_value(); });
}

std::vector<std::string> BugColumns(bool shrunk) {
  std::vector<std::string> columns = {"bug",           "what is wrong", "scenario", "seeds",
                                      "of each range", "seconds",       "oracle"};
  if (shrunk) {
    columns.insert(columns.end(), {"faults", "nodes", "operations", "seconds to shrink"});
  }
  return columns;
}

std::vector<std::string> BugCells(const BugResult& result, bool shrunk) {
  std::string each;
  std::string failure = "not found";
  for (const std::optional<BugFind>& find : result.finds) {
    each += (each.empty() ? "" : ", ") + (find ? std::to_string(find->seeds) : "none");
    if (find && failure == "not found") failure = find->failure;
  }
  const uint64_t seeds = MedianSeeds(result);
  std::vector<std::string> cells = {result.row.bug,
                                    result.row.what,
                                    result.row.scenario,
                                    seeds == kNever ? std::string("none") : std::to_string(seeds),
                                    each,
                                    seeds == kNever ? "-" : Fixed(MedianSeconds(result)),
                                    failure};
  if (shrunk) {
    cells.insert(cells.end(), {OrDash(result.faults), OrDash(result.nodes),
                               OrDash(result.operations), Fixed(result.shrink_seconds)});
  }
  return cells;
}

std::string BugTableHead(bool shrunk) {
  std::string head = "|";
  for (const std::string& column : BugColumns(shrunk)) head += " " + column + " |";
  std::string line = "| --- | --- | --- | --: | --: | --: | --- |";
  if (shrunk) line += " --: | --: | --: | --: |";
  return head + "\n" + line + "\n";
}

std::string Describe(const BugResult& result, bool shrunk) {
  std::vector<std::string> cells = BugCells(result, shrunk);
  cells[0] = "`" + cells[0] + "`";
  cells[2] = "`" + cells[2] + "`";
  std::string text = "|";
  for (const std::string& cell : cells) text += " " + cell + " |";
  return text + "\n";
}

std::string Summary(const std::vector<BugResult>& results) {
  std::vector<uint64_t> medians;
  uint64_t most = 0;
  uint64_t missed = 0;
  for (const BugResult& result : results) {
    medians.push_back(MedianSeeds(result));
    for (const std::optional<BugFind>& find : result.finds) {
      if (find) most = std::max(most, find->seeds);
      if (!find) ++missed;
    }
  }
  if (medians.empty()) return "no bugs\n";
  const uint64_t median = Median(std::move(medians));
  return Format("%u bugs, the median found after %s seeds, none after more than %u; %u times not\n",
                results.size(), median == kNever ? std::string("no") : std::to_string(median), most,
                missed);
}

}  // namespace quorate::sim
