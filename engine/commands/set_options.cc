// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/set_options.h"

#include <limits>

#include "engine/commands/errors.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

constexpr int64_t kMsPerSecond = 1000;
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

ExpiryUnit UnitOf(std::string_view word) {
  if (IsWord(word, "ex")) return ExpiryUnit::kSeconds;
  if (IsWord(word, "px")) return ExpiryUnit::kMilliseconds;
  if (IsWord(word, "exat")) return ExpiryUnit::kUnixSeconds;
  if (IsWord(word, "pxat")) return ExpiryUnit::kUnixMilliseconds;
  return ExpiryUnit::kNone;
}

// EX, PX, EXAT and PXAT exclude each other, KEEPTTL and PERSIST; the same one twice is allowed.
bool TakeExpiry(SetOptions& options, std::string_view word, Arguments all, size_t& at) {
  const ExpiryUnit unit = UnitOf(word);
  if (unit == ExpiryUnit::kNone || options.keep_deadline || options.persist) return false;
  if (options.unit != ExpiryUnit::kNone && options.unit != unit) return false;
  if (at + 1 == all.size()) return false;
  options.unit = unit;
  options.expiry = all[++at];
  return true;
}

bool TakeSetOption(SetOptions& options, std::string_view word) {
  if (IsWord(word, "nx") && !options.if_present) return options.if_absent = true;
  if (IsWord(word, "xx") && !options.if_absent) return options.if_present = true;
  if (IsWord(word, "get")) return options.get = true;
  if (IsWord(word, "keepttl") && options.unit == ExpiryUnit::kNone) {
    return options.keep_deadline = true;
  }
  return false;
}

bool IsRelative(ExpiryUnit unit) {
  return unit == ExpiryUnit::kSeconds || unit == ExpiryUnit::kMilliseconds;
}

}  // namespace

std::optional<SetOptions> ParseSetOptions(Arguments options) {
  SetOptions parsed;
  for (size_t i = 0; i < options.size(); ++i) {
    const std::string_view word = options[i];
    if (!TakeSetOption(parsed, word) && !TakeExpiry(parsed, word, options, i)) return std::nullopt;
  }
  return parsed;
}

std::optional<SetOptions> ParseGetExOptions(Arguments options) {
  SetOptions parsed;
  for (size_t i = 0; i < options.size(); ++i) {
    const std::string_view word = options[i];
    if (IsWord(word, "persist") && parsed.unit == ExpiryUnit::kNone) {
      parsed.persist = true;
    } else if (!TakeExpiry(parsed, word, options, i)) {
      return std::nullopt;
    }
  }
  return parsed;
}

std::optional<int64_t> ParseExpiry(std::string_view text, ExpiryUnit unit, HybridTime now,
                                   std::string_view command, ReplySink& reply) {
  const auto number = keyspace::ParseInteger(text);
  if (!number.has_value()) {
    reply.Error(errors::kNotInteger);
    return std::nullopt;
  }
  const bool seconds = unit == ExpiryUnit::kSeconds || unit == ExpiryUnit::kUnixSeconds;
  if (*number > 0 && (!seconds || *number <= kMax / kMsPerSecond)) {
    const int64_t ms = seconds ? *number * kMsPerSecond : *number;
    if (!IsRelative(unit)) return ms;
    if (ms <= kMax - now.ms()) return ms + now.ms();
  }
  reply.Error(Concat({"ERR invalid expire time in '", command, "' command"}));
  return std::nullopt;
}

}  // namespace quorate::commands
