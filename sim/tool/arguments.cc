// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/arguments.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/tool/epoch_list.h"

namespace quorate::sim {
namespace {

constexpr uint32_t kJobsMax = 256;
constexpr uint64_t kRangesMax = 99;
constexpr uint64_t kDepthMax = 1'000'000;
constexpr uint64_t kChildrenMax = 16;
constexpr uint64_t kPairsMax = 10'000'000;
constexpr int64_t kSecondsMax = 30 * 24 * 3600;

absl::StatusOr<uint64_t> ParseNumber(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidArgument(Format("'%s' is not a number", text));
  }
  return value;
}

bool IsHelp(std::string_view word) { return word == "--help" || word == "-h"; }

// What is wrong with a flag, which some messages name themselves.
std::string Named(std::string_view flag, std::string_view wrong) {
  if (wrong.find(flag) != std::string_view::npos) return std::string(wrong);
  return Format("%s: %s", flag, wrong);
}

absl::Status SetCheckFlag(std::string_view name, std::string_view value, Arguments& out) {
  if (name == "--model") {
    out.model = value;
    return absl::OkStatus();
  }
  if (name == "--budget") {
    QUORATE_ASSIGN_OR_RETURN(out.budget, ParseNumber(value));
    if (out.budget > 0 && out.budget <= check::kSearchStepsMax) return absl::OkStatus();
    return InvalidArgument(Format("--budget takes 1 to %u steps", check::kSearchStepsMax));
  }
  return InvalidArgument(Format("unknown flag %s", name));
}

absl::StatusOr<std::vector<uint32_t>> ParseLanes(std::string_view text) {
  std::vector<uint32_t> lanes;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    QUORATE_ASSIGN_OR_RETURN(const uint64_t node, ParseNumber(text.substr(0, comma)));
    if (node > UINT16_MAX) return InvalidArgument(Format("there is no node %u", node));
    lanes.push_back(static_cast<uint32_t>(node));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  std::sort(lanes.begin(), lanes.end());
  lanes.erase(std::unique(lanes.begin(), lanes.end()), lanes.end());
  if (lanes.empty()) return InvalidArgument("--lanes takes numbers of nodes: 0,3,4");
  return lanes;
}

absl::Status SetFaultFlag(std::string_view name, std::string_view value, Arguments& out) {
  if (name != "--fault" && name != "--faults") return SetCheckFlag(name, value, out);
  if (name == "--faults" ? out.faults || !out.faults_file.empty() : !out.faults_file.empty()) {
    return InvalidArgument("--faults FILE stands once, and without --fault");
  }
  if (name == "--faults") {
    out.faults_file = value;
  } else {
    out.faults = (out.faults ? *out.faults + '\n' : std::string()) + std::string(value);
  }
  return absl::OkStatus();
}

absl::Status SetPageFlag(std::string_view name, std::string_view value, Arguments& out) {
  if (name == "--from") {
    QUORATE_ASSIGN_OR_RETURN(out.from, ParseDuration(value));
  } else if (name == "--until") {
    QUORATE_ASSIGN_OR_RETURN(out.until, ParseDuration(value));
  } else if (name == "--lanes") {
    QUORATE_ASSIGN_OR_RETURN(out.lanes, ParseLanes(value));
  } else {
    return SetFaultFlag(name, value, out);
  }
  if (out.from && out.until && *out.from >= *out.until) {
    return InvalidArgument("--until is not after --from");
  }
  return absl::OkStatus();
}

absl::Status SetText(std::string_view name, std::string_view value, Arguments& out) {
  if (name == "--trace")
    out.trace = value;
  else if (name == "--record")
    out.record = value;
  else if (name == "--keep")
    out.keep = value;
  else if (name == "--why")
    out.why = value;
  else if (name == "--watch")
    out.watch = value;
  else if (name == "--bug")
    out.bug = value;
  else if (name == "--out")
    out.out = value;
  else if (name == "--page")
    out.page = value;
  else if (name == "--key")
    out.key = value;
  else if (name == "--format")
    out.format = value;
  else if (name == "--good")
    out.good = value;
  else if (name == "--bad")
    out.bad = value;
  else if (name == "--build")
    out.build = value;
  else
    return SetPageFlag(name, value, out);
  return absl::OkStatus();
}

absl::Status SetFlag(std::string_view name, std::string_view value, Arguments& out) {
  if (name == "--seed" || name == "--seeds") {
    QUORATE_ASSIGN_OR_RETURN(out.seeds, ParseSeeds(value));
    out.many = name == "--seeds";
    return absl::OkStatus();
  }
  if (name == "--jobs") {
    QUORATE_ASSIGN_OR_RETURN(const uint64_t jobs, ParseNumber(value));
    if (jobs == 0 || jobs > kJobsMax) return InvalidArgument("--jobs takes 1 to 256");
    out.jobs = static_cast<uint32_t>(jobs);
    return absl::OkStatus();
  }
  if (name == "--nodes") {
    QUORATE_ASSIGN_OR_RETURN(const uint64_t nodes, ParseNumber(value));
    if (nodes == 0 || nodes > UINT16_MAX) return InvalidArgument("--nodes takes 1 to 65535");
    out.nodes = static_cast<uint32_t>(nodes);
    return absl::OkStatus();
  }
  if (name == "--for") {
    QUORATE_ASSIGN_OR_RETURN(out.duration, ParseDuration(value));
    return absl::OkStatus();
  }
  if (name == "--for-time") {
    QUORATE_ASSIGN_OR_RETURN(out.time_limit, ParseDuration(value));
    return absl::OkStatus();
  }
  if (name == "--depth") {
    QUORATE_ASSIGN_OR_RETURN(const uint64_t depth, ParseNumber(value));
    if (depth == 0 || depth > kDepthMax) return InvalidArgument("--depth takes 1 to 1000000");
    out.depth = static_cast<uint32_t>(depth);
    return absl::OkStatus();
  }
  if (name == "--ranges") {
    QUORATE_ASSIGN_OR_RETURN(const uint64_t ranges, ParseNumber(value));
    if (ranges == 0 || ranges > kRangesMax) return InvalidArgument("--ranges takes 1 to 99");
    out.ranges = static_cast<uint32_t>(ranges);
    return absl::OkStatus();
  }
  if (name == "--children") {
    QUORATE_ASSIGN_OR_RETURN(const uint64_t children, ParseNumber(value));
    if (children > kChildrenMax) return InvalidArgument("--children takes 0 to 16");
    out.children = static_cast<uint32_t>(children);
    return absl::OkStatus();
  }
  if (name == "--pairs") {
    QUORATE_ASSIGN_OR_RETURN(out.pairs, ParseNumber(value));
    if (out.pairs > 0 && out.pairs <= kPairsMax) return absl::OkStatus();
    return InvalidArgument("--pairs takes 1 to 10000000");
  }
  if (name == "--epochs") {
    QUORATE_ASSIGN_OR_RETURN(out.epochs, ParseEpochs(value));
    return absl::OkStatus();
  }
  return SetText(name, value, out);
}

}  // namespace

absl::StatusOr<Duration> ParseDuration(std::string_view text) {
  struct Unit {
    std::string_view suffix;
    Duration length;
  };
  constexpr std::array<Unit, 4> kUnits = {
      {{"ms", 1ms}, {"s", 1s}, {"m", std::chrono::minutes(1)}, {"h", std::chrono::hours(1)}}};
  std::string_view digits = text;
  Duration unit = 1s;
  for (const Unit& candidate : kUnits) {
    if (!text.ends_with(candidate.suffix)) continue;
    digits.remove_suffix(candidate.suffix.size());
    unit = candidate.length;
    break;
  }
  const absl::StatusOr<uint64_t> number = ParseNumber(digits);
  const auto most = static_cast<uint64_t>(Duration(std::chrono::seconds(kSecondsMax)) / unit);
  if (!number.ok() || *number == 0 || *number > most) {
    return InvalidArgument(Format("'%s' is not a time; examples: 250ms, 90s, 10m, 1h", text));
  }
  return unit * static_cast<int64_t>(*number);
}

absl::StatusOr<SeedRange> ParseSeeds(std::string_view text) {
  const size_t dots = text.find("..");
  const absl::StatusOr<uint64_t> first = ParseNumber(text.substr(0, dots));
  const absl::StatusOr<uint64_t> last =
      dots == std::string_view::npos ? first : ParseNumber(text.substr(dots + 2));
  if (!first.ok() || !last.ok()) {
    return InvalidArgument(
        Format("'%s' is no seed and no range of seeds; examples: 7, 1..500", text));
  }
  if (*first > *last) {
    return InvalidArgument(Format("'%s': the last seed is before the first", text));
  }
  return SeedRange{*first, *last};
}

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string_view>& words) {
  Arguments out;
  if (words.empty()) return InvalidArgument("no command; try 'quorate-sim help'");
  out.command = IsHelp(words.front()) ? "help" : words.front();
  for (size_t i = 1; i < words.size(); ++i) {
    if (IsHelp(words[i])) {
      out.help = true;
    } else if (!words[i].starts_with("--")) {
      out.operands.emplace_back(words[i]);
    } else if (words[i] == "--log") {
      out.log = true;
    } else if (words[i] == "--effects") {
      out.effects = true;
    } else if (words[i] == "--figures") {
      out.figures = true;
    } else if (words[i] == "--all-marks") {
      out.all_marks = true;
    } else if (words[i] == "--any-build") {
      out.any_build = true;
    } else if (words[i] == "--shrink") {
      out.shrink = true;
    } else if (i + 1 == words.size()) {
      return InvalidArgument(Format("%s needs a value", words[i]));
    } else {
      const absl::Status set = SetFlag(words[i], words[i + 1], out);
      if (!set.ok()) return InvalidArgument(Named(words[i], MessageOf(set)));
      ++i;
    }
  }
  return out;
}

}  // namespace quorate::sim
