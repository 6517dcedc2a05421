// SPDX-License-Identifier: Apache-2.0
// quorate-sim: runs scenarios of the simulator from seeds, and replays what they recorded.
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <vector>

#include "sim/tool/arguments.h"
#include "sim/tool/bisect_command.h"
#include "sim/tool/bugs_command.h"
#include "sim/tool/check_command.h"
#include "sim/tool/diff_command.h"
#include "sim/tool/edges_command.h"
#include "sim/tool/exhaust_command.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/explore_command.h"
#include "sim/tool/faults_command.h"
#include "sim/tool/gdb_command.h"
#include "sim/tool/help_entry.h"
#include "sim/tool/input.h"
#include "sim/tool/odds_command.h"
#include "sim/tool/program/edges.h"
#include "sim/tool/program/help.h"
#include "sim/tool/program/memory.h"
#include "sim/tool/recording_command.h"
#include "sim/tool/recording_input.h"
#include "sim/tool/render_command.h"
#include "sim/tool/replay_command.h"
#include "sim/tool/run_command.h"
#include "sim/tool/seed_loop.h"
#include "sim/tool/shrink_command.h"
#include "sim/tool/swarm_command.h"
#include "sim/tool/why_command.h"
#include "sim/tool/written_faults.h"

namespace {

using quorate::sim::Arguments;

#ifdef QUORATE_PLANTED_BUGS
constexpr bool kHasPlantedBugs = true;
#else
constexpr bool kHasPlantedBugs = false;
#endif

constexpr std::string_view kCheckHistory = "check-history";

int List(const Arguments& /*arguments*/) {
  for (const quorate::sim::Scenario& scenario : quorate::sim::AllScenarios()) {
    std::printf("%-10s %s\n", std::string(scenario.name).c_str(),
                std::string(scenario.summary).c_str());
  }
  return quorate::sim::kExitOk;
}

int Usage(std::string_view what) {
  std::fprintf(stderr, "quorate-sim: %.*s\n", static_cast<int>(what.size()), what.data());
  return quorate::sim::kExitUsage;
}

int Run(const Arguments& arguments) {
  if (arguments.operands.size() != 1) return Usage("run takes one scenario; see 'list'");
  const quorate::sim::Scenario* scenario = quorate::sim::FindScenario(arguments.operands.front());
  if (scenario == nullptr) {
    return quorate::sim::RefuseScenario("run", arguments.operands.front());
  }
  if (arguments.bug != "none" && !kHasPlantedBugs) {
    return Usage("this build has no planted bugs; use quorate-sim-planted");
  }
  if (arguments.many)
    return quorate::sim::RunSeeds(*scenario, arguments, quorate::sim::ProgramMemory());
  return quorate::sim::RunAndPrint(*scenario, arguments.seeds.first, arguments,
                                   quorate::sim::ProgramMemory());
}

int Again(const Arguments& arguments) {
  if (arguments.operands.size() != 1) return Usage(arguments.command + " takes one file");
  const std::string& path = arguments.operands.front();
  if (arguments.command == "replay" && quorate::sim::IsRecordingFile(path)) {
    return quorate::sim::ReplayRecordingFile(path, kHasPlantedBugs, arguments);
  }
  return arguments.command == "replay"
             ? quorate::sim::ReplayFile(path, kHasPlantedBugs, arguments.bug)
             : quorate::sim::RetraceFile(path, kHasPlantedBugs);
}

int Edges(const Arguments& arguments) {
  return quorate::sim::EdgesCommand(arguments, kHasPlantedBugs, quorate::sim::ProgramEdges());
}

int UnknownCommand(std::string_view command) {
  return Usage("unknown command '" + std::string(command) + "'; try 'quorate-sim help'");
}

int HelpOn(std::string_view command) {
  const std::string_view entry = quorate::sim::HelpEntry(quorate::sim::kHelp, command);
  if (entry.empty()) return UnknownCommand(command);
  std::fwrite(entry.data(), 1, entry.size(), stdout);
  return quorate::sim::kExitOk;
}

int Help(const Arguments& arguments) {
  if (!arguments.operands.empty()) return HelpOn(arguments.operands.front());
  std::fputs(quorate::sim::kHelp, stdout);
  return quorate::sim::kExitOk;
}

template <int (*Tool)(const Arguments&, bool)>
int With(const Arguments& arguments) {
  return Tool(arguments, kHasPlantedBugs);
}

struct Command {
  std::string_view name;
  int (*run)(const Arguments& arguments);
  // In words. Others make faults of their own, or judge what a file holds.
  bool takes_faults = false;
  bool takes_epochs = false;
};

constexpr Command kCommands[] = {
    {"run", Run, true, true},
    {"replay", Again},
    {"retrace", Again},
    {"swarm", With<quorate::sim::SwarmCommand>},
    {"marks", With<quorate::sim::SwarmCommand>},
    {"exhaust", With<quorate::sim::ExhaustCommand>, false, true},
    {"explore", With<quorate::sim::ExploreCommand>, true, true},
    {"shrink", With<quorate::sim::ShrinkCommand>, true, true},
    {"faults", With<quorate::sim::FaultsCommand>, true, true},
    {"odds", With<quorate::sim::OddsCommand>, true, true},
    {"why", With<quorate::sim::WhyCommand>, true, true},
    {"render", With<quorate::sim::RenderCommand>, true, true},
    {"gdb", With<quorate::sim::GdbCommand>, true, true},
    {"bisect", With<quorate::sim::BisectCommand>, false, true},
    {"diff", With<quorate::sim::DiffCommand>, true, true},
    {"edges", Edges, true, true},
    {"bugs", With<quorate::sim::BugsCommand>},
    {"list", List},
    {kCheckHistory, quorate::sim::CheckHistoryFile},
    {"help", Help},
};

// A failed check aborts. The process ends with the exit code of that failure.
extern "C" void OnAbort(int /*signal*/) {
  std::_Exit(quorate::sim::ExitCodeOf(quorate::sim::FailureKind::kAborted));
}

}  // namespace

int main(int argc, char** argv, char** environment) {
  std::signal(SIGABRT, OnAbort);
  quorate::sim::PrepareMemory(environment);
  const std::vector<std::string_view> words(argv + 1, argv + argc);
  absl::StatusOr<Arguments> arguments = quorate::sim::ParseArguments(words);
  if (!arguments.ok()) {
    const int code = Usage(quorate::MessageOf(arguments.status()));
    return !words.empty() && words.front() == kCheckHistory ? quorate::sim::kExitBadHistory : code;
  }
  const auto* const command =
      std::find_if(std::begin(kCommands), std::end(kCommands),
                   [&](const Command& known) { return known.name == arguments->command; });
  if (command == std::end(kCommands)) return UnknownCommand(arguments->command);
  if (arguments->help && command->run != Help) return HelpOn(command->name);
  const bool has_faults = arguments->faults || !arguments->faults_file.empty();
  if (has_faults && !command->takes_faults) {
    return Usage(arguments->command + " takes no faults in words");
  }
  if (!arguments->epochs.empty() && !command->takes_epochs) {
    return Usage(arguments->command + " takes no epochs");
  }
  if (const absl::Status read = quorate::sim::ReadFaults(*arguments); !read.ok()) {
    return quorate::sim::RefuseInput(arguments->command, read);
  }
  return command->run(*arguments);
}
