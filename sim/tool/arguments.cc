// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/arguments.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <type_traits>
#include <utility>

#include "sim/fault/line_reader.h"
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

// What a flag's value sets. What is wrong with it is said without the name of the flag.
using Setter = absl::Status (*)(std::string_view value, Arguments& out);

template <std::string Arguments::*kMember>
absl::Status SetText(std::string_view value, Arguments& out) {
  out.*kMember = value;
  return absl::OkStatus();
}

template <auto kMember, uint64_t kLeast, uint64_t kMost>
absl::Status SetNumber(std::string_view value, Arguments& out) {
  QUORATE_ASSIGN_OR_RETURN(const uint64_t number, ParseNumber(value));
  if (number < kLeast || number > kMost) {
    return InvalidArgument(Format("%u is not from %u to %u", number, kLeast, kMost));
  }
  if constexpr (std::is_same_v<decltype(kMember), uint64_t Arguments::*>) {
    out.*kMember = number;
  } else {
    out.*kMember = static_cast<uint32_t>(number);
  }
  return absl::OkStatus();
}

template <std::optional<Duration> Arguments::*kMember>
absl::Status SetTime(std::string_view value, Arguments& out) {
  QUORATE_ASSIGN_OR_RETURN(out.*kMember, ParseDuration(value));
  return absl::OkStatus();
}

absl::Status SetSeed(std::string_view value, Arguments& out) {
  QUORATE_ASSIGN_OR_RETURN(out.seeds, ParseSeeds(value));
  out.many = false;
  return absl::OkStatus();
}

absl::Status SetSeeds(std::string_view value, Arguments& out) {
  QUORATE_RETURN_IF_ERROR(SetSeed(value, out));
  out.many = true;
  return absl::OkStatus();
}

absl::Status SetEpochs(std::string_view value, Arguments& out) {
  QUORATE_ASSIGN_OR_RETURN(out.epochs, ParseEpochs(value));
  return absl::OkStatus();
}

absl::Status AddFault(std::string_view value, Arguments& out) {
  out.faults = (out.faults ? *out.faults + '\n' : std::string()) + std::string(value);
  return absl::OkStatus();
}

absl::Status SetFaultsFile(std::string_view value, Arguments& out) {
  if (!out.faults_file.empty()) return InvalidArgument("stands once");
  out.faults_file = value;
  return absl::OkStatus();
}

absl::Status SetLanes(std::string_view value, Arguments& out) {
  std::vector<uint32_t> lanes;
  while (!value.empty()) {
    const size_t comma = std::min(value.find(','), value.size());
    QUORATE_ASSIGN_OR_RETURN(const uint64_t node, ParseNumber(value.substr(0, comma)));
    if (node > UINT16_MAX) return InvalidArgument(Format("there is no node %u", node));
    lanes.push_back(static_cast<uint32_t>(node));
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  std::sort(lanes.begin(), lanes.end());
  lanes.erase(std::unique(lanes.begin(), lanes.end()), lanes.end());
  if (lanes.empty()) return InvalidArgument("takes numbers of nodes; example: 0,3,4");
  out.lanes = std::move(lanes);
  return absl::OkStatus();
}

struct Flag {
  std::string_view name;
  Setter set;
};
constexpr std::array kFlags = {
    Flag{"--bad", SetText<&Arguments::bad>},
    Flag{"--budget", SetNumber<&Arguments::budget, 1, check::kSearchStepsMax>},
    Flag{"--bug", SetText<&Arguments::bug>},
    Flag{"--build", SetText<&Arguments::build>},
    Flag{"--children", SetNumber<&Arguments::children, 0, kChildrenMax>},
    Flag{"--depth", SetNumber<&Arguments::depth, 1, kDepthMax>},
    Flag{"--epochs", SetEpochs},
    Flag{"--fault", AddFault},
    Flag{"--faults", SetFaultsFile},
    Flag{"--for", SetTime<&Arguments::duration>},
    Flag{"--for-time", SetTime<&Arguments::time_limit>},
    Flag{"--format", SetText<&Arguments::format>},
    Flag{"--from", SetTime<&Arguments::from>},
    Flag{"--good", SetText<&Arguments::good>},
    Flag{"--jobs", SetNumber<&Arguments::jobs, 1, kJobsMax>},
    Flag{"--keep", SetText<&Arguments::keep>},
    Flag{"--key", SetText<&Arguments::key>},
    Flag{"--lanes", SetLanes},
    Flag{"--model", SetText<&Arguments::model>},
    Flag{"--nodes", SetNumber<&Arguments::nodes, 1, UINT16_MAX>},
    Flag{"--out", SetText<&Arguments::out>},
    Flag{"--page", SetText<&Arguments::page>},
    Flag{"--pairs", SetNumber<&Arguments::pairs, 1, kPairsMax>},
    Flag{"--ranges", SetNumber<&Arguments::ranges, 1, kRangesMax>},
    Flag{"--record", SetText<&Arguments::record>},
    Flag{"--seed", SetSeed},
    Flag{"--seeds", SetSeeds},
    Flag{"--trace", SetText<&Arguments::trace>},
    Flag{"--until", SetTime<&Arguments::until>},
    Flag{"--watch", SetText<&Arguments::watch>},
    Flag{"--why", SetText<&Arguments::why>},
};

struct Switch {
  std::string_view name;
  bool Arguments::*member;
};
constexpr std::array kSwitches = {
    Switch{"--all-marks", &Arguments::all_marks},
    Switch{"--any-build", &Arguments::any_build},
    Switch{"--effects", &Arguments::effects},
    Switch{"--figures", &Arguments::figures},
    Switch{"--help", &Arguments::help},
    Switch{"-h", &Arguments::help},
    Switch{"--log", &Arguments::log},
    Switch{"--shrink", &Arguments::shrink},
};

template <size_t N, typename Row>
const Row* Named(const std::array<Row, N>& rows, std::string_view name) {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return row.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

// What no flag sees alone.
absl::Status CheckTogether(const Arguments& arguments) {
  if (arguments.faults && !arguments.faults_file.empty()) {
    return InvalidArgument("--faults FILE stands without --fault");
  }
  if (arguments.from && arguments.until && *arguments.from >= *arguments.until) {
    return InvalidArgument("--until is not after --from");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Duration> ParseDuration(std::string_view text) {
  // Seconds need no unit, and minutes no more than a letter.
  std::string whole(text);
  if (ParseNumber(text).ok()) whole += "s";
  if (text.ends_with('m')) whole += "in";
  LineReader reader(whole);
  uint64_t us = 0;
  constexpr uint64_t kMost = uint64_t{kSecondsMax} * 1'000'000;
  if (!reader.Quantity(kTimeUnits, us, {}) || !reader.AtEnd() || us == 0 || us > kMost ||
      text.find(' ') != std::string_view::npos) {
    return InvalidArgument(Format("'%s' is not a time; examples: 250ms, 90s, 10m, 1h", text));
  }
  return Duration(static_cast<int64_t>(us));
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
    const std::string_view word = words[i];
    if (const Switch* on = Named(kSwitches, word)) {
      out.*(on->member) = true;
      continue;
    }
    if (!word.starts_with("--")) {
      out.operands.emplace_back(word);
      continue;
    }
    const Flag* flag = Named(kFlags, word);
    if (flag == nullptr) return InvalidArgument(Format("unknown flag %s", word));
    if (++i == words.size()) return InvalidArgument(Format("%s needs a value", word));
    const absl::Status set = flag->set(words[i], out);
    if (!set.ok()) return InvalidArgument(Format("%s: %s", word, MessageOf(set)));
  }
  QUORATE_RETURN_IF_ERROR(CheckTogether(out));
  return out;
}

}  // namespace quorate::sim
