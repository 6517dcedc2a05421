// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/written_faults.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/fault/parse_words.h"
#include "sim/fault/words.h"
#include "sim/tool/file.h"

namespace quorate::sim {
namespace {

// Without a node that is free once all is healed, a run would wait for ever.
absl::Status CheckLeavesCore(const Schedule& schedule) {
  std::vector<bool> lost(schedule.nodes);
  for (const Fault& fault : schedule.faults) {
    for (const uint32_t node : fault.nodes) lost[node] = lost[node] || fault.stays;
  }
  if (std::find(lost.begin(), lost.end(), false) != lost.end()) return absl::OkStatus();
  return InvalidArgument("there is no node that no fault stays with");
}

// After the healing a fault would fall into the sweep, which nothing may disturb.
absl::Status CheckBegins(const Schedule& schedule, Duration duration) {
  for (const Fault& fault : schedule.faults) {
    if (fault.from < SimTime{} + duration) continue;
    return InvalidArgument(Format("when this begins everything is healed, from %d ms on: %s",
                                  duration / 1ms, Words(fault, schedule.nodes)));
  }
  return absl::OkStatus();
}

}  // namespace

std::string ShellWord(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,";
  if (!text.empty() && text.find_first_not_of(kPlain) == std::string_view::npos) {
    return std::string(text);
  }
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

absl::Status ReadFaults(Arguments& arguments) {
  if (arguments.faults_file.empty()) return absl::OkStatus();
  QUORATE_ASSIGN_OR_RETURN(arguments.faults, ReadFile(arguments.faults_file));
  return absl::OkStatus();
}

absl::Status UseFaults(const Arguments& arguments, WorldConfig& config) {
  if (!arguments.faults) return absl::OkStatus();
  const absl::StatusOr<Schedule> schedule = ParseSchedule(*arguments.faults, config.nodes);
  absl::Status status = schedule.status();
  if (status.ok()) status = CheckLeavesCore(*schedule);
  if (status.ok()) status = CheckBegins(*schedule, config.duration);
  if (!status.ok()) {
    const bool typed = arguments.faults_file.empty();
    return InvalidArgument((typed ? "--fault" : arguments.faults_file) + ": " + MessageOf(status));
  }
  config.schedule = *schedule;
  return absl::OkStatus();
}

std::string FaultFlags(const Arguments& arguments) {
  if (!arguments.faults_file.empty()) return " --faults " + ShellWord(arguments.faults_file);
  std::string flags;
  std::string_view left = arguments.faults ? std::string_view(*arguments.faults) : "";
  while (!left.empty()) {
    const std::string_view line = left.substr(0, left.find('\n'));
    flags += " --fault " + ShellWord(line);
    left.remove_prefix(std::min(line.size() + 1, left.size()));
  }
  return flags;
}

}  // namespace quorate::sim
