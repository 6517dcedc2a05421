// SPDX-License-Identifier: Apache-2.0
// The arguments that SCAN and HSCAN share: cursor, MATCH, COUNT and TYPE.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/commands/command.h"

namespace quorate::commands {

struct ScanOptions {
  uint64_t count = 10;                      // how much to look at, more or less
  std::optional<std::string_view> pattern;  // of the name; nothing: all match
  std::optional<std::string_view> type;     // as TYPE names it, in any case

  [[nodiscard]] bool NameMatches(std::string_view name) const;
  [[nodiscard]] bool TypeMatches(keyspace::ObjectType object_type) const;
};

inline constexpr std::string_view kInvalidCursor = "ERR invalid cursor";

// 64 bits, decimal; as in C an empty text is 0 and a sign is allowed. Nothing: kInvalidCursor.
[[nodiscard]] std::optional<uint64_t> ParseCursor(std::string_view text);

// What follows the cursor. Returns the error, empty where there is none. TYPE is taken only where
// `with_type`.
[[nodiscard]] std::string_view ParseScanOptions(Arguments options, bool with_type,
                                                ScanOptions& parsed);

// As TYPE answers: "string", "hash", "none".
[[nodiscard]] std::string_view NameOf(keyspace::ObjectType type);

}  // namespace quorate::commands
