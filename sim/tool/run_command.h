// SPDX-License-Identifier: Apache-2.0
// Runs one world with all oracles and says what came of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/core/memory_part.h"
#include "sim/oracle/suite.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/arguments.h"
#include "sim/world/failure.h"
#include "sim/world/world.h"

namespace quorate::sim {

struct Outcome {
  RunResult result;
  std::optional<Failure> failure;
  uint32_t nodes = 0;
  double wall_seconds = 0.0;
  CoreFigures core;
  Staleness staleness;
  Schedule schedule;  // that was executed
};

// What the oracles have to know of a world.
[[nodiscard]] OracleOptions OptionsFor(const WorldConfig& config);

// InvalidArgument where the configuration makes no world.
absl::StatusOr<Outcome> RunConfig(const WorldConfig& config, std::vector<WorldObserver*> watchers);

// The last line of a run.
[[nodiscard]] std::string SummaryLine(std::string_view scenario, uint64_t seed,
                                      const Outcome& outcome);
// What to type to see the run again.
[[nodiscard]] std::string ReplayLine(const Scenario& scenario, uint64_t seed,
                                     const Arguments& arguments);
// What was promised, what was seen, and how to see it again.
[[nodiscard]] std::string Explain(const Scenario& scenario, uint64_t seed,
                                  const Arguments& arguments, const Failure& failure);
// A line per fault kind, and what was done in all.
[[nodiscard]] std::string DescribeEffects(const Outcome& outcome);

// The whole command for one seed: runs, prints, writes the trace where one is asked for, and gives
// the exit code.
// `memory`: of the process, for --figures.
int RunAndPrint(const Scenario& scenario, uint64_t seed, const Arguments& arguments,
                MemoryMeter& memory);

}  // namespace quorate::sim
