// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/odds_command.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/page/subject.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/first_of.h"
#include "sim/tool/input.h"
#include "sim/tool/observed.h"
#include "sim/tool/recipe.h"
#include "sim/tool/run_command.h"
#include "sim/tool/shrink_command.h"
#include "sim/tool/steady_seconds.h"

namespace quorate::sim {
namespace {

constexpr size_t kRunsATime = 20;
constexpr uint64_t kTimes = 12;    // of an interval, beside its ends
constexpr int kLooks = 3;          // each into the interval of the steepest rise
constexpr size_t kBarLength = 20;  // of certainty
constexpr size_t kCertain = 90;    // percent; where it begins with that, delays decide nothing
constexpr uint64_t kSeedPurpose = 0x6f646473;

// Of so many runs.
struct Odds {
  size_t failed = 0;
  size_t runs = 0;
  [[nodiscard]] size_t percent() const { return runs == 0 ? 0 : 100 * failed / runs; }
};
using Curve = std::map<SimTime, Odds>;

// The first event at or after each of two times.
class EventsBetween final : public WorldObserver {
 public:
  EventsBetween(SimTime from, SimTime until) : from_(from), until_(until) {}
  void Happened(const WorldEvent& event) override {
    if (event.time >= from_ && !first) first = event.id;
    if (event.time <= until_) last = event.id;
  }
  std::optional<EventId> first;
  EventId last;

 private:
  const SimTime from_;
  const SimTime until_;
};

std::string Seconds(SimTime time) {
  return Format("%u.%06u s", time.us / 1'000'000, time.us % 1'000'000);
}

class OddsOf {
 public:
  OddsOf(const WorldConfig& config, const Failure& failure, const Arguments& arguments)
      : config_(config),
        failure_(failure),
        jobs_(arguments.jobs),
        until_(SteadySeconds() + ShrinkSeconds(arguments)) {}

  // Adds times between `from` and `until`, and the ends where they are not there.
  absl::Status Look(SimTime from, SimTime until) {
    std::vector<SimTime> times;
    for (uint64_t i = 0; i <= kTimes + 1; ++i) {
      const SimTime time{from.us + (until.us - from.us) * i / (kTimes + 1)};
      if (curve_.emplace(time, Odds{}).second) times.push_back(time);
    }
    const auto work = [&](size_t number) {
      return FailsAgain(times[number / kRunsATime], number % kRunsATime) ? Bytes("f") : Bytes("h");
    };
    const auto count = [&](const Children::Ended& ended) {
      Odds& odds = curve_[times[ended.tag / kRunsATime]];
      ++odds.runs;
      const bool died = !ended.finished;
      if (died ? failure_.kind == FailureKind::kAborted : ended.answer == "f") ++odds.failed;
      return false;
    };
    const double left = std::max(0.0, until_ - SteadySeconds());
    absl::Status status = FirstOf(times.size() * kRunsATime, jobs_, left, work, count).status();
    std::erase_if(curve_, [](const auto& at) { return at.second.runs < kRunsATime; });
    return status;
  }
  [[nodiscard]] bool has_time() const { return SteadySeconds() < until_; }

  // The interval in which the odds rise most.
  [[nodiscard]] std::pair<SimTime, SimTime> Steepest() const {
    std::pair<SimTime, SimTime> steepest;
    int64_t most = std::numeric_limits<int64_t>::min();
    for (auto before = curve_.begin(), at = std::next(before); at != curve_.end(); before = at++) {
      const int64_t rise = static_cast<int64_t>(at->second.percent()) -
                           static_cast<int64_t>(before->second.percent());
      if (rise <= most) continue;
      most = rise;
      steepest = {before->first, at->first};
    }
    return steepest;
  }

  [[nodiscard]] const Curve& curve() const { return curve_; }

 private:
  // Of the same key too: where failures are frequent there is always another one.
  [[nodiscard]] bool IsSame(const Failure& other) const {
    return other.kind == failure_.kind && other.oracle == failure_.oracle &&
           SubjectOf(other).key == SubjectOf(failure_).key;
  }
  [[nodiscard]] bool FailsAgain(SimTime time, size_t number) const {
    WorldConfig config = config_;
    const DrawEpoch epoch{time, KeyedHash(config.seed, kSeedPurpose, number), EpochScope::kDelays};
    const auto behind =
        std::upper_bound(config.epochs.begin(), config.epochs.end(), epoch,
                         [](const DrawEpoch& a, const DrawEpoch& b) { return a.from < b.from; });
    config.epochs.insert(behind, epoch);
    const absl::StatusOr<Outcome> outcome = RunConfig(config, {});
    if (!outcome.ok()) return false;
    const std::optional<Failure>& failure = outcome->failure;
    return failure && IsSame(*failure);
  }

  const WorldConfig& config_;
  const Failure& failure_;
  const uint32_t jobs_;
  const double until_;  // nothing is run any more
  Curve curve_;
};

void Print(const Curve& curve) {
  for (const auto& [time, odds] : curve) {
    const std::string bar(odds.percent() * kBarLength / 100, '#');
    std::printf("%14s %3zu %% %s\n", Seconds(time).c_str(), odds.percent(), bar.c_str());
  }
}

// `end`: the time of the failure.
int TellOdds(const WorldConfig& config, const Failure& failure, SimTime end,
             const Arguments& arguments) {
  std::printf("failure:   %s, found by the oracle '%s' at %s\n",
              std::string(NameOf(failure.kind)).c_str(), failure.oracle.c_str(),
              Seconds(end).c_str());
  std::printf("odds:      of %zu runs each, with delays drawn anew from that time on\n",
              kRunsATime);
  OddsOf odds(config, failure, arguments);
  std::pair<SimTime, SimTime> interval{SimTime{}, end};
  for (int look = 0; look < kLooks && interval.first < interval.second; ++look) {
    const absl::Status looked = odds.Look(interval.first, interval.second);
    if (!looked.ok()) return RefuseInput("odds", looked);
    if (odds.curve().size() < 2) {
      return RefuseInput("odds",
                         absl::UnavailableError("the time is up before two times are known; "
                                                "--for-time gives it more"));
    }
    interval = odds.Steepest();
    if (!odds.has_time()) break;
  }
  Print(odds.curve());
  if (odds.curve().begin()->second.percent() >= kCertain) {
    std::printf("decided:   by faults and operations, whatever messages take\n");
    return kExitOk;
  }
  EventsBetween between(interval.first, interval.second);
  if (!RunConfig(config, {&between}).ok() || !between.first) return kExitOk;
  std::printf("decided:   between %s and %s, from %zu %% to %zu %%, events %llu to %llu\n",
              Seconds(interval.first).c_str(), Seconds(interval.second).c_str(),
              odds.curve().at(interval.first).percent(), odds.curve().at(interval.second).percent(),
              static_cast<unsigned long long>(between.first->value),
              static_cast<unsigned long long>(between.last.value));
  std::printf("look:      quorate-sim%s gdb %llu %s\n",
              config.planted == PlantedBug::kNone ? "" : "-planted",
              static_cast<unsigned long long>(between.first->value), WordsOf(arguments).c_str());
  return kExitOk;
}

}  // namespace

int OddsCommand(const Arguments& arguments, bool planted) {
  const absl::StatusOr<RunRecipe> recipe = RecipeFrom(arguments, planted);
  if (!recipe.ok()) return RefuseInput("odds", recipe.status());
  const absl::StatusOr<WorldConfig> config = ConfigOf(*recipe);
  if (!config.ok()) return RefuseInput("odds", config.status());
  const absl::StatusOr<Observed> observed = ObserveApart(*recipe);
  if (!observed.ok()) return RefuseInput("odds", observed.status());
  const std::optional<Failure>& failure = observed->trace.failure;
  if (!failure) {
    std::printf("the run holds: there is nothing to weigh\n");
    return kExitHolds;
  }
  return TellOdds(*config, *failure, observed->time, arguments);
}

}  // namespace quorate::sim
