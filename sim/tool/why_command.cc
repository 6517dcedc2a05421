// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/why_command.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>

#include "sim/tool/exit_codes.h"
#include "sim/tool/input.h"
#include "sim/tool/recipe.h"
#include "sim/tool/recording_command.h"
#include "sim/tool/recording_input.h"
#include "sim/tool/run_command.h"
#include "sim/trace/causes.h"
#include "sim/trace/chronicle.h"

namespace quorate::sim {

absl::StatusOr<EventId> ParseEvent(std::string_view text) {
  if (text.starts_with('#')) text.remove_prefix(1);
  EventId event;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), event.value);
  if (error != std::errc() || end != text.data() + text.size() || event.value == 0) {
    return absl::NotFoundError("'" + std::string(text) + "' is not the number of an event");
  }
  return event;
}

void PrintFailure(const Failure& failure) {
  std::printf("failure:  %s, found by the oracle '%s' at event %llu\npromised: %s\nseen:     %s\n",
              std::string(NameOf(failure.kind)).c_str(), failure.oracle.c_str(),
              static_cast<unsigned long long>(failure.event.value), failure.promised.c_str(),
              failure.seen.c_str());
}

int WalkBack(const WorldConfig& config, std::optional<EventId> wanted, uint32_t depth) {
  Causes causes;
  const absl::StatusOr<Outcome> outcome = RunConfig(config, {&causes});
  if (!outcome.ok()) return RefuseInput("why", outcome.status());
  const std::optional<Failure>& failure = outcome->failure;
  if (!wanted && !failure) {
    std::printf("the run holds: name an event to walk back from\n");
    return kExitHolds;
  }
  if (!wanted && failure) {
    wanted = failure->event;
    PrintFailure(*failure);
  }
  const std::vector<EventId> chain = causes.Chain(*wanted, depth);
  if (chain.empty()) {
    return RefuseUsage(
        "why", Format("the run has the events 1 to %u, not %u", causes.events(), wanted->value));
  }
  // The chain falls.
  Chronicle chronicle(
      [&chain](EventId event) { return std::binary_search(chain.rbegin(), chain.rend(), event); },
      *wanted);
  const absl::StatusOr<Outcome> again = RunConfig(config, {&chronicle});
  if (!again.ok()) return RefuseInput("why", again.status());
  for (const EventId event : chain) {
    std::fputs(Chronicle::Describe(chronicle.entries().at(event)).c_str(), stdout);
  }
  const size_t all = causes.Depth(*wanted);
  std::printf("%zu of %zu events back to where nothing caused it\n", chain.size(), all);
  return kExitOk;
}

int WhyCommand(const Arguments& arguments, bool planted) {
  std::vector<std::string> operands = arguments.operands;
  if (!operands.empty() && operands.size() <= 2 && IsRecordingFile(operands.back())) {
    const std::string tick = operands.size() == 2 ? operands.front() : "";
    return WhyTick(operands.back(), tick, planted, arguments);
  }
  std::optional<EventId> wanted;
  if (operands.size() == 2) {
    const absl::StatusOr<EventId> event = ParseEvent(operands.front());
    if (!event.ok()) return RefuseInput("why", event.status());
    wanted = *event;
    operands.erase(operands.begin());
  }
  if (operands.size() != 1) {
    return RefuseUsage("why", "takes an event and a run: a scenario with --seed, or a trace file");
  }
  const absl::StatusOr<RunRecipe> recipe = RecipeFrom(operands.front(), arguments, planted);
  if (!recipe.ok()) return RefuseInput("why", recipe.status());
  const absl::StatusOr<WorldConfig> config = ConfigOf(*recipe);
  if (!config.ok()) return RefuseInput("why", config.status());
  return WalkBack(*config, wanted, arguments.depth);
}

}  // namespace quorate::sim
