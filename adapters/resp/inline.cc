// SPDX-License-Identifier: Apache-2.0
#include "adapters/resp/inline.h"

namespace quorate::resp {
namespace {

bool IsSpace(char byte) { return byte == ' ' || (byte >= '\t' && byte <= '\r'); }

// Vertical tab and form feed separate arguments but do not end one: a quirk that is kept.
bool EndsArgument(char byte) { return byte == ' ' || byte == '\n' || byte == '\r' || byte == '\t'; }

int HexDigit(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  const char lower = static_cast<char>(byte | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

// The byte that an escape stands for; read_ is at the byte after the backslash.
char InlineSplitter::Unescape() {
  if (*read_ == 'x' && end_ - read_ > 2) {
    const int high = HexDigit(read_[1]);
    const int low = HexDigit(read_[2]);
    if (high >= 0 && low >= 0) {
      read_ += 3;
      return static_cast<char>(high << 4 | low);
    }
  }
  switch (const char byte = *read_++) {
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'b':
      return '\b';
    case 'a':
      return '\a';
    default:
      return byte;
  }
}

// Copies up to the closing quote. False if there is none, or if text follows it.
bool InlineSplitter::CopyQuoted(char quote) {
  while (read_ != end_) {
    const char byte = *read_++;
    if (byte == quote) return read_ == end_ || IsSpace(*read_);
    if (byte != '\\' || read_ == end_) {
      *write_++ = byte;
    } else if (quote == '"') {
      *write_++ = Unescape();
    } else if (*read_ == '\'') {
      *write_++ = *read_++;
    } else {
      *write_++ = byte;
    }
  }
  return false;
}

std::optional<std::span<char>> InlineSplitter::Next() {
  while (read_ != end_ && IsSpace(*read_)) ++read_;
  if (read_ == end_ || !balanced_) return std::nullopt;
  char* const begin = write_ = read_;
  while (read_ != end_ && !EndsArgument(*read_)) {
    const char byte = *read_++;
    if (byte != '"' && byte != '\'') {
      *write_++ = byte;
      continue;
    }
    balanced_ = CopyQuoted(byte);
    if (!balanced_) return std::nullopt;
    break;
  }
  return std::span<char>(begin, write_);
}

}  // namespace quorate::resp
