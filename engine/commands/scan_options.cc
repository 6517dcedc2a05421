// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/scan_options.h"

#include "engine/commands/errors.h"
#include "engine/commands/glob.h"
#include "engine/commands/text.h"

namespace quorate::commands {

bool ScanOptions::NameMatches(std::string_view name) const {
  return !pattern.has_value() || GlobMatches(*pattern, name);
}

bool ScanOptions::TypeMatches(keyspace::ObjectType object_type) const {
  return !type.has_value() || IsWord(*type, NameOf(object_type));
}

std::optional<uint64_t> ParseCursor(std::string_view text) {
  if (text.empty()) return 0;
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  const auto number = ParseUnsigned(text);
  if (!number.has_value()) return std::nullopt;
  return negative ? ~*number + 1 : *number;
}

std::string_view ParseScanOptions(Arguments options, bool with_type, ScanOptions& parsed) {
  for (size_t i = 0; i < options.size(); i += 2) {
    if (i + 1 == options.size()) return errors::kSyntax;
    const std::string_view value = options[i + 1];
    if (IsWord(options[i], "count")) {
      const auto count = keyspace::ParseInteger(value);
      if (!count.has_value()) return errors::kNotInteger;
      if (*count < 1) return errors::kSyntax;
      parsed.count = static_cast<uint64_t>(*count);
    } else if (IsWord(options[i], "match")) {
      parsed.pattern = value == "*" ? std::nullopt : std::optional(value);
    } else if (with_type && IsWord(options[i], "type")) {
      parsed.type = value;
    } else {
      return errors::kSyntax;
    }
  }
  return {};
}

std::string_view NameOf(keyspace::ObjectType type) {
  switch (type) {
    case keyspace::ObjectType::kNone:
      return "none";
    case keyspace::ObjectType::kString:
      return "string";
    case keyspace::ObjectType::kHash:
      return "hash";
    case keyspace::ObjectType::kSet:
      return "set";
    case keyspace::ObjectType::kSortedSet:
      return "zset";
    case keyspace::ObjectType::kList:
      return "list";
    case keyspace::ObjectType::kStream:
      return "stream";
  }
  return "none";
}

}  // namespace quorate::commands
