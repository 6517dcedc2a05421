// SPDX-License-Identifier: Apache-2.0
// The command line: a command, its operands, and long flags.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/time.h"
#include "sim/check/limits.h"
#include "sim/core/draw_epochs.h"

namespace quorate::sim {

// First to last, both included.
struct SeedRange {
  uint64_t first = 0;
  uint64_t last = 0;
};

struct Arguments {
  std::string command;
  std::vector<std::string> operands;
  SeedRange seeds;
  bool many = false;  // --seeds was used
  uint32_t jobs = 1;
  std::optional<uint32_t> nodes;
  std::optional<Duration> duration;
  std::string trace;   // where to write the run as a replay
  std::string record;  // where to write what the shards were given
  std::string keep;    // where to write it as a regression
  std::string why;     // what it is kept for
  std::string bug = "none";
  std::optional<std::string> faults;  // in words, in place of drawn ones
  std::string faults_file;            // where they are, if they are not the values of --fault
  std::string watch;                  // a key whose operations are printed
  bool help = false;                  // of the command, in place of what it does
  bool log = false;
  bool effects = false;
  bool figures = false;                // what the run cost
  std::optional<Duration> time_limit;  // of real time
  uint32_t depth = 40;                 // why: causes that are shown
  bool all_marks = false;              // swarm: one that no run comes to is a failure
  bool any_build = false;              // recordings: of another build, too
  bool shrink = false;                 // bugs: make each small
  uint32_t ranges = 3;                 // bugs: of seeds, to find each in
  std::string page;                    // swarm, bugs: where to draw it while it goes on
  uint32_t children = 2;               // explore: continuations of each new state
  uint64_t pairs = 0;                  // exhaust: runs with two faults
  std::vector<DrawEpoch> epochs;       // of a run from a seed
  // Of render.
  std::string out;
  std::string key;
  std::optional<Duration> from;  // of the simulated time
  std::optional<Duration> until;
  std::vector<uint32_t> lanes;  // rising
  std::string format;           // empty: a page; of check-history: by the first line of the file
  // Of bisect: commits, and the command that builds.
  std::string good;
  std::string bad;
  std::string build;
  // Of check-history.
  std::string model;
  uint64_t budget = check::kSearchStepsDefault;
};

// InvalidArgument with one line that says what is wrong.
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string_view>& words);

// "90s", "10m", "1h", "250ms"; a number alone is seconds.
absl::StatusOr<Duration> ParseDuration(std::string_view text);
// "7..12", or one number.
absl::StatusOr<SeedRange> ParseSeeds(std::string_view text);

}  // namespace quorate::sim
