// SPDX-License-Identifier: Apache-2.0
// What a command answers, as a value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace quorate {

struct Reply {
  enum class Kind : uint8_t {
    kSimple,   // `text`: OK
    kError,    // `text`: ERR ..., WRONGTYPE ...
    kInteger,  // `integer`
    kBulk,     // `text`
    kNull,
    kDouble,    // `text`: the number as it was sent
    kBool,      // `integer` is 0 or 1
    kVerbatim,  // `text`
    kArray,     // `elements`
    kMap,       // `elements`: key, value, key, value...
    kSet,
  };

  Kind kind = Kind::kNull;
  std::string text;
  int64_t integer = 0;
  std::vector<Reply> elements;

  [[nodiscard]] bool IsError() const { return kind == Kind::kError; }
  [[nodiscard]] bool IsNull() const { return kind == Kind::kNull; }
  friend bool operator==(const Reply&, const Reply&) = default;
};

// One line for people: OK, (error) ERR ..., 42, "text", nil, [1, 2].
[[nodiscard]] std::string ToString(const Reply& reply);

}  // namespace quorate
