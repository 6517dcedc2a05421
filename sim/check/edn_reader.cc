// SPDX-License-Identifier: Apache-2.0
#include "sim/check/edn_reader.h"

#include <cstddef>

namespace quorate::sim::check {
namespace {

using Kind = EdnToken::Kind;

bool Separates(char c) { return c == ' ' || c == '\t' || c == ','; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBracket(char c) { return c == '{' || c == '}' || c == '[' || c == ']'; }

// "0", "17" and "-3", and nothing that is another spelling of one of these.
bool IsInteger(std::string_view word) {
  if (word.starts_with('-')) {
    word.remove_prefix(1);
    if (word.starts_with('0')) return false;
  }
  if (word.empty() || (word.size() > 1 && word.front() == '0')) return false;
  for (const char c : word) {
    if (!IsDigit(c)) return false;
  }
  return true;
}

bool IsName(std::string_view word) {
  for (const char c : word) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !IsDigit(c) && c != '-' && c != '_' && c != '.' && c != '/') return false;
  }
  return !word.empty();
}

}  // namespace

absl::StatusOr<EdnToken> EdnReader::String() {
  EdnToken token{Kind::kString, ""};
  for (size_t i = 1; i < rest_.size(); ++i) {
    char c = rest_[i];
    if (c == '"') {
      rest_.remove_prefix(i + 1);
      return token;
    }
    if (c == '\\') {
      if (++i == rest_.size()) break;
      switch (rest_[i]) {
        case 'n':
          c = '\n';
          break;
        case 't':
          c = '\t';
          break;
        case 'r':
          c = '\r';
          break;
        case '"':
        case '\\':
          c = rest_[i];
          break;
        default:
          return InvalidArgument("a string has an escape other than \\n \\t \\r \\\" \\\\");
      }
    }
    token.text += c;
  }
  return InvalidArgument("a string has no end");
}

absl::StatusOr<EdnToken> EdnReader::Next() {
  while (!rest_.empty() && Separates(rest_.front())) rest_.remove_prefix(1);
  if (rest_.empty()) return EdnToken{};
  const char first = rest_.front();
  if (first == '"') return String();
  if (IsBracket(first)) {
    rest_.remove_prefix(1);
    const bool opens = first == '{' || first == '[';
    return EdnToken{opens ? Kind::kOpen : Kind::kClose, std::string(1, first)};
  }
  size_t length = 0;
  while (length < rest_.size() && !Separates(rest_[length]) && !IsBracket(rest_[length]) &&
         rest_[length] != '"') {
    ++length;
  }
  const std::string_view word = rest_.substr(0, length);
  rest_.remove_prefix(length);
  if (word == "nil") return EdnToken{Kind::kNothing, ""};
  if (word.front() == ':' && IsName(word.substr(1))) {
    return EdnToken{Kind::kKeyword, std::string(word.substr(1))};
  }
  if (IsInteger(word)) return EdnToken{Kind::kInteger, std::string(word)};
  return InvalidArgument("a word is no keyword, integer, string or nil");
}

}  // namespace quorate::sim::check
