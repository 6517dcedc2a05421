// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/config_value.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>

#include "engine/commands/text.h"
#include "engine/keyspace/object_view.h"

namespace quorate::commands {
namespace {

std::vector<std::string_view> SplitWords(std::string_view text, std::string_view separator) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + separator.size(), text.size()));
  }
  return words;
}

struct Unit {
  std::string_view name;
  int64_t bytes;
};
constexpr std::array<Unit, 8> kUnits = {{{"", 1},
                                         {"b", 1},
                                         {"k", 1000},
                                         {"kb", 1024},
                                         {"m", 1000 * 1000},
                                         {"mb", 1024 * 1024},
                                         {"g", 1000 * 1000 * 1000},
                                         {"gb", 1024 * 1024 * 1024}}};

// Digits and a unit; no digits count as zero.
std::optional<int64_t> ParseMemory(std::string_view text) {
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& known) {
    return IsWord(text.substr(digits), known.name);
  });
  if (unit == kUnits.end()) return std::nullopt;
  const auto count = digits == 0 ? uint64_t{0} : ParseUnsigned(text.substr(0, digits));
  int64_t bytes = 0;
  if (!count.has_value() || __builtin_mul_overflow(*count, unit->bytes, &bytes)) {
    return std::nullopt;
  }
  return bytes;
}

absl::StatusOr<ConfigValue> InRange(const ConfigRow& row, int64_t number) {
  if (number >= row.min && number <= row.max) return ConfigValue{ToDecimal(number), number};
  return InvalidArgument(Concat({"argument must be between ", ToDecimal(row.min), " and ",
                                 ToDecimal(row.max), " inclusive"}));
}

absl::StatusOr<ConfigValue> ParseMemorySetting(const ConfigRow& row, std::string_view text) {
  const auto bytes = ParseMemory(text);
  if (bytes.has_value()) return InRange(row, *bytes);
  if (row.type == ConfigType::kMemory) return InvalidArgument("argument must be a memory value");
  if (text.ends_with('%')) {
    const auto percent = ParseUnsigned(text.substr(0, text.size() - 1));
    if (percent.has_value() && *percent <= 100) return ConfigValue{std::string(text), 0};
    if (percent.has_value()) {
      return InvalidArgument("percentage argument must be less or equal to 100");
    }
  }
  return InvalidArgument("argument must be a memory or percent value");
}

absl::StatusOr<ConfigValue> ParseWords(const ConfigRow& row, std::string_view text) {
  const auto known = SplitWords(row.words, ", ");
  const auto given =
      row.type == ConfigType::kWord ? std::vector<std::string_view>{text} : SplitWords(text, " ");
  std::string canonical;
  for (const std::string_view word : given) {
    const auto at = std::find_if(known.begin(), known.end(),
                                 [word](std::string_view name) { return IsWord(word, name); });
    if (at == known.end()) {
      return InvalidArgument(Concat({"argument(s) must be one of the following: ", row.words}));
    }
    if (!canonical.empty()) canonical.push_back(' ');
    canonical.append(*at);
  }
  return ConfigValue{canonical, 0};
}

absl::StatusOr<ConfigValue> ParseSave(std::string_view text) {
  const auto words = SplitWords(text, " ");
  bool valid = words.size() % 2 == 0;
  for (size_t i = 0; i < words.size() && valid; ++i) {
    const auto number = keyspace::ParseInteger(words[i]);
    valid = number.has_value() && *number >= (i % 2 == 0 ? 1 : 0);
  }
  if (!valid) return InvalidArgument("Invalid save parameters");
  return ConfigValue{std::string(text), 0};
}

// A stands for all classes but K and E, which say where events go, and m and n, which are very
// many.
constexpr std::string_view kAllEvents = "g$lshzxetd";
constexpr std::string_view kOtherEvents = "KEmn";

absl::StatusOr<ConfigValue> ParseEvents(std::string_view text) {
  const auto wants = [text](char c) { return text.find(c) != std::string_view::npos; };
  for (const char c : text) {
    const bool known = c == 'A' || kAllEvents.find(c) != std::string_view::npos ||
                       kOtherEvents.find(c) != std::string_view::npos;
    if (!known) {
      return InvalidArgument("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
    }
  }
  std::string canonical;
  if (wants('A') || std::all_of(kAllEvents.begin(), kAllEvents.end(), wants)) {
    canonical = "A";
  } else {
    std::copy_if(kAllEvents.begin(), kAllEvents.end(), std::back_inserter(canonical), wants);
  }
  std::copy_if(kOtherEvents.begin(), kOtherEvents.end(), std::back_inserter(canonical), wants);
  return ConfigValue{canonical, 0};
}

constexpr size_t kBufferLimitWords = 4;

// Replaces the limits of the classes that are named; the others stay as they are held.
absl::StatusOr<ConfigValue> ParseBufferLimits(std::string_view text, std::string_view held) {
  const auto words = SplitWords(text, " ");
  if (words.empty() || words.size() % kBufferLimitWords != 0) {
    return InvalidArgument("Wrong number of arguments in buffer limit configuration.");
  }
  std::vector<std::string> all;
  for (const std::string_view word : SplitWords(held, " ")) all.emplace_back(word);
  for (size_t i = 0; i < words.size(); i += kBufferLimitWords) {
    const std::string name = IsWord(words[i], "replica") ? "slave" : LowerCase(words[i]);
    const auto at = std::find(all.begin(), all.end(), name);
    if (at == all.end() || ParseUnsigned(name).has_value()) {
      return InvalidArgument("Invalid client class specified in buffer limit configuration.");
    }
    for (size_t j = 1; j < kBufferLimitWords; ++j) {
      const auto number = ParseMemory(words[i + j]);
      if (!number.has_value()) {
        return InvalidArgument(
            "Error in hard, soft or soft_seconds setting in buffer limit configuration.");
      }
      at[static_cast<std::ptrdiff_t>(j)] = ToDecimal(*number);
    }
  }
  std::string canonical;
  for (const std::string& word : all) canonical.append(canonical.empty() ? "" : " ").append(word);
  return ConfigValue{canonical, 0};
}

// Digits, and maybe a point and digits; nullopt otherwise. True: at most 100.
std::optional<bool> IsPercentile(std::string_view word) {
  const size_t point = std::min(word.find('.'), word.size());
  const auto whole = ParseUnsigned(word.substr(0, point));
  const std::string_view fraction = word.substr(std::min(point + 1, word.size()));
  if (!whole.has_value() || fraction.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  const bool exact = fraction.find_first_not_of('0') == std::string_view::npos;
  return *whole < 100 || (*whole == 100 && exact);
}

absl::StatusOr<ConfigValue> ParsePercentiles(std::string_view text) {
  for (std::string_view word : SplitWords(text, " ")) {
    const bool negative = word.starts_with('-');
    if (negative) word.remove_prefix(1);
    const auto valid = IsPercentile(word);
    if (!valid.has_value()) {
      return InvalidArgument("Invalid latency-tracking-info-percentiles parameters");
    }
    if (negative || !*valid) {
      return InvalidArgument(
          "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]");
    }
  }
  return ConfigValue{std::string(text), 0};
}

constexpr size_t kOomScoreWords = 3;
constexpr int64_t kOomScoreMax = 2000;

absl::StatusOr<ConfigValue> ParseOomScores(std::string_view text) {
  const auto words = SplitWords(text, " ");
  if (words.size() != kOomScoreWords) return InvalidArgument("wrong number of arguments");
  for (const std::string_view word : words) {
    const auto score = keyspace::ParseInteger(word);
    if (!score.has_value() || *score < -kOomScoreMax || *score > kOomScoreMax) {
      return InvalidArgument(
          "Invalid oom-score-adj-values, elements must be between -2000 and 2000.");
    }
  }
  return ConfigValue{std::string(text), 0};
}

}  // namespace

absl::StatusOr<ConfigValue> ParseConfigValue(const ConfigRow& row, std::string_view text,
                                             std::string_view held) {
  switch (row.type) {
    case ConfigType::kText:
      return ConfigValue{std::string(text), 0};
    case ConfigType::kBool:
      if (IsWord(text, "yes")) return ConfigValue{"yes", 1};
      if (IsWord(text, "no")) return ConfigValue{"no", 0};
      return InvalidArgument("argument must be 'yes' or 'no'");
    case ConfigType::kInteger: {
      const auto number = keyspace::ParseInteger(text);
      if (!number.has_value()) {
        return InvalidArgument("argument couldn't be parsed into an integer");
      }
      return InRange(row, *number);
    }
    case ConfigType::kMemory:
    case ConfigType::kMemoryOrPercent:
      return ParseMemorySetting(row, text);
    case ConfigType::kWord:
    case ConfigType::kWordSet:
      return ParseWords(row, text);
    case ConfigType::kSave:
      return ParseSave(text);
    case ConfigType::kEvents:
      return ParseEvents(text);
    case ConfigType::kBufferLimits:
      return ParseBufferLimits(text, held);
    case ConfigType::kPercentiles:
      return ParsePercentiles(text);
    case ConfigType::kOomScores:
      return ParseOomScores(text);
  }
  return InvalidArgument("unknown type");
}

}  // namespace quorate::commands
