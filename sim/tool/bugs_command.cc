// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/bugs_command.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/page/table_page.h"
#include "sim/scenario/bug_name.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/bug_table.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"
#include "sim/tool/first_of.h"
#include "sim/tool/input.h"
#include "sim/tool/kept_trace.h"
#include "sim/tool/recipe.h"
#include "sim/tool/run_command.h"
#include "sim/tool/shrink_command.h"
#include "sim/tool/steady_seconds.h"

namespace quorate::sim {
namespace {

constexpr uint64_t kSeedsOfRange = 200;
// Of each scenario in the table, without a bug.
constexpr uint64_t kControlSeeds = 60;
// What a person can still look at.
constexpr uint64_t kFewFaults = 8;
constexpr uint64_t kFewNodes = 5;

class BugHunt {
 public:
  explicit BugHunt(const Arguments& arguments)
      : arguments_(arguments),
        first_(arguments.many ? arguments.seeds.first : 1),
        length_(arguments.many ? arguments.seeds.last - arguments.seeds.first + 1 : kSeedsOfRange) {
  }

  absl::StatusOr<BugResult> Find(const BugRow& row) const {
    const Scenario* const scenario = FindScenario(row.scenario);
    const std::optional<PlantedBug> bug = ParsePlantedBug(row.bug);
    if (scenario == nullptr) return InvalidArgument("no scenario '" + row.scenario + "'");
    if (!bug || *bug == PlantedBug::kNone) {
      return InvalidArgument("no planted bug is called '" + row.bug + "'");
    }
    BugResult result;
    result.row = row;
    for (uint64_t range = 0; range < arguments_.ranges; ++range) {
      QUORATE_ASSIGN_OR_RETURN(std::optional<BugFind> find,
                               FindIn(*scenario, *bug, first_ + range * length_));
      result.finds.push_back(std::move(find));
    }
    if (arguments_.shrink) QUORATE_RETURN_IF_ERROR(MakeSmall(*scenario, *bug, result));
    return result;
  }

  // The first seeds of a scenario hold without a bug; else the failure of one.
  absl::StatusOr<std::string> Control(const Scenario& scenario) const {
    QUORATE_ASSIGN_OR_RETURN(
        const Search search,
        FirstOf(
            kControlSeeds, arguments_.jobs, kForEver,
            [&](size_t i) { return FailureOf(scenario, first_ + i, PlantedBug::kNone); }, Failed));
    if (!search.found) return std::string();
    return Format("seed %u: %s", first_ + search.found->tag, Reason(*search.found));
  }

 private:
  // In the child.
  static Bytes FailureOf(const Scenario& scenario, uint64_t seed, PlantedBug bug) {
    const absl::StatusOr<Outcome> outcome =
        RunConfig(MakeConfig(scenario, seed, {{}, {}, bug}), {});
    if (!outcome.ok()) return MessageOf(outcome.status());
    const std::optional<Failure>& failure = outcome->failure;
    if (!failure) return {};
    return Format("%s: %s", failure->oracle, NameOf(failure->kind));
  }
  static bool Failed(const Children::Ended& ended) {
    return !ended.finished || !ended.answer.empty();
  }
  static std::string Reason(const Children::Ended& ended) {
    return ended.finished ? ended.answer : std::string(NameOf(FailureKind::kAborted));
  }

  absl::StatusOr<std::optional<BugFind>> FindIn(const Scenario& scenario, PlantedBug bug,
                                                uint64_t first) const {
    // Found only where the seed holds without the bug.
    const auto work = [&](size_t i) -> Bytes {
      Bytes failure = FailureOf(scenario, first + i, bug);
      if (failure.empty() || !FailureOf(scenario, first + i, PlantedBug::kNone).empty()) return {};
      return failure;
    };
    QUORATE_ASSIGN_OR_RETURN(const Search search,
                             FirstOf(length_, arguments_.jobs, kForEver, work, Failed));
    if (!search.found) return std::optional<BugFind>();
    return std::optional<BugFind>(BugFind{first + search.found->tag, search.found->tag + 1,
                                          search.seconds, Reason(*search.found)});
  }

  // The seeds that found it, those with the fewest nodes first.
  absl::StatusOr<std::vector<RunRecipe>> Recipes(const Scenario& scenario, PlantedBug bug,
                                                 const BugResult& result) const {
    std::vector<RunRecipe> recipes;
    for (const std::optional<BugFind>& find : result.finds) {
      if (!find) continue;
      Arguments run;
      run.bug = NameOf(bug);
      run.seeds = {find->seed, find->seed};
      QUORATE_ASSIGN_OR_RETURN(RunRecipe recipe,
                               RecipeFrom(std::string(scenario.name), run, /*planted=*/true));
      recipes.push_back(std::move(recipe));
    }
    std::stable_sort(recipes.begin(), recipes.end(),
                     [](const RunRecipe& a, const RunRecipe& b) { return a.nodes < b.nodes; });
    return recipes;
  }

  // One seed after the other until what is left can be understood in one look.
  absl::Status MakeSmall(const Scenario& scenario, PlantedBug bug, BugResult& result) const {
    QUORATE_ASSIGN_OR_RETURN(const std::vector<RunRecipe> recipes, Recipes(scenario, bug, result));
    std::optional<Shrunk> smallest;
    for (const RunRecipe& recipe : recipes) {
      QUORATE_ASSIGN_OR_RETURN(
          std::optional<Shrunk> shrunk,
          Shrink(recipe, arguments_.jobs, ShrinkSeconds(arguments_), [](const std::string&) {}));
      if (!shrunk) continue;
      const bool few = shrunk->after.faults <= kFewFaults && shrunk->after.nodes <= kFewNodes;
      if (few || !smallest || shrunk->after.faults < smallest->after.faults) {
        smallest = std::move(shrunk);
      }
      if (few) break;
    }
    if (!smallest) return absl::OkStatus();
    result.faults = smallest->after.faults;
    result.nodes = smallest->after.nodes;
    result.operations = smallest->after.operations;
    result.shrink_seconds = smallest->seconds;
    if (arguments_.keep.empty()) return absl::OkStatus();
    return WriteFile(arguments_.keep + "/" + result.row.bug + ".regression",
                     EncodeTrace(smallest->regression));
  }

  const Arguments& arguments_;
  const uint64_t first_;
  const uint64_t length_;
};

// The table as far as it is; nothing where no page is asked for. `silent`: so was all without a
// bug, once that is known.
absl::Status Draw(const std::vector<BugResult>& results, size_t rows, const Arguments& arguments,
                  std::optional<bool> silent = {}) {
  if (arguments.page.empty()) return absl::OkStatus();
  PageTable table{"bugs", "Found", "none yet", BugColumns(arguments.shrink), {}};
  size_t missed = 0;
  for (const BugResult& result : results) {
    std::vector<TableCell> cells;
    for (std::string& cell : BugCells(result, arguments.shrink)) cells.push_back({std::move(cell)});
    if (!result.found_everywhere()) {
      ++missed;
      cells.front().bad = true;
    }
    table.rows.push_back(std::move(cells));
  }
  TablePage page;
  page.title = "quorate planted bugs";
  page.goes_on = !silent;
  page.bad = missed > 0 || !silent.value_or(true);
  page.chip = missed > 0     ? Format("%u missed", missed)
              : page.bad     ? "control failed"
              : page.goes_on ? "running"
                             : "all found";
  page.facts =
      Format("%u of %u bugs, %u ranges of seeds each", results.size(), rows, arguments.ranges);
  page.tables = {std::move(table)};
  page.footer = results.empty() ? "" : Summary(results);
  return ReplaceFile(arguments.page, MakeTablePage(page));
}

bool Controls(const BugHunt& hunt, const std::vector<BugRow>& rows) {
  bool silent = true;
  std::set<std::string> scenarios;
  for (const BugRow& row : rows) scenarios.insert(row.scenario);
  for (const std::string& name : scenarios) {
    const absl::StatusOr<std::string> failure = hunt.Control(*FindScenario(name));
    const std::string said = failure.ok() ? *failure : MessageOf(failure.status());
    silent = silent && said.empty();
    std::printf("control: %s, seeds without a bug: %s\n", name.c_str(),
                said.empty() ? "silent" : ("FAILED: " + said).c_str());
  }
  return silent;
}

}  // namespace

int BugsCommand(const Arguments& arguments, bool planted) {
  if (!planted)
    return RefuseUsage("bugs", "this build has no planted bugs; use quorate-sim-planted");
  if (arguments.operands.size() != 1) return RefuseUsage("bugs", "takes the file of planted bugs");
  const std::string& path = arguments.operands.front();
  const absl::StatusOr<Bytes> text = ReadFile(path);
  if (!text.ok()) return RefuseInput("bugs", text.status());
  absl::StatusOr<std::vector<BugRow>> rows = ParseBugRows(*text);
  if (!rows.ok())
    return RefuseInput("bugs", InvalidArgument(path + ": " + MessageOf(rows.status())));
  if (arguments.bug != kNoBug) {
    std::erase_if(*rows, [&](const BugRow& row) { return row.bug != arguments.bug; });
  }
  if (rows->empty()) return RefuseInput("bugs", InvalidArgument(path + ": lists no such bug"));
  const BugHunt hunt(arguments);
  std::vector<BugResult> results;
  bool missed = false;
  std::fputs(BugTableHead(arguments.shrink).c_str(), stdout);
  for (const BugRow& row : *rows) {
    if (const absl::Status drawn = Draw(results, rows->size(), arguments); !drawn.ok()) {
      return RefuseInput("bugs", drawn);
    }
    absl::StatusOr<BugResult> result = hunt.Find(row);
    if (!result.ok()) {
      return RefuseInput("bugs", InvalidArgument(path + ": " + MessageOf(result.status())));
    }
    std::fputs(Describe(*result, arguments.shrink).c_str(), stdout);
    std::fflush(stdout);
    missed = missed || !result->found_everywhere();
    results.push_back(*std::move(result));
  }
  std::fputs(Summary(results).c_str(), stdout);
  const bool silent = Controls(hunt, *rows);
  if (const absl::Status drawn = Draw(results, rows->size(), arguments, silent); !drawn.ok()) {
    return RefuseInput("bugs", drawn);
  }
  return missed || !silent ? kExitMissed : kExitOk;
}

}  // namespace quorate::sim
