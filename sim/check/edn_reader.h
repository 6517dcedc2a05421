// SPDX-License-Identifier: Apache-2.0
// The little of EDN (Clojure's notation) that histories are written in, one line at a time: words,
// keywords, integers, strings and brackets. Blanks and commas separate.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace quorate::sim::check {

struct EdnToken {
  enum class Kind : uint8_t { kEnd, kKeyword, kInteger, kString, kNothing, kOpen, kClose };
  Kind kind = Kind::kEnd;
  // Of a keyword without its colon; of an integer its digits, of a string its bytes, of a bracket
  // itself.
  std::string text;
};

class EdnReader {
 public:
  explicit EdnReader(std::string_view line) : rest_(line) {}

  // InvalidArgument says what is wrong, without a line.
  absl::StatusOr<EdnToken> Next();

 private:
  absl::StatusOr<EdnToken> String();
  std::string_view rest_;
};

}  // namespace quorate::sim::check
