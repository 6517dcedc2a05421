// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/shrink_command.h"

#include <cstdio>
#include <utility>

#include "sim/fault/words.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/settings.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"
#include "sim/tool/input.h"
#include "sim/tool/observed.h"
#include "sim/tool/recipe.h"
#include "sim/tool/recording_input.h"
#include "sim/tool/shrink_judge.h"
#include "sim/tool/shrink_recording.h"

namespace quorate::sim {
namespace {

// Of operations that are shown one by one.
constexpr size_t kShownOperations = 40;
constexpr size_t kShownBytes = 60;

std::string Seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

std::string Describe(const RecordedOperation& operation) {
  std::string words;
  for (const Bytes& word : operation.command) words += " " + word;
  if (words.size() > kShownBytes) words = words.substr(0, kShownBytes) + "...";
  std::string text =
      Format("%u.%06u s, client %u at node %u, %s and %s:%s", operation.time.us / 1'000'000,
             operation.time.us % 1'000'000, operation.client, operation.node.value,
             topology::NameOf(operation.read), topology::NameOf(operation.write), words);
  // Of the first one it goes without saying.
  if (operation.pool.value > 0) text += Format(" (pool %s)", kPoolNames[operation.pool.value]);
  return text;
}

void Print(const Shrunk& shrunk, const std::string& bug, const std::string& file) {
  const RunRecipe& recipe = shrunk.regression.recipe;
  std::printf("failure:   %s, found by the oracle '%s'\n",
              std::string(NameOf(shrunk.failure.kind)).c_str(), shrunk.failure.oracle.c_str());
  std::printf("before:    %s\nafter:     %s\n", quorate::sim::Describe(shrunk.before).c_str(),
              quorate::sim::Describe(shrunk.after).c_str());
  for (const Fault& fault : shrunk.schedule.faults) {
    std::printf("fault:     %s\n", Words(fault, shrunk.schedule.nodes).c_str());
  }
  for (const auto& [name, value] : shrunk.drawn) {
    std::printf("setting:   %s %s\n", name.c_str(), value.c_str());
  }
  if (recipe.operations.size() <= kShownOperations) {
    for (const RecordedOperation& operation : recipe.operations) {
      std::printf("operation: %s\n", Describe(operation).c_str());
    }
  }
  const std::string with = bug.empty() ? "" : " --bug " + bug;
  std::printf("replay:    quorate-sim%s replay %s%s\n", bug.empty() ? "" : "-planted", file.c_str(),
              with.c_str());
  std::printf(
      "shrunk scenario=%s seed=%llu faults=%zu nodes=%u clients=%u operations=%zu runs=%llu "
      "wall=%s\n",
      recipe.scenario.c_str(), static_cast<unsigned long long>(recipe.seed), shrunk.after.faults,
      shrunk.after.nodes, shrunk.after.clients, shrunk.after.operations,
      static_cast<unsigned long long>(shrunk.runs), Seconds(shrunk.seconds).c_str());
}

std::string FileFor(const RunRecipe& recipe, const Arguments& arguments) {
  if (!arguments.keep.empty()) return arguments.keep;
  const std::string bug = recipe.planted.empty() ? std::string() : "-" + recipe.planted;
  return Format("%s-%u%s.regression", recipe.scenario, recipe.seed, bug);
}

}  // namespace

absl::StatusOr<std::optional<Shrunk>> Shrink(const RunRecipe& recipe, uint32_t jobs, double seconds,
                                             const std::function<void(const std::string&)>& told) {
  QUORATE_ASSIGN_OR_RETURN(Observed first, ObserveApart(recipe));
  if (!first.trace.failure) return std::optional<Shrunk>();
  Shrunk shrunk;
  shrunk.failure = *first.trace.failure;
  ForkedJudge judge(shrunk.failure, jobs, seconds);
  Sighting sighting{first.time, std::move(first.trace.recipe.operations)};
  first.trace.recipe.operations = recipe.operations;
  QUORATE_ASSIGN_OR_RETURN(const WorldConfig config, ConfigOf(recipe));
  WorldConfig plain;
  plain.pools.resize(config.pools.size());
  Shrinker shrinker(std::move(first.trace.recipe), std::move(sighting), SettingsOf(plain), judge,
                    [&](const RunSize& size) {
                      told(Seconds(judge.seconds()) + ", " + std::to_string(judge.runs()) +
                           " runs: " + quorate::sim::Describe(size));
                    });
  shrunk.before = shrinker.size();
  told(Format("%s, found by '%s': %s", NameOf(shrunk.failure.kind), shrunk.failure.oracle,
              quorate::sim::Describe(shrunk.before)));
  RunRecipe small = shrinker.Run();
  shrunk.after = shrinker.size();
  shrunk.schedule = shrinker.schedule();
  shrunk.drawn = shrinker.DrawnSettings();
  shrunk.runs = judge.runs();
  shrunk.seconds = judge.seconds();
  QUORATE_ASSIGN_OR_RETURN(shrunk.regression, RegressionOf(std::move(small), shrunk.failure));
  return std::optional<Shrunk>(std::move(shrunk));
}

double ShrinkSeconds(const Arguments& arguments) {
  if (!arguments.time_limit) return kShrinkSeconds;
  return static_cast<double>(arguments.time_limit->count()) / 1e6;
}

int ShrinkCommand(const Arguments& arguments, bool planted) {
  if (arguments.operands.size() == 1 && IsRecordingFile(arguments.operands.front())) {
    return ShrinkRecording(arguments.operands.front(), planted, arguments);
  }
  const absl::StatusOr<RunRecipe> recipe = RecipeFrom(arguments, planted);
  if (!recipe.ok()) return RefuseInput("shrink", recipe.status());
  const auto told = [](const std::string& line) {
    std::fprintf(stderr, "shrink: %s\n", line.c_str());
  };
  const absl::StatusOr<std::optional<Shrunk>> shrunk =
      Shrink(*recipe, arguments.jobs, ShrinkSeconds(arguments), told);
  if (!shrunk.ok()) return RefuseInput("shrink", shrunk.status());
  const std::optional<Shrunk>& small = *shrunk;
  if (!small) {
    std::printf("the run holds: there is nothing to make small\n");
    return kExitHolds;
  }
  const std::string file = FileFor(*recipe, arguments);
  Trace regression = small->regression;
  if (!arguments.why.empty()) regression.why = arguments.why;
  const absl::Status written = WriteFile(file, EncodeTrace(regression));
  if (!written.ok()) return RefuseInput("shrink", written);
  Print(*small, recipe->planted, file);
  return kExitOk;
}

}  // namespace quorate::sim
