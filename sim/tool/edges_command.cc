// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/edges_command.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "sim/tool/edge_watcher.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"
#include "sim/tool/input.h"
#include "sim/tool/recipe.h"
#include "sim/tool/run_command.h"
#include "sim/tool/run_program.h"
#include "sim/tool/why_command.h"
#include "sim/tool/written_faults.h"

namespace quorate::sim {
namespace {

constexpr size_t kShownMax = 20;  // edges that differ
constexpr size_t kTriesMax = 12;  // to see them once more
constexpr std::string_view kProgram = "/proc/self/exe";

// What the shell puts before the program: memory that is taken and given back is filled with other
// bytes, and one process has everything at the addresses that were asked for, others anywhere.
constexpr std::array<std::string_view, 4> kSurroundings = {
    "setarch -R ",
    "MALLOC_PERTURB_=165 ",
    "MALLOC_PERTURB_=90 ",
    "MALLOC_PERTURB_=255 ",
};

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string ListOf(const EdgesTaken& taken) {
  std::string list;
  for (const auto& [offset, count] : taken) list += Format("%016x %u\n", offset, unsigned{count});
  return list;
}

// Of this process.
int WriteEdges(const Arguments& arguments, std::optional<EventId> event, bool planted,
               const EdgeCounters& counters) {
  const absl::StatusOr<RunRecipe> recipe =
      RecipeFrom(arguments.operands.back(), arguments, planted);
  if (!recipe.ok()) return RefuseInput("edges", recipe.status());
  const absl::StatusOr<WorldConfig> config = ConfigOf(*recipe);
  if (!config.ok()) return RefuseInput("edges", config.status());
  EdgeWatcher watcher(counters, event);
  if (const auto outcome = RunConfig(*config, {&watcher}); !outcome.ok()) {
    return RefuseInput("edges", outcome.status());
  }
  const absl::Status written =
      WriteFile(arguments.out, event ? ListOf(watcher.taken()) : watcher.lines());
  return written.ok() ? kExitOk : RefuseInput("edges", written);
}

// A file that is gone when this is.
class PassingFile {
 public:
  static absl::StatusOr<PassingFile> Make() {
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
    std::string path = (folder / "quorate-edges.XXXXXX").string();
    const int file = error ? -1 : ::mkstemp(path.data());
    if (file < 0) return Unavailable("no temporary file");
    ::close(file);
    return PassingFile(std::move(path));
  }
  PassingFile(PassingFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  PassingFile& operator=(PassingFile&&) = delete;
  ~PassingFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  explicit PassingFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

// What a process in those surroundings writes. `event`: "" for the lines of all.
absl::StatusOr<Bytes> Elsewhere(std::string_view surroundings, std::string_view program,
                                const std::string& event, const std::string& words) {
  QUORATE_ASSIGN_OR_RETURN(const PassingFile file, PassingFile::Make());
  const std::string command = Format("%s%s edges %s %s --out %s", surroundings, ShellWord(program),
                                     event, words, ShellWord(file.path()));
  QUORATE_ASSIGN_OR_RETURN(const Ran ran, RunProgram(".", {"sh", "-c", command}));
  if (ran.code != 0) {
    return Unavailable(Format("'%s' ended with %d: %s", command, ran.code, ran.output));
  }
  return ReadFile(file.path());
}

// The edges of an event that took others before. Those of another process may be the same by
// chance.
absl::StatusOr<std::vector<OtherEdge>> EdgesThatDiffer(std::string_view program,
                                                       const std::string& event,
                                                       const std::string& words) {
  std::vector<OtherEdge> edges;
  QUORATE_ASSIGN_OR_RETURN(const Bytes first,
                           Elsewhere(kSurroundings.front(), program, event, words));
  for (size_t i = 0; i < kTriesMax && edges.empty(); ++i) {
    const std::string_view others = kSurroundings[1 + i % (kSurroundings.size() - 1)];
    QUORATE_ASSIGN_OR_RETURN(const Bytes second, Elsewhere(others, program, event, words));
    edges = OtherEdges(first, second);
  }
  return edges;
}

// Functions and lines, as far as the system's tools know them.
void PrintPlaces(const std::vector<OtherEdge>& edges, const std::string& program) {
  const size_t shown = std::min(edges.size(), kShownMax);
  std::string command = "addr2line -f -p -s -e " + ShellWord(program);
  for (size_t i = 0; i < shown; ++i) command += " " + edges[i].offset;
  const absl::StatusOr<Ran> ran = RunProgram(".", {"sh", "-c", command + " | c++filt -p"});
  const std::vector<std::string_view> places =
      ran.ok() && ran->code == 0 ? LinesOf(ran->output) : std::vector<std::string_view>{};
  for (size_t i = 0; i < shown; ++i) {
    const std::string_view place = i < places.size() ? places[i] : edges[i].offset;
    std::printf("%5s %5s  %.*s\n", edges[i].first.c_str(), edges[i].second.c_str(),
                static_cast<int>(place.size()), place.data());
  }
  if (shown < edges.size()) std::printf("and %zu more\n", edges.size() - shown);
}

std::string OwnPath() {
  std::string path(4096, '\0');
  const ssize_t size = ::readlink(kProgram.data(), path.data(), path.size());
  path.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return path;
}

int TellOtherEdges(size_t event, const std::string& program, const std::string& words) {
  std::printf("edges:    event %zu takes others where things lie elsewhere in memory\n", event);
  const auto edges = EdgesThatDiffer(program, std::to_string(event), words);
  if (!edges.ok()) return RefuseInput("edges", edges.status());
  PrintPlaces(*edges, program);
  std::printf("look:     %s gdb %zu %s\n", program.c_str(), event, words.c_str());
  return kExitDiffers;
}

int Compare(const Arguments& arguments) {
  const std::string program = OwnPath();
  const std::string words = WordsOf(arguments);
  std::optional<Bytes> first;
  for (const std::string_view surroundings : kSurroundings) {
    const absl::StatusOr<Bytes> lines = Elsewhere(surroundings, program, "", words);
    if (!lines.ok()) return RefuseInput("edges", lines.status());
    if (!first) first = *lines;
    const std::optional<size_t> event = FirstOtherLine(*first, *lines);
    if (event) return TellOtherEdges(*event, program, words);
  }
  std::printf("edges:    %zu events take the same edges in %zu processes\n",
              LinesOf(*first).size() - 1, kSurroundings.size());
  return kExitOk;
}

// "0" is what comes before the first event.
absl::StatusOr<EventId> ChosenEvent(std::string_view text) {
  return text == "0" ? EventId{} : ParseEvent(text);
}

}  // namespace

std::optional<size_t> FirstOtherLine(std::string_view a, std::string_view b) {
  if (a == b) return std::nullopt;
  const auto at = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return static_cast<size_t>(std::count(a.begin(), at, '\n'));
}

std::vector<OtherEdge> OtherEdges(std::string_view a, std::string_view b) {
  std::map<std::string_view, OtherEdge> edges;
  const auto add = [&edges](std::string_view list, std::string OtherEdge::*count) {
    for (const std::string_view line : LinesOf(list)) {
      const size_t space = std::min(line.find(' '), line.size() - 1);
      const std::string_view offset = line.substr(0, space);
      OtherEdge& edge =
          edges.try_emplace(offset, OtherEdge{std::string(offset), "0", "0"}).first->second;
      edge.*count = line.substr(space + 1);
    }
  };
  add(a, &OtherEdge::first);
  add(b, &OtherEdge::second);
  std::vector<OtherEdge> others;
  for (const auto& [offset, edge] : edges) {
    if (edge.first != edge.second) others.push_back(edge);
  }
  return others;
}

int EdgesCommand(const Arguments& arguments, bool planted, const EdgeCounters& counters) {
  std::optional<EventId> event;
  if (arguments.operands.size() == 2) {
    const absl::StatusOr<EventId> chosen = ChosenEvent(arguments.operands.front());
    if (!chosen.ok()) return RefuseInput("edges", chosen.status());
    event = *chosen;
  }
  if (arguments.operands.empty() || arguments.operands.size() > 2 ||
      (event && arguments.out.empty())) {
    return RefuseUsage(
        "edges",
        "takes a run: a scenario with --seed, or a trace file; and with --out an event before it");
  }
  if (counters.counts.empty()) {
    return RefuseUsage("edges",
                       "this build counts no edges; the preset 'clang' makes one that does");
  }
  return arguments.out.empty() ? Compare(arguments)
                               : WriteEdges(arguments, event, planted, counters);
}

}  // namespace quorate::sim
