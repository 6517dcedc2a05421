// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/bisect_command.h"

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <system_error>

#include "sim/scenario/bug_name.h"
#include "sim/scenario/scenario.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/input.h"
#include "sim/tool/kept_trace.h"
#include "sim/tool/run_program.h"
#include "sim/world/failure.h"

namespace quorate::sim {
namespace {

enum class Verdict : uint8_t { kUnknown, kGood, kBad, kSkipped };

// How a run ended, for those who compare: empty where it held.
struct Ending {
  bool judged = false;
  std::string failure;  // kind and oracle
  std::string why_not;  // not judged
};

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// What stands between two texts; empty where they do not.
std::string Between(const std::string& text, std::string_view before, std::string_view behind) {
  const size_t begin = text.find(before);
  if (begin == std::string::npos) return {};
  const size_t end = text.find(behind, begin + before.size());
  if (end == std::string::npos) return {};
  return text.substr(begin + before.size(), end - begin - before.size());
}

Ending EndingOf(const Ran& ran) {
  if (ran.code == kExitOk) return {true, {}, {}};
  if (ran.output.find("regression: stale: ") != std::string::npos) {
    return {false, {}, "the regression is stale there"};
  }
  std::string failure = Between(ran.output, "failure:  ", " at event");
  if (failure.empty()) failure = Between(ran.output, "regression: broken: ", ": promised");
  if (failure.empty() && ran.code < kFirstFailureExitCode) {
    return {false, {}, "cannot run it: " + FirstLine(ran.output)};
  }
  if (failure.empty()) failure = Format("exit code %d", ran.code);
  return {true, std::move(failure), {}};
}

class Bisection {
 public:
  explicit Bisection(const Arguments& arguments) : arguments_(arguments) {}
  ~Bisection() {
    if (folder_.empty()) return;
    static_cast<void>(Git({"worktree", "remove", "--force", Tree()}));
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Bisection(const Bisection&) = delete;
  Bisection& operator=(const Bisection&) = delete;

  // The commits, and a worktree.
  absl::Status Open();
  absl::StatusOr<int> Run();

 private:
  static constexpr size_t kNone = SIZE_MAX;

  [[nodiscard]] std::string Tree() const { return folder_ + "/tree"; }
  // Its output without the end of the line; InvalidArgument with its first line where it fails.
  absl::StatusOr<std::string> Git(std::vector<std::string> words) const;
  absl::StatusOr<Ending> Judge(const std::string& commit) const;
  absl::StatusOr<Verdict> VerdictOf(size_t index);
  // The untested one nearest to the middle of what is left; kNone where none is.
  [[nodiscard]] size_t Next() const;
  [[nodiscard]] std::string Named(size_t index) const;
  int Tell() const;

  const Arguments& arguments_;
  std::string root_;
  std::string folder_;
  std::string subject_;               // a file, by its whole path; empty: a scenario
  std::vector<std::string> commits_;  // the good one first, the bad one last
  std::vector<Verdict> verdicts_;
  std::string failure_;  // of the bad one
  size_t good_ = 0;
  size_t bad_ = 0;
};

absl::StatusOr<std::string> Bisection::Git(std::vector<std::string> words) const {
  words.insert(words.begin(), "git");
  QUORATE_ASSIGN_OR_RETURN(Ran ran, RunProgram(root_.empty() ? "." : root_, std::move(words)));
  if (ran.code != 0) return InvalidArgument("git: " + FirstLine(ran.output));
  while (ran.output.ends_with('\n')) ran.output.pop_back();
  return ran.output;
}

absl::Status Bisection::Open() {
  QUORATE_ASSIGN_OR_RETURN(root_, Git({"rev-parse", "--show-toplevel"}));
  const std::string bad = arguments_.bad.empty() ? "HEAD" : arguments_.bad;
  const auto commit = [&](const std::string& name) {
    return Git({"rev-parse", "--verify", "--quiet", "--end-of-options", name + "^{commit}"});
  };
  const absl::StatusOr<std::string> first = commit(arguments_.good);
  if (!first.ok()) return absl::NotFoundError("no commit '" + arguments_.good + "'");
  const absl::StatusOr<std::string> last = commit(bad);
  if (!last.ok()) return absl::NotFoundError("no commit '" + bad + "'");
  QUORATE_ASSIGN_OR_RETURN(const std::string list,
                           Git({"rev-list", "--reverse", "--first-parent", *first + ".." + *last}));
  commits_ = {*first};
  for (size_t at = 0; at < list.size(); at += commits_.back().size() + 1) {
    commits_.push_back(list.substr(at, list.find('\n', at) - at));
  }
  const absl::StatusOr<std::string> below = Git({"merge-base", "--is-ancestor", *first, *last});
  if (!below.ok() || commits_.size() < 2) {
    return absl::NotFoundError("'" + arguments_.good + "' is not before '" + bad + "'");
  }
  verdicts_.resize(commits_.size(), Verdict::kUnknown);
  bad_ = commits_.size() - 1;
  const std::string& operand = arguments_.operands.front();
  if (FindScenario(operand) == nullptr) subject_ = std::filesystem::absolute(operand).string();
  std::string name = (std::filesystem::temp_directory_path() / "quorate-bisect-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return Unavailable("no temporary folder");
  folder_ = name;
  return Git({"worktree", "add", "--detach", Tree(), *last}).status();
}

absl::StatusOr<Ending> Bisection::Judge(const std::string& commit) const {
  const bool planted = arguments_.bug != kNoBug;
  const std::string program = planted ? "quorate-sim-planted" : "quorate-sim";
  QUORATE_RETURN_IF_ERROR(Git({"-C", Tree(), "checkout", "--quiet", "--detach", commit}).status());
  const std::string build =
      !arguments_.build.empty()
          ? arguments_.build
          : "cmake --preset release && cmake --build --preset release --target " + program;
  QUORATE_ASSIGN_OR_RETURN(const Ran built, RunProgram(Tree(), {"sh", "-c", build}));
  if (built.code != 0) return Ending{false, {}, "does not build"};
  std::vector<std::string> words = {Tree() + "/build/release/sim/tool/" + program};
  if (subject_.empty()) {
    words.insert(words.end(), {"run", arguments_.operands.front(), "--seed",
                               std::to_string(arguments_.seeds.first)});
    if (arguments_.nodes) words.insert(words.end(), {"--nodes", std::to_string(*arguments_.nodes)});
    if (arguments_.duration) {
      words.insert(words.end(), {"--for", Format("%dms", *arguments_.duration / 1ms)});
    }
  } else {
    words.insert(words.end(), {"replay", subject_});
  }
  if (planted) words.insert(words.end(), {"--bug", arguments_.bug});
  QUORATE_ASSIGN_OR_RETURN(const Ran ran, RunProgram(Tree(), std::move(words)));
  return EndingOf(ran);
}

std::string Bisection::Named(size_t index) const {
  const absl::StatusOr<std::string> name = Git({"log", "-1", "--format=%h %s", commits_[index]});
  return name.ok() ? *name : commits_[index];
}

absl::StatusOr<Verdict> Bisection::VerdictOf(size_t index) {
  QUORATE_ASSIGN_OR_RETURN(const Ending ending, Judge(commits_[index]));
  if (index == commits_.size() - 1) failure_ = ending.failure;
  Verdict verdict = Verdict::kGood;
  std::string said = "good: it holds";
  if (!ending.judged) {
    verdict = Verdict::kSkipped;
    said = "skipped: " + ending.why_not;
  } else if (!ending.failure.empty() && ending.failure == failure_) {
    verdict = Verdict::kBad;
    said = "bad: " + ending.failure;
  } else if (!ending.failure.empty()) {
    verdict = Verdict::kSkipped;
    said = "skipped: another failure: " + ending.failure;
  }
  std::printf("%s: %s\n", Named(index).c_str(), said.c_str());
  std::fflush(stdout);
  verdicts_[index] = verdict;
  return verdict;
}

size_t Bisection::Next() const {
  const size_t middle = good_ + (bad_ - good_) / 2;
  for (size_t away = 0; away < bad_ - good_; ++away) {
    for (const size_t index : {middle - away, middle + away}) {
      const bool between = index > good_ && index < bad_;  // what wraps around is not
      if (between && verdicts_[index] == Verdict::kUnknown) return index;
    }
  }
  return kNone;
}

absl::StatusOr<int> Bisection::Run() {
  QUORATE_ASSIGN_OR_RETURN(const Verdict last, VerdictOf(bad_));
  if (last == Verdict::kGood) {
    std::printf("nothing to look for: the last commit is good\n");
    return kExitHolds;
  }
  if (last != Verdict::kBad) return absl::NotFoundError("the last commit cannot be judged");
  QUORATE_ASSIGN_OR_RETURN(const Verdict first, VerdictOf(good_));
  if (first != Verdict::kGood) return absl::NotFoundError("the first commit is not good");
  for (size_t next = Next(); next != kNone; next = Next()) {
    QUORATE_ASSIGN_OR_RETURN(const Verdict verdict, VerdictOf(next));
    if (verdict == Verdict::kGood) good_ = next;
    if (verdict == Verdict::kBad) bad_ = next;
  }
  return Tell();
}

int Bisection::Tell() const {
  if (bad_ - good_ == 1) {
    std::printf("first bad: %s\n", Named(bad_).c_str());
    return kExitOk;
  }
  for (size_t index = good_ + 1; index <= bad_; ++index) {
    std::printf("first bad, or one that could not be judged: %s\n", Named(index).c_str());
  }
  return kExitMissed;
}

}  // namespace

int BisectCommand(const Arguments& arguments, bool planted) {
  constexpr std::string_view kTool = "bisect";
  if (arguments.operands.size() != 1) {
    return RefuseUsage(kTool, "takes one scenario with --seed, or one regression");
  }
  if (arguments.good.empty()) return RefuseUsage(kTool, "needs --good COMMIT");
  const std::string& operand = arguments.operands.front();
  if (!ParsePlantedBug(arguments.bug)) {
    return RefuseUsage(kTool, "no planted bug is called '" + arguments.bug + "'");
  }
  if (FindScenario(operand) == nullptr) {
    // The bug is of the build that is judged, not of this one.
    const absl::StatusOr<Trace> trace = LoadTrace(operand, planted, kNoBug);
    if (!trace.ok()) {
      return RefuseInput(kTool, absl::Status(trace.status().code() == absl::StatusCode::kNotFound
                                                 ? absl::StatusCode::kInvalidArgument
                                                 : trace.status().code(),
                                             operand + ": " + MessageOf(trace.status())));
    }
    if (trace->kind == TraceKind::kReplay) {
      return RefuseInput(kTool, InvalidArgument(operand + ": a replay belongs to one build; a "
                                                          "regression goes through many"));
    }
  }
  Bisection bisection(arguments);
  const absl::Status opened = bisection.Open();
  if (!opened.ok()) return RefuseInput(kTool, opened);
  const absl::StatusOr<int> code = bisection.Run();
  return code.ok() ? *code : RefuseInput(kTool, code.status());
}

}  // namespace quorate::sim
