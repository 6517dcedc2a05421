// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/swarm_report.h"

#include <algorithm>
#include <cstdio>

#include "engine/base/status.h"
#include "sim/world/failure.h"

namespace quorate::sim {
namespace {

// Of each kind of failure that many runs are named.
constexpr size_t kShownPerFailure = 3;
// That many faults of a kind without any effect are no accident.
constexpr uint64_t kFaultsThatMustShow = 20;
// Nor are so many runs without a stall though some of their keys have lost their quorum.
constexpr uint64_t kRunsThatMustStall = 10;
// Nor so many reads of one replica, which need not meet the last write, none of them behind it.
constexpr uint64_t kReadsThatMustLag = 10'000;

std::string Fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

double PerCoreHour(uint64_t runs, double seconds, uint32_t jobs) {
  return static_cast<double>(runs) * 3600.0 / (std::max(seconds, 1e-3) * jobs);
}

bool Earlier(const SeedRun& a, const SeedRun& b) {
  return a.seed != b.seed ? a.seed < b.seed : a.scenario < b.scenario;
}

}  // namespace

void SwarmReport::Add(const SeedRun& run, const SeedFigures& figures) {
  events_ += figures.events;
  operations_ += figures.operations;
  simulated_us_ += figures.simulated_us;
  runs_losing_lists_ += figures.loses_lists ? 1U : 0U;
  runs_with_stalls_ += figures.core.inevitable > 0 ? 1U : 0U;
  OfScenario& scenario = scenarios_[run.scenario];
  ++scenario.told;
  scenario.events += figures.events;
  scenario.simulated_us += figures.simulated_us;
  scenario.seconds += figures.seconds;
  core_.served += figures.core.served;
  core_.inevitable += figures.core.inevitable;
  staleness_.Add(figures.staleness);
  NoteFirst(run, figures.marks);
  marks_.Add(figures.marks);
  for (size_t i = 0; i < kMarks; ++i) {
    runs_of_mark_[i] += figures.marks.times(static_cast<Mark>(i)) > 0 ? 1U : 0U;
  }
  for (size_t i = 0; i < kFaultKinds; ++i) {
    OfKind& kind = kinds_[i];
    kind.faults += figures.scheduled[i];
    kind.effects += figures.effects[i];
    kind.runs += figures.scheduled[i] > 0 ? 1U : 0U;
    kind.effective += figures.effects[i] > 0 ? 1U : 0U;
  }
  if (run.code == 0) {
    ++runs_;
    ++scenario.runs;
  } else {
    AddDeath(run);
  }
}

void SwarmReport::AddDeath(const SeedRun& run) {
  ++runs_;
  ++failed_;
  ++scenarios_[run.scenario].runs;
  ++scenarios_[run.scenario].failed;
  OfFailure& failure = failures_[run.failure];
  if (++failure.times == 1) failure.first_met = runs_;
  // They end in whatever order: the first by seed are kept.
  std::vector<SeedRun>& first = failure.runs;
  first.insert(std::upper_bound(first.begin(), first.end(), run, Earlier), run);
  if (first.size() > kShownPerFailure) first.pop_back();
}

// Runs end in whatever order.
void SwarmReport::NoteFirst(const SeedRun& run, const Marks& marks) {
  const Run place{run.seed, run.scenario};
  for (size_t i = 0; i < kMarks; ++i) {
    if (marks.times(static_cast<Mark>(i)) == 0) continue;
    if (runs_of_mark_[i] == 0 || place < first_of_mark_[i]) first_of_mark_[i] = place;
  }
  for (size_t i = 0; i < kWatermarks; ++i) {
    const auto watermark = static_cast<Watermark>(i);
    const uint64_t before = marks_.highest(watermark);
    const uint64_t now = marks.highest(watermark);
    if (now > before || (now == before && place < first_highest_[i]) ||
        first_highest_[i].scenario.empty()) {
      first_highest_[i] = place;
    }
  }
}

int SwarmReport::FailureCode() const {
  const SeedRun* first = nullptr;
  for (const auto& [name, failure] : failures_) {
    const SeedRun& run = failure.runs.front();
    if (first == nullptr || Earlier(run, *first)) first = &run;
  }
  return first == nullptr ? 0 : first->code;
}

bool SwarmReport::MissedMark() const {
  return all_marks_ && std::any_of(runs_of_mark_.begin(), runs_of_mark_.end(),
                                   [](uint64_t runs) { return runs == 0; });
}

bool SwarmReport::NeverStalled() const {
  return runs_losing_lists_ >= kRunsThatMustStall && core_.inevitable == 0;
}

bool SwarmReport::NeverBehind() const {
  const Staleness::OfLevel& one = staleness_.Of(topology::Consistency::kOne);
  return one.reads >= kReadsThatMustLag && one.behind == 0;
}

int SwarmReport::code() const {
  if (failed_ > 0) return FailureCode();
  const bool idle = std::any_of(kinds_.begin(), kinds_.end(), [](const OfKind& kind) {
    return kind.effects == 0 && kind.faults >= kFaultsThatMustShow;
  });
  return idle || NeverStalled() || NeverBehind() || MissedMark()
             ? ExitCodeOf(FailureKind::kNoEffect)
             : 0;
}

int SwarmReport::marks_code() const {
  if (failed_ > 0) return FailureCode();
  return MissedMark() ? ExitCodeOf(FailureKind::kNoEffect) : 0;
}

std::string SwarmReport::Progress(double seconds, uint32_t jobs) const {
  return Format("%u seeds in %s s, %s seeds per core-hour, %u failed", runs_, Fixed(seconds, 1),
                Fixed(PerCoreHour(runs_, seconds, jobs), 0), failed_);
}

std::string SwarmReport::DescribeFailures() const {
  std::string text;
  for (const auto& [name, failure] : failures_) {
    text += Format("failed:   %u times %s\n", failure.times, name);
    for (const SeedRun& run : failure.runs) {
      text += Format("          %s seed %u, exit code %d: %s\n", run.scenario, run.seed, run.code,
                     run.replay);
    }
  }
  return text;
}

std::string SwarmReport::DescribeEffects() const {
  std::string text;
  std::string idle;
  std::string absent;
  for (size_t i = 0; i < kFaultKinds; ++i) {
    const OfKind& kind = kinds_[i];
    const std::string name(NameOf(static_cast<FaultKind>(i)));
    if (kind.faults == 0) {
      absent += " " + name;
      continue;
    }
    if (kind.effects == 0) idle += " " + name;
    text +=
        Format("effects:  %-18s %8u effects of %7u faults, in %u of the %u runs that had some\n",
               name, kind.effects, kind.faults, kind.effective, kind.runs);
  }
  if (!idle.empty()) text += "ZERO:     these faults never changed anything:" + idle + "\n";
  if (!absent.empty()) text += "ABSENT:   no run had faults of these kinds:" + absent + "\n";
  return text;
}

std::string SwarmReport::DescribeStalls() const {
  std::string text = Format(
      "stalls:   of cores %u operations found a quorum; %u had none left and were told, in %u "
      "of the %u runs that lost one\n",
      core_.served, core_.inevitable, runs_with_stalls_, runs_losing_lists_);
  if (NeverStalled()) text += "ZERO:     no stall was inevitable\n";
  return text;
}

std::string SwarmReport::DescribeStaleness() const {
  std::string text = staleness_.Describe();
  if (NeverBehind()) text += "ZERO:     no read at ONE was behind\n";
  return text;
}

std::string SwarmReport::DescribeMarks() const {
  std::string text;
  std::string never;
  for (size_t i = 0; i < kMarks; ++i) {
    const auto mark = static_cast<Mark>(i);
    if (marks_.times(mark) == 0) {
      never += Format(" %s", NameOf(mark));
      continue;
    }
    text += Format("mark:     %-26s %10u times, in %u runs\n", NameOf(mark), marks_.times(mark),
                   runs_of_mark_[i]);
  }
  for (size_t i = 0; i < kWatermarks; ++i) {
    const auto watermark = static_cast<Watermark>(i);
    text += Format("highest:  %-26s %10u\n", NameOf(watermark), marks_.highest(watermark));
  }
  if (!never.empty()) text += "NEVER:    no run came to these marks:" + never + "\n";
  return text;
}

std::string SwarmReport::MarkTable(double seconds, uint32_t jobs) const {
  std::string text = Format("%-26s %8s %12s  %s\n", "mark", "runs", "times", "first");
  for (size_t i = 0; i < kMarks; ++i) {
    const auto mark = static_cast<Mark>(i);
    const Run& first = first_of_mark_[i];
    text += Format(
        "%-26s %8u %12u  %s\n", NameOf(mark), runs_of_mark_[i], marks_.times(mark),
        runs_of_mark_[i] == 0 ? std::string("NEVER") : Format("%s:%u", first.scenario, first.seed));
  }
  text += Format("%-26s %8s %12s  %s\n", "watermark", "", "highest", "first");
  for (size_t i = 0; i < kWatermarks; ++i) {
    const auto watermark = static_cast<Watermark>(i);
    const Run& first = first_highest_[i];
    const uint64_t highest = marks_.highest(watermark);
    text +=
        Format("%-26s %8s %12u  %s\n", NameOf(watermark), "", highest,
               highest == 0 ? std::string("NEVER") : Format("%s:%u", first.scenario, first.seed));
  }
  return text + DescribeFailures() + Format("marks of %s\n", Progress(seconds, jobs));
}

std::string SwarmReport::Describe(double seconds, uint32_t jobs) const {
  return DescribeEffects() + DescribeStalls() + DescribeStaleness() + DescribeMarks() +
         DescribeFailures() +
         Format("swarm %s, %u events, %u operations, %u simulated seconds\n",
                Progress(seconds, jobs), events_, operations_, simulated_us_ / 1'000'000);
}

}  // namespace quorate::sim
