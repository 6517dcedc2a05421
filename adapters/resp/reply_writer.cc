// SPDX-License-Identifier: Apache-2.0
#include "adapters/resp/reply_writer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

namespace quorate::resp {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kVerbatimFormat = "txt:";
// A type byte, a sign, 19 digits and a line end fit.
constexpr size_t kNumberBytes = 24;
constexpr size_t kDigitsBytes = 20;  // sign and digits alone
// A sign, 17 digits, a point and an exponent fit.
constexpr size_t kDoubleBytes = 32;
// Redis 7.0 prints doubles with "%.17g", in both protocols.
constexpr int kDoubleDigits = 17;

// `type`, the number and a line end, at `at`; returns the end.
char* PutNumber(char* at, char type, int64_t value) {
  *at++ = type;
  if (value >= 0 && value <= 9) {
    *at++ = static_cast<char>('0' + value);
  } else {
    at = std::to_chars(at, at + kDigitsBytes, value).ptr;
  }
  *at++ = '\r';
  *at++ = '\n';
  return at;
}

}  // namespace

void ReplyWriter::Line(char type, std::string_view text) {
  output_->push_back(type);
  const size_t start = output_->size();
  output_->append(text);
  std::replace_if(
      output_->begin() + static_cast<ptrdiff_t>(start), output_->end(),
      [](char byte) { return byte == '\r' || byte == '\n'; }, ' ');
  output_->append(kLineEnd);
}

void ReplyWriter::Number(char type, int64_t value) {
  char bytes[kNumberBytes];
  const char* const end = PutNumber(bytes, type, value);
  output_->append(bytes, static_cast<size_t>(end - bytes));
}

void ReplyWriter::Simple(std::string_view text) { Line('+', text); }
void ReplyWriter::Error(std::string_view text) {
  error_ = text.substr(0, text.find(' '));
  Line('-', text);
}
void ReplyWriter::Integer(int64_t value) { Number(':', value); }

void ReplyWriter::Bulk(std::string_view bytes) {
  Number('$', static_cast<int64_t>(bytes.size()));
  output_->append(bytes);
  output_->append(kLineEnd);
}

void ReplyWriter::Null() { output_->append(resp3() ? "_\r\n" : "$-1\r\n"); }
void ReplyWriter::NullArray() { output_->append(resp3() ? "_\r\n" : "*-1\r\n"); }

void ReplyWriter::Double(double value) {
  char bytes[kDoubleBytes];
  std::string_view text;
  if (std::isnan(value)) {
    text = "nan";
  } else if (std::isinf(value)) {
    text = value > 0 ? "inf" : "-inf";
  } else {
    const char* const end =
        std::to_chars(bytes, bytes + kDoubleBytes, value, std::chars_format::general, kDoubleDigits)
            .ptr;
    text = std::string_view(bytes, static_cast<size_t>(end - bytes));
  }
  if (resp3()) {
    Line(',', text);
  } else {
    Bulk(text);
  }
}

void ReplyWriter::Bool(bool value) {
  if (resp3()) {
    output_->append(value ? "#t\r\n" : "#f\r\n");
  } else {
    Integer(value ? 1 : 0);
  }
}

void ReplyWriter::Verbatim(std::string_view text) {
  if (!resp3()) {
    Bulk(text);
    return;
  }
  Number('=', static_cast<int64_t>(kVerbatimFormat.size() + text.size()));
  output_->append(kVerbatimFormat);
  output_->append(text);
  output_->append(kLineEnd);
}

void ReplyWriter::Array(size_t size) { Number('*', static_cast<int64_t>(size)); }

void ReplyWriter::Map(size_t size) {
  if (resp3()) {
    Number('%', static_cast<int64_t>(size));
  } else {
    Array(size * 2);
  }
}

void ReplyWriter::Set(size_t size) { Number(resp3() ? '~' : '*', static_cast<int64_t>(size)); }

void ReplyWriter::Pairs(size_t size) { Array(resp3() ? size : 2 * size); }

void ReplyWriter::Pair() {
  if (resp3()) Array(2);
}

}  // namespace quorate::resp
