// SPDX-License-Identifier: Apache-2.0
// quorate-sim: runs scenarios of the simulator from seeds, and replays what they recorded.
#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
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
#include "sim/tool/input.h"
#include "sim/tool/odds_command.h"
#include "sim/tool/program/edges.h"
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

constexpr char kHelp[] =
    "quorate-sim run SCENARIO --seed N | --seeds A..B [--jobs N]\n"
    "                         [--nodes N] [--for TIME] [--bug NAME]\n"
    "                         [--trace FILE] [--keep FILE] [--why TEXT]\n"
    "                         [--record FILE]  what each shard was given, as nodes record it\n"
    "                         [--effects] [--figures] [--log] [--watch KEY]\n"
    "quorate-sim faults SCENARIO --seed N | FILE\n"
    "                         says the faults of a run in words. run, shrink, odds, why, render,\n"
    "                         gdb, diff, edges and explore take such words in place of drawn\n"
    "                         faults: --faults FILE, or --fault 'WORDS' once for each\n"
    "quorate-sim replay FILE  judges a kept trace: a replay or a regression; with --bug NAME as "
    "it\n"
    "                         ends where the bug is planted; or executes what a node recorded\n"
    "                         (quorated --record), of another build with --any-build\n"
    "quorate-sim swarm --seeds A..B [SCENARIO...] [--jobs N] [--for-time TIME] [--bug NAME]\n"
    "                         [--all-marks] [--page FILE]  what many runs show together; on a "
    "page\n"
    "                         while they run too\n"
    "quorate-sim marks --seeds A..B [SCENARIO...] [--jobs N] [--for-time TIME] [--all-marks]\n"
    "                         which marks of the engine runs come to, and which run first\n"
    "quorate-sim exhaust SCENARIO --seed N | FILE [--for TIME] [--bug NAME] [--jobs N]\n"
    "                         [--for-time TIME] [--keep FILE]  a run without faults once more "
    "with\n"
    "                         each single one: a crash before every effect of every tick, every\n"
    "                         message lost, doubled, late\n"
    "quorate-sim explore SCENARIO --seeds A..B [--jobs N] [--for-time TIME] [--children K]\n"
    "                         [--for TIME] [--bug NAME] [--keep FILE]  runs, and at states of the\n"
    "                         cluster that no run has been in K continuations of each (2), which\n"
    "                         may be continued in turn; 0: seeds alone, for comparison\n"
    "quorate-sim shrink SCENARIO --seed N | FILE [--bug NAME] [--jobs N] [--for-time TIME]\n"
    "                         [--keep FILE]  makes a failing run small and keeps it; or a "
    "recording\n"
    "                         whose replay dies of a check or, with --bug, differs\n"
    "quorate-sim odds SCENARIO --seed N | FILE [--bug NAME] [--jobs N] [--for-time TIME]\n"
    "                         when a failure became inevitable: how many runs still fail where\n"
    "                         delays are drawn anew from a time on\n"
    "quorate-sim why [EVENT] SCENARIO --seed N | FILE [--bug NAME] [--depth N]\n"
    "                         walks back from an event, or from the failure; of a recording,\n"
    "                         what went into a tick: why [TICK] FILE\n"
    "quorate-sim render SCENARIO --seed N | FILE [--bug NAME] [--out FILE] [--key KEY]\n"
    "                         [--format html|perfetto|shiviz]\n"
    "                         [--from TIME] [--until TIME] [--lanes NODE,NODE]\n"
    "                         draws the run, or the shard of a recording, as a page, around its\n"
    "                         failure; or writes it for ui.perfetto.dev, or a run for ShiViz\n"
    "quorate-sim gdb [EVENT] SCENARIO --seed N | FILE [--bug NAME]\n"
    "                         stops the run where it is told to, on and back; commands come from\n"
    "                         the standard input, 'help' lists them; of a recording at ticks:\n"
    "                         gdb [TICK] FILE\n"
    "quorate-sim bisect SCENARIO --seed N | FILE --good COMMIT [--bad COMMIT] [--bug NAME]\n"
    "                         [--build COMMAND]  the first commit that has the failure\n"
    "quorate-sim diff A B [--bug NAME]  the first event at which two runs differ; each is\n"
    "                         SCENARIO:SEED or a file, and the bug is planted in B alone\n"
    "quorate-sim-planted bugs FILE [--seeds A..B] [--ranges N] [--jobs N] [--shrink]\n"
    "                         [--page FILE]\n"
    "                         how many seeds find each planted bug that FILE lists\n"
    "quorate-sim edges SCENARIO --seed N | FILE [--bug NAME]\n"
    "                         whether a run takes the same way through the program wherever "
    "things\n"
    "                         lie in memory; with --out FILE what this process takes, by event, "
    "and\n"
    "                         with an EVENT before the run its edges. Of the preset 'clang'\n"
    "quorate-sim retrace FILE makes a replay this build's own\n"
    "quorate-sim list         names the scenarios\n"
    "quorate-sim check-history FILE --model register|kv [--format text|jepsen-log|edn]\n"
    "                         [--budget STEPS]  says whether the history is linearizable: exits "
    "0\n"
    "                         if it is, 1 if not, 2 if the budget did not do, 100 on bad input\n"
    "\n"
    "--epochs MICROSECOND:SALT,... with a seed: from then on what happens is drawn otherwise.\n"
    "--trace writes the run as a bit-exact replay, --keep as a regression that survives changes.\n";

int List() {
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
  if (scenario == nullptr) return Usage("no such scenario; see 'list'");
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

// Others make faults of their own, or judge what a file holds.
bool TakesFaults(std::string_view command) {
  constexpr std::array<std::string_view, 10> kCommands = {
      "run", "faults", "shrink", "odds", "why", "render", "gdb", "diff", "edges", "explore"};
  return std::find(kCommands.begin(), kCommands.end(), command) != kCommands.end();
}

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
  const bool has_faults = arguments->faults || !arguments->faults_file.empty();
  if (has_faults && !TakesFaults(arguments->command)) {
    return Usage(arguments->command + " takes no faults in words");
  }
  if (const absl::Status read = quorate::sim::ReadFaults(*arguments); !read.ok()) {
    return quorate::sim::RefuseInput(arguments->command, read);
  }
  if (arguments->command == "faults") {
    return quorate::sim::FaultsCommand(*arguments, kHasPlantedBugs);
  }
  if (arguments->command == "run") return Run(*arguments);
  if (arguments->command == "replay" || arguments->command == "retrace") return Again(*arguments);
  if (arguments->command == "swarm" || arguments->command == "marks") {
    return quorate::sim::SwarmCommand(*arguments, kHasPlantedBugs);
  }
  if (arguments->command == "why") return quorate::sim::WhyCommand(*arguments, kHasPlantedBugs);
  if (arguments->command == "render") {
    return quorate::sim::RenderCommand(*arguments, kHasPlantedBugs);
  }
  if (arguments->command == "gdb") return quorate::sim::GdbCommand(*arguments, kHasPlantedBugs);
  if (arguments->command == "bisect") {
    return quorate::sim::BisectCommand(*arguments, kHasPlantedBugs);
  }
  if (arguments->command == "diff") return quorate::sim::DiffCommand(*arguments, kHasPlantedBugs);
  if (arguments->command == "bugs") return quorate::sim::BugsCommand(*arguments, kHasPlantedBugs);
  if (arguments->command == "exhaust") {
    return quorate::sim::ExhaustCommand(*arguments, kHasPlantedBugs);
  }
  if (arguments->command == "explore") {
    return quorate::sim::ExploreCommand(*arguments, kHasPlantedBugs);
  }
  if (arguments->command == "odds") return quorate::sim::OddsCommand(*arguments, kHasPlantedBugs);
  if (arguments->command == "edges") {
    return quorate::sim::EdgesCommand(*arguments, kHasPlantedBugs, quorate::sim::ProgramEdges());
  }
  if (arguments->command == "shrink") {
    return quorate::sim::ShrinkCommand(*arguments, kHasPlantedBugs);
  }
  if (arguments->command == "list") return List();
  if (arguments->command == kCheckHistory) return quorate::sim::CheckHistoryFile(*arguments);
  if (arguments->command == "help" || arguments->command == "--help") {
    std::fputs(kHelp, stdout);
    return quorate::sim::kExitOk;
  }
  return Usage("unknown command; try 'quorate-sim help'");
}
