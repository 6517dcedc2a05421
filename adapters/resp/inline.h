// SPDX-License-Identifier: Apache-2.0
// Splits a line typed by hand into arguments, by the quoting rules of Redis: white space separates;
// "..." knows \n \r \t \b \a \xHH and takes any other escaped byte as it is; '...' knows only \';
// a closing quote must be followed by white space or the end of the line. Unquoting happens in
// place: what is left of an argument is never longer than what was written.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace quorate::resp {

class InlineSplitter {
 public:
  InlineSplitter(char* line, size_t size) : read_(line), end_(line + size) {}

  // The next argument; nothing at the end of the line and where quotes do not match.
  std::optional<std::span<char>> Next();
  // False once a quote was left open or was followed by more text.
  [[nodiscard]] bool balanced() const { return balanced_; }

 private:
  bool CopyQuoted(char quote);
  char Unescape();

  char* read_;
  char* const end_;
  char* write_ = nullptr;
  bool balanced_ = true;
};

}  // namespace quorate::resp
