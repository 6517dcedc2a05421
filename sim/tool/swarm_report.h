// SPDX-License-Identifier: Apache-2.0
// What an ensemble of runs shows together: how many failed and how to see them again, how fast they
// ran, and what faults of each kind did. A kind of fault that never changed anything is an injector
// that does not work, or a place where it cannot: it is pointed out. So is a mark of the engine
// that no run came to.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/mark.h"
#include "sim/fault/fault_kind.h"
#include "sim/oracle/no_quorum.h"
#include "sim/oracle/staleness.h"

namespace quorate::sim {

// Of one run, as its process tells it.
struct SeedFigures {
  uint64_t events = 0;
  uint64_t operations = 0;
  uint64_t simulated_us = 0;
  double seconds = 0.0;      // of real time
  FaultEffects scheduled{};  // faults of each kind
  FaultEffects effects{};
  Marks marks;
  bool loses_lists = false;  // more than a minority of some key's replicas stays away
  CoreFigures core;
  Staleness staleness;
  friend bool operator==(const SeedFigures&, const SeedFigures&) = default;
};

struct SeedRun {
  std::string scenario;
  uint64_t seed = 0;
  int code = 0;         // exit code of the failure; 0: the run held
  std::string failure;  // in a line
  std::string replay;   // how to see it again
};

class SwarmReport {
 public:
  struct OfKind {
    uint64_t runs = 0;       // that had such faults
    uint64_t effective = 0;  // of those, in which they changed something
    uint64_t faults = 0;
    uint64_t effects = 0;
  };
  struct OfScenario {
    uint64_t runs = 0;
    uint64_t failed = 0;
    uint64_t told = 0;  // of the runs, those that lived to tell the figures below
    uint64_t events = 0;
    uint64_t simulated_us = 0;
    double seconds = 0.0;
  };
  struct OfFailure {
    uint64_t times = 0;
    uint64_t first_met = 0;     // by so many runs
    std::vector<SeedRun> runs;  // the first by seed
  };

  // `all_marks`: one that no run comes to is a failure of all.
  explicit SwarmReport(bool all_marks = false) : all_marks_(all_marks) {}

  void Add(const SeedRun& run, const SeedFigures& figures);
  // A process that died told nothing but that.
  void AddDeath(const SeedRun& run);

  [[nodiscard]] uint64_t runs() const { return runs_; }
  [[nodiscard]] uint64_t failed() const { return failed_; }
  [[nodiscard]] uint64_t events() const { return events_; }
  [[nodiscard]] uint64_t operations() const { return operations_; }
  [[nodiscard]] uint64_t simulated_us() const { return simulated_us_; }
  [[nodiscard]] const std::array<OfKind, kFaultKinds>& kinds() const { return kinds_; }
  [[nodiscard]] const std::map<std::string, OfScenario>& scenarios() const { return scenarios_; }
  // By what failed.
  [[nodiscard]] const std::map<std::string, OfFailure>& failures() const { return failures_; }
  [[nodiscard]] const Marks& marks() const { return marks_; }
  // Of each mark, how many runs came to it.
  [[nodiscard]] const std::array<uint64_t, kMarks>& runs_of_marks() const { return runs_of_mark_; }
  // Of the first failure, by seed; else kNoEffect's where faults of a kind that were there often
  // enough never did anything, where runs enough were to have stalls that are inevitable and none
  // had, where of reads enough at ONE none was behind, or where all marks are asked for and one was
  // not met; else 0.
  [[nodiscard]] int code() const;
  // The whole report. `seconds` of real time on that many cores.
  [[nodiscard]] std::string Describe(double seconds, uint32_t jobs) const;
  // What runs came to alone: of each mark in how many, and the first that did; of each quantity the
  // highest, and the first run that had it. And what failed.
  [[nodiscard]] std::string MarkTable(double seconds, uint32_t jobs) const;
  // As code(), but that faults may have done nothing.
  [[nodiscard]] int marks_code() const;
  // One line while it goes on.
  [[nodiscard]] std::string Progress(double seconds, uint32_t jobs) const;

 private:
  // A run, to be found again.
  struct Run {
    uint64_t seed = 0;
    std::string scenario;
    friend auto operator<=>(const Run&, const Run&) = default;
  };
  void NoteFirst(const SeedRun& run, const Marks& marks);
  [[nodiscard]] int FailureCode() const;
  [[nodiscard]] bool MissedMark() const;
  [[nodiscard]] bool NeverStalled() const;
  [[nodiscard]] bool NeverBehind() const;
  [[nodiscard]] std::string DescribeStalls() const;
  [[nodiscard]] std::string DescribeStaleness() const;
  [[nodiscard]] std::string DescribeFailures() const;
  [[nodiscard]] std::string DescribeEffects() const;
  [[nodiscard]] std::string DescribeMarks() const;

  const bool all_marks_;
  uint64_t runs_ = 0;
  uint64_t failed_ = 0;
  uint64_t events_ = 0;
  uint64_t operations_ = 0;
  uint64_t simulated_us_ = 0;
  std::array<OfKind, kFaultKinds> kinds_{};
  uint64_t runs_losing_lists_ = 0;
  uint64_t runs_with_stalls_ = 0;
  CoreFigures core_;
  Staleness staleness_;
  Marks marks_;
  std::array<uint64_t, kMarks> runs_of_mark_{};  // that came to it
  std::array<Run, kMarks> first_of_mark_{};
  std::array<Run, kWatermarks> first_highest_{};
  std::map<std::string, OfScenario> scenarios_;
  std::map<std::string, OfFailure> failures_;
};

}  // namespace quorate::sim
