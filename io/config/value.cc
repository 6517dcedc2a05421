// SPDX-License-Identifier: Apache-2.0
#include "io/config/value.h"

namespace quorate::io {

std::string TextOf(const Position& position) {
  if (position.line == 0) return position.source;
  return position.source + ":" + std::to_string(position.line) + ":" +
         std::to_string(position.column);
}

std::string TextOf(const Problem& problem) {
  const std::string place = TextOf(problem.position);
  return place.empty() ? problem.reason : place + ": " + problem.reason;
}

std::string TextOf(const std::vector<Problem>& problems) {
  std::string text;
  for (const Problem& problem : problems) {
    if (!text.empty()) text += '\n';
    text += TextOf(problem);
  }
  return text;
}

const Value* Value::Find(std::string_view key) const {
  for (const Entry& entry : entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Value& Value::Child(std::string_view key, const Position& where) {
  kind = Kind::kMap;
  for (Entry& entry : entries) {
    if (entry.key == key) return entry.value;
  }
  Value value;
  value.position = where;
  entries.push_back({std::string(key), where, std::move(value)});
  return entries.back().value;
}

Value ScalarValue(std::string_view text, const Position& position) {
  Value value;
  value.kind = Value::Kind::kScalar;
  value.scalar = text;
  value.position = position;
  return value;
}

Value MapValue(const Position& position) {
  Value value;
  value.kind = Value::Kind::kMap;
  value.position = position;
  return value;
}

}  // namespace quorate::io
