// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/epoch_list.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "sim/core/limits.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kDelays = "delays";

// What is in front of `end`, which is taken away with it.
std::string_view Take(std::string_view& text, char end) {
  const size_t at = std::min(text.find(end), text.size());
  const std::string_view word = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return word;
}

std::optional<uint64_t> ParseWord(std::string_view word) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole = error == std::errc() && end == word.data() + word.size();
  return whole ? std::optional(value) : std::nullopt;
}

}  // namespace

absl::StatusOr<std::vector<DrawEpoch>> ParseEpochs(std::string_view text) {
  std::vector<DrawEpoch> epochs;
  for (bool more = true; more;) {
    more = text.find(',') != std::string_view::npos;
    const std::string_view whole = Take(text, ',');
    std::string_view rest = whole;
    const std::optional<uint64_t> from = ParseWord(Take(rest, ':'));
    const std::optional<uint64_t> salt = ParseWord(Take(rest, ':'));
    if (!from || !salt || whole.ends_with(':') || (!rest.empty() && rest != kDelays)) {
      return InvalidArgument(
          Format("'%s' is no epoch; examples: 17250301:82736, 17250301:5:delays", whole));
    }
    const SimTime time{*from};
    if (!epochs.empty() && time < epochs.back().from) {
      return InvalidArgument(Format("the epoch '%s' begins before the one in front of it", whole));
    }
    epochs.push_back({time, *salt, rest.empty() ? EpochScope::kAll : EpochScope::kDelays});
    if (epochs.size() > kEpochsMax) {
      return InvalidArgument(Format("--epochs takes at most %u", kEpochsMax));
    }
  }
  return epochs;
}

std::string Describe(std::span<const DrawEpoch> epochs) {
  std::string text;
  for (const DrawEpoch& epoch : epochs) {
    if (!text.empty()) text += ',';
    text += Format("%u:%u", epoch.from.us, epoch.salt);
    if (epoch.scope == EpochScope::kDelays) text += Format(":%s", kDelays);
  }
  return text;
}

}  // namespace quorate::sim
