// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/verdicts.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>

#include "sim/tool/first_of.h"
#include "sim/tool/recipe.h"
#include "sim/tool/run_command.h"
#include "sim/tool/steady_seconds.h"

namespace quorate::sim {
namespace {

// Of a line, where no name is longer.
constexpr size_t kNameWidth = 11;

}  // namespace

RunRecipe WithFaults(RunRecipe recipe, std::vector<Fault> faults) {
  recipe.schedule = EncodeSchedule({recipe.nodes, std::move(faults)});
  return recipe;
}

Verdict RunWithFaults(const RunRecipe& recipe, const std::vector<Fault>& faults,
                      WorldObserver* watcher) {
  const absl::StatusOr<WorldConfig> config = ConfigOf(WithFaults(recipe, faults));
  if (!config.ok()) return Verdict::kFailed;
  std::vector<WorldObserver*> watchers;
  if (watcher != nullptr) watchers.push_back(watcher);
  const absl::StatusOr<Outcome> outcome = RunConfig(*config, watchers);
  if (!outcome.ok() || outcome->failure) return Verdict::kFailed;
  std::array<uint64_t, kFaultKinds> wanted{};
  for (const Fault& fault : faults) ++wanted[static_cast<size_t>(fault.kind)];
  for (size_t kind = 0; kind < kFaultKinds; ++kind) {
    if (outcome->result.effects[kind] < wanted[kind]) return Verdict::kIdle;
  }
  return Verdict::kHeld;
}

Verdict VerdictOf(const Children::Ended& ended) {
  if (!ended.finished || ended.answer.empty()) return Verdict::kFailed;
  const Verdict verdict{ended.answer.front()};
  return verdict == Verdict::kHeld || verdict == Verdict::kIdle ? verdict : Verdict::kFailed;
}

absl::StatusOr<std::optional<size_t>> Verdicts::Judge(
    size_t count, const std::function<Verdict(size_t)>& judge,
    const std::function<std::string(size_t)>& name) {
  std::map<uint64_t, Verdict> verdicts;
  const auto work = [&](size_t i) { return Bytes(1, static_cast<char>(judge(i))); };
  const auto fails = [&](const Children::Ended& ended) {
    verdicts[ended.tag] = VerdictOf(ended);
    return verdicts[ended.tag] == Verdict::kFailed;
  };
  QUORATE_ASSIGN_OR_RETURN(const Search search, FirstOf(count, jobs_, seconds_left(), work, fails));
  std::optional<size_t> found;
  if (search.found) found = search.found->tag;
  // Others ran beside the one that was found: what is said does not depend on how many.
  for (const auto& [tag, verdict] : verdicts) {
    if (!found || tag <= *found) Count(name(tag), verdict);
  }
  return found;
}

void Verdicts::Count(const std::string& name, Verdict verdict) {
  ++judged_;
  auto tally = std::find_if(tallies_.begin(), tallies_.end(),
                            [&name](const Tally& known) { return known.name == name; });
  if (tally == tallies_.end()) tally = tallies_.insert(tally, Tally{name});
  tally->held += verdict == Verdict::kHeld ? 1 : 0;
  tally->idle += verdict == Verdict::kIdle ? 1 : 0;
}

void Verdicts::Print() const {
  size_t width = kNameWidth;
  for (const Tally& tally : tallies_) width = std::max(width, tally.name.size() + 2);
  for (const Tally& tally : tallies_) {
    std::printf("%-*s%zu held", static_cast<int>(width), (tally.name + ":").c_str(), tally.held);
    if (tally.idle > 0) std::printf(", %zu met nothing", tally.idle);
    std::printf("\n");
  }
}

size_t Verdicts::held() const {
  size_t held = 0;
  for (const Tally& tally : tallies_) held += tally.held;
  return held;
}

double Verdicts::seconds_left() const { return std::max(0.0, until_ - SteadySeconds()); }

}  // namespace quorate::sim
