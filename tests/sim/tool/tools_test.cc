// SPDX-License-Identifier: Apache-2.0
// The tools as they are typed: their results on real runs, and on bad input one clear line and the
// exit code that sim/README.md lists.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/recording/format.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/bugs_command.h"
#include "sim/tool/diff_command.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"
#include "sim/tool/help_entry.h"
#include "sim/tool/program/help.h"
#include "sim/tool/recording_command.h"
#include "sim/tool/recording_input.h"
#include "sim/tool/render_command.h"
#include "sim/tool/replay_command.h"
#include "sim/tool/run_command.h"
#include "sim/tool/shrink_command.h"
#include "sim/tool/swarm_command.h"
#include "sim/tool/why_command.h"
#include "sim/tool/written_faults.h"
#include "sim/trace/trace.h"

namespace quorate::sim {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct Said {
  int code = 0;
  std::string out;
  std::string error;
};

using Command = int (*)(const Arguments&, bool planted);

Said Say(Command command, const std::vector<std::string_view>& words, bool planted = false) {
  const absl::StatusOr<Arguments> arguments = ParseArguments(words);
  EXPECT_TRUE(arguments.ok()) << arguments.status();
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Said said;
  said.code = command(*arguments, planted);
  said.out = testing::internal::GetCapturedStdout();
  said.error = testing::internal::GetCapturedStderr();
  return said;
}

void Refuses(Command command, const std::vector<std::string_view>& words, int code,
             std::string_view why) {
  const Said said = Say(command, words);
  EXPECT_EQ(said.code, code) << why;
  EXPECT_EQ(said.out, "");
  EXPECT_THAT(said.error, AllOf(StartsWith("quorate-sim: "), HasSubstr(std::string(why))));
  EXPECT_EQ(std::count(said.error.begin(), said.error.end(), '\n'), 1) << said.error;
}

std::string FileOf(std::string_view name, std::string_view bytes) {
  std::string path = testing::TempDir() + "/" + std::string(name);
  EXPECT_TRUE(WriteFile(path, bytes).ok());
  return path;
}

Bytes SmallTrace() {
  Trace trace;
  trace.kind = TraceKind::kRegression;
  trace.recipe.scenario = "kv-3";
  trace.recipe.seed = 1;
  trace.recipe.nodes = 3;
  trace.recipe.duration = {2'000'000};
  return EncodeTrace(trace);
}

TEST(Tools, RefuseFilesThatAreNoTraceWithTwoAndOneLine) {
  const Bytes good = SmallTrace();
  Bytes newer = good;
  newer[4] = 99;
  Bytes damaged = good;
  damaged[damaged.size() - 3] ^= 1;
  const std::string truncated_file = FileOf("truncated", good.substr(0, good.size() - 9));
  const std::string foreign_file = FileOf("foreign", "GIF89a, which is a picture of some sort");
  const std::string newer_file = FileOf("newer", newer);
  const std::string damaged_file = FileOf("damaged", damaged);
  for (const Command command : {&ShrinkCommand, &WhyCommand}) {
    Refuses(command, {"x", truncated_file}, kExitInput, "truncated");
    Refuses(command, {"x", foreign_file}, kExitInput, "foreign: not a trace");
    Refuses(command, {"x", newer_file}, kExitInput, "newer: schema version 99");
    Refuses(command, {"x", damaged_file}, kExitInput, "damaged");
    Refuses(command, {"x", testing::TempDir() + "/nobody"}, kExitInput, "cannot be opened");
  }
  Refuses(&DiffCommand, {"diff", "kv-3:1", truncated_file}, kExitInput, "truncated");
}

TEST(Tools, RefuseRunsThatCannotBe) {
  for (const Command command : {&ShrinkCommand, &WhyCommand}) {
    Refuses(command, {"x", "kv-3", "--seed", "1", "--nodes", "2"}, kExitUsage,
            "2 nodes in 1 data centres cannot hold 3 replicas each");
    Refuses(command, {"x", "kv-3:banana"}, kExitUsage, "'banana' is no seed");
    Refuses(command, {"x"}, kExitUsage, "takes");
    Refuses(command, {"x", "kv-3", "--bug", "no-restamp"}, kExitUsage, "quorate-sim-planted");
  }
  // A file may say what no world can be.
  Trace trace;
  trace.kind = TraceKind::kRegression;
  trace.recipe.scenario = "kv-99";
  Refuses(&ShrinkCommand, {"shrink", FileOf("scenario", EncodeTrace(trace))}, kExitInput,
          "no scenario 'kv-99'");
  trace.recipe.scenario = "kv-3";
  trace.recipe.nodes = 1;
  trace.recipe.duration = {1};
  Refuses(&ShrinkCommand, {"shrink", FileOf("nodes", EncodeTrace(trace))}, kExitInput,
          "cannot hold 3 replicas");
  trace.recipe.nodes = 3;
  trace.recipe.settings = {{"colour", "7"}};
  Refuses(&WhyCommand, {"why", FileOf("setting", EncodeTrace(trace))}, kExitInput,
          "no setting 'colour'");
}

TEST(Tools, NameTheFlagWhoseValueIsWrong) {
  const auto why = [](std::string_view flag, std::string_view value) {
    return MessageOf(ParseArguments({"run", "kv-3", flag, value}).status());
  };
  EXPECT_EQ(why("--nodes", "three"), "--nodes: 'three' is not a number");
  EXPECT_EQ(why("--for", "7 days"), "--for: '7 days' is not a time; examples: 250ms, 90s, 10m, 1h");
  EXPECT_EQ(why("--seeds", "5.."),
            "--seeds: '5..' is no seed and no range of seeds; examples: 7, 1..500");
  EXPECT_EQ(why("--seed", ""), "--seed: '' is no seed and no range of seeds; examples: 7, 1..500");
  EXPECT_EQ(why("--seeds", "5..4"), "--seeds: '5..4': the last seed is before the first");
  EXPECT_EQ(why("--jobs", "0"), "--jobs: 0 is not from 1 to 256");
  EXPECT_EQ(why("--lanes", ""), "--lanes: takes numbers of nodes; example: 0,3,4");
  EXPECT_EQ(why("--sed", "5"), "unknown flag --sed");
}

TEST(Tools, TakeTheWordsForHelpAnywhere) {
  for (const std::string_view word : {"help", "--help", "-h"}) {
    EXPECT_EQ(ParseArguments({word}).value().command, "help");
    EXPECT_EQ(ParseArguments({word, "run"}).value().operands, std::vector<std::string>{"run"});
  }
  EXPECT_TRUE(ParseArguments({"run", "--help"}).value().help);
  EXPECT_TRUE(ParseArguments({"run", "kv-3", "-h", "--seed", "1"}).value().help);
  EXPECT_FALSE(ParseArguments({"run", "kv-3", "--seed", "1"}).value().help);
}

TEST(Tools, HaveAnEntryEachInTheHelp) {
  for (const std::string_view command :
       {"run",    "replay", "retrace", "swarm", "marks",         "exhaust", "explore",
        "shrink", "faults", "odds",    "why",   "render",        "gdb",     "bisect",
        "diff",   "edges",  "bugs",    "list",  "check-history", "help"}) {
    EXPECT_THAT(HelpEntry(kHelp, command),
                ContainsRegex(Format("^quorate-sim[a-z-]* %s[ \n]", command)));
  }
  EXPECT_EQ(HelpEntry(kHelp, "list"), "quorate-sim list\n    names the scenarios\n");
  EXPECT_THAT(HelpEntry(kHelp, "marks"),
              AllOf(StartsWith("quorate-sim marks --seeds"), EndsWith("run first\n")));
  EXPECT_THAT(HelpEntry(kHelp, "bugs"), StartsWith("quorate-sim-planted bugs FILE"));
  EXPECT_THAT(HelpEntry(kHelp, "help"), EndsWith("of one, too\n"));
  for (const std::string_view nobody : {"", "ru", "SCENARIO", "FILE", "planted"}) {
    EXPECT_EQ(HelpEntry(kHelp, nobody), "") << nobody;
  }
  EXPECT_EQ(HelpEntry("quorate-sim run", "run"), "quorate-sim run");
  EXPECT_EQ(HelpEntry("", "run"), "");
}

TEST(Tools, SayWrittenFaultsAgainInTheLineThatReplaysARun) {
  const auto line = [](const std::vector<std::string_view>& words) {
    const absl::StatusOr<Arguments> arguments = ParseArguments(words);
    EXPECT_TRUE(arguments.ok()) << arguments.status();
    return ReplayLine(*FindScenario("kv-3"), 7, *arguments);
  };
  EXPECT_EQ(line({"run", "kv-3"}), "quorate-sim run kv-3 --seed 7");
  EXPECT_EQ(line({"run", "kv-3", "--fault", "stop 1 # isn't", "--fault", "stop 2"}),
            "quorate-sim run kv-3 --seed 7 --fault 'stop 1 # isn'\\''t' --fault 'stop 2'");
  EXPECT_EQ(line({"run", "kv-3", "--faults", "a file"}),
            "quorate-sim run kv-3 --seed 7 --faults 'a file'");
}

TEST(Tools, JudgeAWrittenStallByItsOwnLength) {
  WorldConfig config = MakeConfig(*FindScenario("kv-3"), 1, {});
  const Duration drawn = OptionsFor(config).periodic_window;
  Arguments arguments;
  arguments.faults = "stall commits of 0 by 20s at 5s for 1s";
  ASSERT_TRUE(UseFaults(arguments, config).ok());
  EXPECT_EQ(OptionsFor(config).periodic_window, drawn + 20s - config.faults.stall_max);
  arguments.faults = "stall commits of 0 by 1us at 5s for 1s";
  ASSERT_TRUE(UseFaults(arguments, config).ok());
  EXPECT_EQ(OptionsFor(config).periodic_window, drawn);
}

TEST(Tools, TakeTimesAsTheyShowThem) {
  EXPECT_EQ(*ParseDuration("90"), 90s);
  EXPECT_EQ(*ParseDuration("49786us"), Duration(49'786));
  EXPECT_EQ(*ParseDuration("0.049786s"), Duration(49'786));
  EXPECT_EQ(*ParseDuration("12.5ms"), Duration(12'500));
  EXPECT_EQ(*ParseDuration("10m"), *ParseDuration("10min"));
  EXPECT_EQ(*ParseDuration("2h"), std::chrono::hours(2));
  for (const char* text :
       {"", "0", "0s", "s", "-1s", "1.5us", "1..2s", "7 s", "1d", "1s2", "721h"}) {
    EXPECT_FALSE(ParseDuration(text).ok()) << text;
  }
}

TEST(Tools, RefuseNonsenseArguments) {
  Refuses(&WhyCommand, {"why", "banana", "kv-3"}, kExitUsage, "'banana' is not the number");
  Refuses(&WhyCommand, {"why", "1", "2", "3"}, kExitUsage, "takes an event and a run");
  Refuses(&DiffCommand, {"diff", "kv-3:1"}, kExitUsage, "takes two runs");
  Refuses(&SwarmCommand, {"swarm", "kv-3"}, kExitUsage, "takes --seeds");
  Refuses(&SwarmCommand, {"swarm", "kv-99", "--seeds", "1..2"}, kExitUsage, "no scenario 'kv-99'");
  Refuses(&SwarmCommand, {"swarm", "--seeds", "1..2", "--bug", "banana"}, kExitUsage, "banana");
  Refuses(&BugsCommand, {"bugs", "file"}, kExitUsage, "quorate-sim-planted");
  Refuses(&SwarmCommand, {"marks", "kv-3"}, kExitUsage, "marks: takes --seeds");
  Refuses(&RenderCommand, {"render", "kv-3", "--for", "1s", "--lanes", "0,3"}, kExitUsage,
          "the run has the nodes 0 to 2, not 3");
  Refuses(&RenderCommand, {"render", "kv-3", "--for", "1s", "--out", "/nowhere/x"}, kExitSystem,
          "/nowhere/x");
  Refuses(&RenderCommand, {"render", "kv-3", "--for", "1s", "--format", "svg"}, kExitUsage,
          "no format 'svg'; there are html, perfetto and shiviz");
  EXPECT_FALSE(ParseArguments({"render", "--from", "5s", "--until", "5s"}).ok());
  EXPECT_FALSE(ParseArguments({"render", "--lanes", "1,x"}).ok());
  EXPECT_FALSE(ParseArguments({"render", "--lanes", ","}).ok());
  EXPECT_FALSE(ParseArguments({"swarm", "--seeds", "9..2"}).ok());
  EXPECT_FALSE(ParseArguments({"swarm", "--jobs", "0"}).ok());
  EXPECT_FALSE(ParseArguments({"why", "--depth", "0"}).ok());
  EXPECT_FALSE(ParseArguments({"bugs", "--ranges", "0"}).ok());
  EXPECT_FALSE(ParseArguments({"shrink", "--for-time", "soon"}).ok());
}

TEST(Tools, BugsReadsItsRowsBeforeItRunsAny) {
  const auto refused = [](std::string_view rows, std::string_view why) {
    const std::string path = FileOf("rows", rows);
    const Said said = Say(&BugsCommand, {"bugs", path}, /*planted=*/true);
    EXPECT_EQ(said.code, kExitInput);
    EXPECT_THAT(said.error, EndsWith(std::string(why) + "\n"));
  };
  refused("no-restamp\n", "line 1: a bug and no scenario");
  refused("no-restamp kv-99\n", "no scenario 'kv-99'");
  refused("banana kv-3\n", "no planted bug is called 'banana'");
  refused("# nothing\n", "lists no such bug");
}

// A recording of one shard of a small world.
std::string RecordingOf(const std::string& name) {
  const std::string file = testing::TempDir() + "/" + name;
  const absl::StatusOr<Arguments> arguments =
      ParseArguments({"run", "kv-sole", "--seed", "1", "--for", "2s", "--record", file});
  EXPECT_TRUE(arguments.ok());
  testing::internal::CaptureStdout();
  MemoryMeter memory;
  EXPECT_EQ(RunAndPrint(*FindScenario("kv-sole"), 1, *arguments, memory), kExitOk);
  testing::internal::GetCapturedStdout();
  return file + ".node0.life1.shard0.0";
}

int ReplayCommand(const Arguments& arguments, bool planted) {
  return ReplayRecordingFile(arguments.operands.front(), planted, arguments);
}

TEST(Tools, RecordingsAreReplayedAndExplained) {
  const std::string file = RecordingOf("recording");
  EXPECT_TRUE(IsRecordingFile(file));
  Said said = Say(&ReplayCommand, {"replay", file});
  EXPECT_EQ(said.code, kExitOk) << said.out << said.error;
  EXPECT_THAT(said.out, HasSubstr("replay: equal over "));
  said = Say(&WhyCommand, {"why", "2", file});
  EXPECT_EQ(said.code, kExitOk) << said.error;
  EXPECT_THAT(said.out, StartsWith("tick 2 begins at "));
  EXPECT_EQ(Say(&WhyCommand, {"why", file}).code, kExitHolds);
  EXPECT_EQ(Say(&DiffCommand, {"diff", file, file}).code, kExitOk);
  Refuses(&WhyCommand, {"why", "99999999", file}, kExitInput, "not 99999999");
  Refuses(&ReplayCommand, {"replay", file, "--bug", "no-restamp"}, kExitUsage,
          "quorate-sim-planted");
}

TEST(Tools, ARecordingOfAnotherBuildSaysSo) {
  absl::StatusOr<Bytes> bytes = ReadFile(RecordingOf("other"));
  ASSERT_TRUE(bytes.ok());
  absl::StatusOr<recording::Recording> recording = recording::ReadRecording(*bytes);
  ASSERT_TRUE(recording.ok());
  recording->header.build = "0123456789abcdef";
  Bytes header(recording::kBlockHeaderBytes, '\0');
  header += recording::EncodeHeader(recording->header);
  recording::SealBlock(recording::BlockKind::kHeader, header);
  const size_t begin = recording::kMagic.size() + sizeof(recording::kVersion);
  bytes->replace(begin, header.size(), header);  // of the same size
  const std::string file = FileOf("other-build", *bytes);
  Refuses(&ReplayCommand, {"replay", file}, kExitInput, "recorded by build 0123456789abcdef");
  EXPECT_EQ(Say(&ReplayCommand, {"replay", file, "--any-build"}).code, kExitOk);
}

TEST(Tools, ShrinkAndWhySayThatARunHolds) {
  for (const Command command : {&ShrinkCommand, &WhyCommand}) {
    const Said said = Say(command, {"x", "kv-sole", "--seed", "1", "--for", "1s"});
    EXPECT_EQ(said.code, kExitHolds) << said.error;
    EXPECT_THAT(said.out, StartsWith("the run holds"));
  }
}

// Clients that give up at once: nobody can read what they wrote.
std::string ImpatientRun() {
  Trace trace;
  trace.kind = TraceKind::kRegression;
  trace.recipe.scenario = "kv-3";
  trace.recipe.seed = 1;
  trace.recipe.nodes = 5;
  trace.recipe.duration = {12'000'000};
  trace.recipe.settings = {{"client-timeout-us", "100"}};
  return FileOf("impatient", EncodeTrace(trace));
}

TEST(Tools, ShrinkKeepsARegressionThatFailsAgainUntilItIsMended) {
  const std::string kept = testing::TempDir() + "/small.regression";
  const Said said = Say(&ShrinkCommand, {"shrink", ImpatientRun(), "--jobs", "2", "--keep", kept,
                                         "--for-time", "120s"});
  ASSERT_EQ(said.code, kExitOk) << said.error;
  EXPECT_THAT(said.out, HasSubstr("failure:   stall, found by the oracle 'progress'"));
  EXPECT_THAT(said.out, HasSubstr("replay:    quorate-sim replay " + kept));
  EXPECT_THAT(said.out, HasSubstr("setting:   client-timeout-us 100\n"));
  EXPECT_THAT(
      said.out,
      ContainsRegex("shrunk scenario=kv-3 seed=1 faults=0 nodes=1 clients=1 operations=1 "));
  testing::internal::CaptureStdout();
  EXPECT_EQ(ReplayFile(kept, false, "none"), ExitCodeOf(FailureKind::kStall));
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("regression: broken: stall"));
}

TEST(Tools, ShrinkGivesTheSameHoweverManyRunSideBySide) {
  const std::string run = ImpatientRun();
  std::vector<Bytes> kept;
  for (const std::string_view jobs : {"1", "3"}) {
    const std::string path = testing::TempDir() + "/jobs-" + std::string(jobs);
    const Said said =
        Say(&ShrinkCommand, {"shrink", run, "--jobs", jobs, "--keep", path, "--for-time", "300s"});
    ASSERT_EQ(said.code, kExitOk) << said.error;
    kept.push_back(*ReadFile(path));
  }
  EXPECT_EQ(kept[0], kept[1]);
}

TEST(Tools, WhyWalksBackFromTheFailure) {
  const Said said = Say(&WhyCommand, {"why", ImpatientRun()});
  EXPECT_EQ(said.code, kExitOk) << said.error;
  EXPECT_THAT(said.out, StartsWith("failure:  stall, found by the oracle 'progress' at event "));
  EXPECT_THAT(said.out, HasSubstr("promised: "));
}

TEST(Tools, WhyWalksBackFromAnEvent) {
  const Said said =
      Say(&WhyCommand, {"why", "2000", "kv-3", "--seed", "1", "--for", "2s", "--depth", "6"});
  EXPECT_EQ(said.code, kExitOk) << said.error;
  EXPECT_THAT(said.out, ContainsRegex("^ +[0-9]+\\.[0-9]+ s  #2000 "));
  EXPECT_THAT(said.out, ContainsRegex("\n6 of [0-9]+ events back"));
  Refuses(&WhyCommand, {"why", "99999999", "kv-3", "--seed", "1", "--for", "1s"}, kExitUsage,
          "the run has the events 1 to ");
}

TEST(Tools, DiffFindsWhereTwoRunsPart) {
  const Said same = Say(&DiffCommand, {"diff", "kv-3:1", "kv-3:1", "--for", "1s"});
  EXPECT_EQ(same.code, kExitOk) << same.error;
  EXPECT_THAT(same.out, StartsWith("equal: "));
  const Said other = Say(&DiffCommand, {"diff", "kv-3:1", "kv-3:2", "--for", "1s"});
  EXPECT_EQ(other.code, kExitDiffers) << other.error;
  EXPECT_THAT(other.out, StartsWith("equal up to event "));
  EXPECT_THAT(other.out, AllOf(HasSubstr("\nA "), HasSubstr("\nB ")));
}

TEST(Tools, SwarmRunsEveryScenarioWithEverySeed) {
  const Said said = Say(
      &SwarmCommand, {"swarm", "kv-3", "kv-sole", "--seeds", "1..3", "--jobs", "2", "--for", "4s"});
  EXPECT_EQ(said.code, kExitOk) << said.out;
  EXPECT_THAT(said.out, HasSubstr("swarm 6 seeds in "));
  EXPECT_THAT(said.out, HasSubstr("effects:  crash"));
}

TEST(Tools, MarksAreATable) {
  const Said said =
      Say(&SwarmCommand, {"marks", "kv-3", "--seeds", "1..2", "--jobs", "2", "--for", "4s"});
  EXPECT_EQ(said.code, kExitOk) << said.out;
  EXPECT_THAT(said.out, StartsWith("mark "));
  EXPECT_THAT(said.out, ContainsRegex("\nceiling-reserved +2 +[0-9]+  kv-3:1\n"));
  EXPECT_THAT(said.out, HasSubstr("marks of 2 seeds in "));
}

TEST(Tools, RenderWritesAPageOfWhatIsAskedFor) {
  const std::string path = testing::TempDir() + "/render.html";
  const auto page = [&](std::vector<std::string_view> more) {
    std::vector<std::string_view> words = {"render", "kv-3", "--seed", "4", "--for", "3s", "--out"};
    words.push_back(path);
    words.insert(words.end(), more.begin(), more.end());
    const Said said = Say(&RenderCommand, words);
    EXPECT_EQ(said.code, kExitOk) << said.error;
    EXPECT_THAT(said.out, StartsWith(path + ": "));
    return *ReadFile(path);
  };
  const Bytes whole = page({});
  EXPECT_THAT(whole, AllOf(StartsWith("<!DOCTYPE html>"), HasSubstr("\"title\":\"kv-3, seed 4\"")));
  EXPECT_THAT(whole, HasSubstr("\"index\":0,"));
  EXPECT_THAT(whole, HasSubstr("\"index\":2,"));
  const Bytes part =
      page({"--from", "1s", "--until", "1100ms", "--lanes", "1", "--key", "string:3"});
  EXPECT_THAT(part, HasSubstr("\"key\":\"string:3\""));
  EXPECT_THAT(part, AllOf(HasSubstr("\"index\":1,"), Not(HasSubstr("\"index\":0,"))));
  EXPECT_LT(part.size(), whole.size() / 2);
}

TEST(Tools, RenderWritesTheFormatThatIsAskedFor) {
  const std::string path = testing::TempDir() + "/rendered";
  const std::array<std::pair<std::string_view, std::string_view>, 3> formats = {
      {{"html", "<!DOCTYPE html>"}, {"perfetto", "{\"displayTimeUnit\":"}, {"shiviz", "(?<host>"}}};
  for (const auto& [format, begin] : formats) {
    const Said said = Say(&RenderCommand, {"render", "kv-3", "--seed", "4", "--for", "1s",
                                           "--format", format, "--out", path});
    EXPECT_EQ(said.code, kExitOk) << said.error;
    EXPECT_THAT(*ReadFile(path), StartsWith(std::string(begin)));
  }
}

TEST(Tools, SwarmEndsWhenItsTimeIsOver) {
  const Said said = Say(&SwarmCommand, {"swarm", "kv-sole", "--seeds", "1..1000000", "--for", "1s",
                                        "--for-time", "250ms"});
  EXPECT_EQ(said.code, kExitOk) << said.out;
  EXPECT_THAT(said.out, HasSubstr(" seeds in "));
}

}  // namespace
}  // namespace quorate::sim
