// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/diff_command.h"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "sim/tool/exit_codes.h"
#include "sim/tool/input.h"
#include "sim/tool/kept_trace.h"
#include "sim/tool/recipe.h"
#include "sim/tool/recording_command.h"
#include "sim/tool/recording_input.h"
#include "sim/tool/run_command.h"
#include "sim/trace/chronicle.h"
#include "sim/trace/ladder.h"

namespace quorate::sim {
namespace {

// Events that are shown before the first difference, and after it.
constexpr uint64_t kContext = 5;

// The ladder of a run, and nothing else of it.
class Climber final : public WorldObserver {
 public:
  void Happened(const WorldEvent& event) override { AddEvent(hash_, event); }
  [[nodiscard]] Ladder ladder() const { return LadderOf(hash_); }

 private:
  RunHash hash_;
};

absl::StatusOr<Ladder> Climb(const WorldConfig& config) {
  Climber climber;
  QUORATE_RETURN_IF_ERROR(RunConfig(config, {&climber}).status());
  return climber.ladder();
}

bool SameEvent(const WorldEvent& a, const WorldEvent& b) {
  return a.id == b.id && a.cause == b.cause && a.time == b.time && a.kind == b.kind &&
         a.node == b.node && a.shard == b.shard && a.peer == b.peer && a.argument == b.argument;
}

using Entries = std::map<EventId, Chronicle::Entry>;

// The events of the stretch in which the runs part.
absl::StatusOr<Entries> StretchOf(const WorldConfig& config, const LadderComparison& where) {
  const uint64_t from = where.equal_until > kContext ? where.equal_until - kContext : 0;
  const uint64_t until = where.differ_by + kContext;
  Chronicle chronicle(
      [from, until](EventId event) { return event.value > from && event.value <= until; },
      EventId{until});
  QUORATE_RETURN_IF_ERROR(RunConfig(config, {&chronicle}).status());
  return chronicle.entries();
}

// The first event of the stretch that is not in both alike.
EventId FirstDifference(const Entries& a, const Entries& b) {
  auto left = a.begin();
  auto right = b.begin();
  EventId last;
  for (; left != a.end() && right != b.end(); ++left, ++right) {
    if (!SameEvent(left->second.event, right->second.event)) return left->first;
    last = left->first;
  }
  return EventId{last.value + 1};
}

void Print(std::string_view prefix, const Entries& entries, uint64_t from, uint64_t until) {
  for (uint64_t event = from; event < until; ++event) {
    const auto found = entries.find(EventId{event});
    if (found == entries.end()) continue;
    const std::string text = Chronicle::Describe(found->second);
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find('\n', at);
      std::printf("%s%s\n", std::string(prefix).c_str(), text.substr(at, end - at).c_str());
      at = end + 1;
    }
  }
}

int Compare(const WorldConfig& a, const WorldConfig& b) {
  const absl::StatusOr<Ladder> ladder_a = Climb(a);
  const absl::StatusOr<Ladder> ladder_b = Climb(b);
  if (!ladder_a.ok()) return RefuseInput("diff", ladder_a.status());
  if (!ladder_b.ok()) return RefuseInput("diff", ladder_b.status());
  const LadderComparison where = CompareLadders(*ladder_a, *ladder_b);
  if (where.equal) {
    std::printf("equal: %llu events\n", static_cast<unsigned long long>(ladder_a->events));
    return kExitOk;
  }
  const absl::StatusOr<Entries> of_a = StretchOf(a, where);
  const absl::StatusOr<Entries> of_b = StretchOf(b, where);
  if (!of_a.ok()) return RefuseInput("diff", of_a.status());
  if (!of_b.ok()) return RefuseInput("diff", of_b.status());
  const uint64_t first = FirstDifference(*of_a, *of_b).value;
  std::printf("equal up to event %llu of %llu and %llu\n",
              static_cast<unsigned long long>(first - 1),
              static_cast<unsigned long long>(ladder_a->events),
              static_cast<unsigned long long>(ladder_b->events));
  Print("  ", *of_a, first > kContext ? first - kContext : 1, first);
  Print("A ", *of_a, first, first + kContext);
  Print("B ", *of_b, first, first + kContext);
  return kExitDiffers;
}

}  // namespace

int DiffCommand(const Arguments& arguments, bool planted) {
  if (arguments.operands.size() != 2) {
    return RefuseUsage("diff", "takes two runs: each SCENARIO:SEED or a trace file");
  }
  const std::string& a = arguments.operands.front();
  const std::string& b = arguments.operands.back();
  if (IsRecordingFile(a) && IsRecordingFile(b)) return DiffRecordings(a, b, arguments);
  std::vector<WorldConfig> configs;
  for (const std::string& operand : arguments.operands) {
    Arguments one = arguments;
    if (configs.empty()) one.bug = kNoBug;
    const absl::StatusOr<RunRecipe> recipe = RecipeFrom(operand, one, planted);
    if (!recipe.ok()) return RefuseInput("diff", recipe.status());
    const absl::StatusOr<WorldConfig> config = ConfigOf(*recipe);
    if (!config.ok()) return RefuseInput("diff", config.status());
    configs.push_back(*config);
  }
  return Compare(configs.front(), configs.back());
}

}  // namespace quorate::sim
