// SPDX-License-Identifier: Apache-2.0
// A configuration before it means anything: scalars, lists and maps, each with the place it came
// from. A YAML file, the command line and the builder of the public API all become this one tree,
// so every setting is checked once, in one way, and every refusal can name its place.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quorate::io {

// Where a setting was written: a file with line and column, or a flag (line 0).
struct Position {
  std::string source;
  int line = 0;
  int column = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

// "file:3:7", or the name of the flag alone.
[[nodiscard]] std::string TextOf(const Position& position);

struct Problem {
  Position position;
  std::string reason;
};

// "file:3:7: the reason".
[[nodiscard]] std::string TextOf(const Problem& problem);
// One problem per line, without a line end behind the last.
[[nodiscard]] std::string TextOf(const std::vector<Problem>& problems);

struct Entry;

struct Value {
  enum class Kind : uint8_t { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  Position position;
  std::string scalar;
  std::vector<Value> items;    // of a list
  std::vector<Entry> entries;  // of a map, in the order of the text

  // The value of `key`; null where there is none.
  [[nodiscard]] const Value* Find(std::string_view key) const;
  // The value under `key`, added where there is none. Makes this value a map.
  Value& Child(std::string_view key, const Position& where);
};

struct Entry {
  std::string key;
  Position position;
  Value value;
};

[[nodiscard]] Value ScalarValue(std::string_view text, const Position& position);
[[nodiscard]] Value MapValue(const Position& position);

}  // namespace quorate::io
