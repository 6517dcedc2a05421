// SPDX-License-Identifier: Apache-2.0
#include "sim/fault/line_reader.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "engine/base/status.h"

namespace quorate::sim {
namespace {

constexpr size_t kShownBytes = 24;
constexpr size_t kFractionDigitsMax = 9;
// So that sums of two stay numbers.
constexpr uint64_t kQuantityMax = std::numeric_limits<uint64_t>::max() / 4;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsOfWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || IsDigit(c) || c == '-';
}

// Whether it stands there as a whole. Signs end by themselves.
bool Begins(std::string_view text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  const bool sign = word == "-" || !IsOfWord(word.back());
  return sign || text.size() == word.size() || !IsOfWord(text[word.size()]);
}

struct Number10 {
  uint64_t whole = 0;
  uint64_t fraction = 0;  // above `scale`
  uint64_t scale = 1;
};

// Of a unit of this size; nothing where that is no whole number, or too large.
std::optional<uint64_t> Times(const Number10& number, uint64_t size) {
  if (number.whole > kQuantityMax / size - 1) return std::nullopt;
  const uint64_t above = number.fraction * size;
  if (above % number.scale != 0) return std::nullopt;
  return number.whole * size + above / number.scale;
}

}  // namespace

void LineReader::SkipBlanks() {
  while (at_ < line_.size() && IsBlank(line_[at_])) ++at_;
}

size_t LineReader::Here() {
  SkipBlanks();
  return at_;
}

bool LineReader::AtEnd() { return Here() == line_.size(); }

bool LineReader::Maybe(std::string_view word) {
  if (!Begins(line_.substr(Here()), word)) return false;
  at_ += word.size();
  return true;
}

bool LineReader::Literal(std::string_view word) {
  return Maybe(word) || Expected(Format("'%s'", word));
}

bool LineReader::Number(uint64_t max, uint64_t& out, std::string_view expected) {
  const size_t at = Here();
  const char* const begin = line_.data() + at;
  const char* const line_end = line_.data() + line_.size();
  if (begin == line_end || !IsDigit(*begin)) return Expected(expected);
  const auto [end, error] = std::from_chars(begin, line_end, out);
  at_ += static_cast<size_t>(end - begin);
  return (error == std::errc() && out <= max) || Wrong(at, Format("more than %u", max));
}

std::string_view LineReader::Word() {
  SkipBlanks();
  const size_t begin = at_;
  while (at_ < line_.size() && IsOfWord(line_[at_])) ++at_;
  return line_.substr(begin, at_ - begin);
}

bool LineReader::Quantity(std::span<const Unit> units, uint64_t& out, std::string_view expected) {
  SkipBlanks();
  const size_t begin = at_;
  const auto missing = [&] {
    at_ = begin;
    return Expected(expected);
  };
  Number10 number;
  if (begin == line_.size() || !IsDigit(line_[begin])) return missing();
  if (!Number(kQuantityMax, number.whole, expected)) return false;
  if (at_ < line_.size() && line_[at_] == '.') {
    const size_t point = at_++;
    for (; at_ < line_.size() && IsDigit(line_[at_]); ++at_) {
      if (at_ - point > kFractionDigitsMax) return Wrong(begin, "too many digits");
      number.fraction = number.fraction * 10 + static_cast<uint64_t>(line_[at_] - '0');
      number.scale *= 10;
    }
    if (at_ == point + 1) return missing();
  }
  SkipBlanks();
  for (const Unit& unit : units) {
    const std::string_view rest = line_.substr(at_);
    if (!Begins(rest, unit.name)) continue;
    const std::optional<uint64_t> value = Times(number, unit.size);
    if (!value) return Wrong(begin, "too large, or too many digits");
    out = *value;
    at_ += unit.name.size();
    return true;
  }
  return missing();
}

bool LineReader::IsFarthest() {
  if (Here() < farthest_) return false;
  if (at_ > farthest_) {
    expected_.clear();
    why_.clear();
    farthest_ = at_;
  }
  return true;
}

bool LineReader::Expected(std::string_view what) {
  if (!IsFarthest()) return false;
  if (why_.empty()) complaint_at_ = at_;
  if (std::find(expected_.begin(), expected_.end(), what) == expected_.end()) {
    expected_.emplace_back(what);
  }
  return false;
}

bool LineReader::Wrong(size_t at, std::string why) {
  if (!IsFarthest()) return false;
  why_ = std::move(why);
  complaint_at_ = at;
  return false;
}

std::string LineReader::Complaint() const {
  size_t end = complaint_at_;
  while (end < line_.size() && end < complaint_at_ + kShownBytes && !IsBlank(line_[end])) ++end;
  std::string found = "the end of the line";
  if (end > complaint_at_) {
    found.assign(line_.substr(complaint_at_, end - complaint_at_));
    std::replace_if(
        found.begin(), found.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
    found = "'" + found + "'";
  }
  const std::string column = Format("column %u: ", complaint_at_ + 1);
  if (!why_.empty()) return column + found + ": " + why_;
  std::string right;
  for (size_t i = 0; i < expected_.size(); ++i) {
    right += (i == 0 ? "" : i + 1 == expected_.size() ? " or " : ", ") + expected_[i];
  }
  return column + found + " where " + right + " should be";
}

}  // namespace quorate::sim
