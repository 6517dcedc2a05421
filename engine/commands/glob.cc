// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/glob.h"

#include <algorithm>
#include <cstddef>

#include "engine/commands/limits.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

// What one element of a pattern says about one byte, and where the next element begins.
struct Element {
  bool matches = false;
  size_t next = 0;
};

class Matcher {
 public:
  Matcher(std::string_view pattern, bool ignore_case)
      : pattern_(pattern), ignore_case_(ignore_case) {}

  [[nodiscard]] bool Matches(std::string_view text) const {
    size_t at = 0;  // in the pattern
    size_t i = 0;   // in the text
    size_t star = std::string_view::npos;
    size_t star_text = 0;
    // Any text is walked through once for free.
    const size_t steps_max = kGlobStepsMax + 2 * (text.size() + pattern_.size());
    for (size_t steps = 0; i < text.size(); ++steps) {
      if (steps > steps_max) return false;
      if (at < pattern_.size() && pattern_[at] == '*') {
        star = at++;
        star_text = i;
        continue;
      }
      const Element element = at < pattern_.size() ? Compare(at, text[i]) : Element{};
      if (element.matches) {
        at = element.next;
        ++i;
      } else if (star != std::string_view::npos) {
        at = star + 1;
        i = ++star_text;
      } else {
        return false;
      }
    }
    return pattern_.find_first_not_of('*', at) == std::string_view::npos;
  }

 private:
  [[nodiscard]] char Fold(char c) const { return ignore_case_ ? LowerOf(c) : c; }
  [[nodiscard]] bool Equal(char a, char b) const { return Fold(a) == Fold(b); }

  [[nodiscard]] Element Compare(size_t at, char c) const {
    switch (pattern_[at]) {
      case '?':
        return {true, at + 1};
      case '[':
        return CompareSet(at + 1, c);
      case '\\':
        if (at + 1 < pattern_.size()) ++at;
        break;
      default:
        break;
    }
    return {Equal(pattern_[at], c), at + 1};
  }

  // A set that is not closed ends with the pattern.
  [[nodiscard]] Element CompareSet(size_t at, char c) const {
    const bool negated = at < pattern_.size() && pattern_[at] == '^';
    if (negated) ++at;
    bool found = false;
    for (; at < pattern_.size() && pattern_[at] != ']'; ++at) {
      if (pattern_[at] == '\\' && at + 1 < pattern_.size()) {
        ++at;
        found |= Equal(pattern_[at], c);
      } else if (at + 2 < pattern_.size() && pattern_[at + 1] == '-') {
        const char from = Fold(pattern_[at]);
        const char to = Fold(pattern_[at + 2]);
        found |= Fold(c) >= std::min(from, to) && Fold(c) <= std::max(from, to);
        at += 2;
      } else {
        found |= Equal(pattern_[at], c);
      }
    }
    return {found != negated, std::min(at + 1, pattern_.size())};
  }

  std::string_view pattern_;
  bool ignore_case_;
};

}  // namespace

bool GlobMatches(std::string_view pattern, std::string_view text, bool ignore_case) {
  return Matcher(pattern, ignore_case).Matches(text);
}

}  // namespace quorate::commands
