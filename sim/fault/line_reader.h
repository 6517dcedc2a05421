// SPDX-License-Identifier: Apache-2.0
// One line of text, read from left to right along one of several ways (parse_words.h). Every
// reading function skips blanks first, and is false, at the place where it was, for what is not
// there. Of all ways the reader remembers what the ones that came farthest would have gone on with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quorate::sim {

class LineReader {
 public:
  // `line` outlives this.
  explicit LineReader(std::string_view line) : line_(line) {}

  // Where the next word begins.
  size_t Here();
  void GoTo(size_t at) { at_ = at; }
  bool AtEnd();

  // The word as it stands and no longer one; signs end by themselves.
  bool Literal(std::string_view word);
  // The same, but that nobody is told that it could have been there.
  bool Maybe(std::string_view word);
  // Digits alone.
  bool Number(uint64_t max, uint64_t& out, std::string_view expected);
  // A number of units, with or without a fraction, that comes to a whole number of smaller ones.
  struct Unit {
    std::string_view name;
    uint64_t size;
  };
  bool Quantity(std::span<const Unit> units, uint64_t& out, std::string_view expected);
  // Letters, digits and hyphens; empty: there are none.
  std::string_view Word();

  // What would have been right here; always false.
  bool Expected(std::string_view what);
  // Why what stands at `at` is wrong though it looks right; always false.
  bool Wrong(size_t at, std::string why);
  // "column 7: 'x' where 'at' should be".
  [[nodiscard]] std::string Complaint() const;

 private:
  void SkipBlanks();
  // Whether what is said here is worth remembering.
  bool IsFarthest();

  std::string_view line_;
  size_t at_ = 0;
  size_t farthest_ = 0;
  size_t complaint_at_ = 0;            // there, or what ends there
  std::vector<std::string> expected_;  // there
  std::string why_;                    // it ends; goes before the above
};

// In microseconds.
inline constexpr std::array kTimeUnits = {
    LineReader::Unit{"us", 1}, LineReader::Unit{"ms", 1'000}, LineReader::Unit{"s", 1'000'000},
    LineReader::Unit{"min", 60'000'000}, LineReader::Unit{"h", 3'600'000'000}};

}  // namespace quorate::sim
