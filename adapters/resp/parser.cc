// SPDX-License-Identifier: Apache-2.0
#include "adapters/resp/parser.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "adapters/resp/inline.h"
#include "engine/base/check.h"

namespace quorate::resp {
namespace {

// Redis' own idea of an integer: no plus sign, no leading zero, no "-0", nothing around it.
std::optional<int64_t> StrictInteger(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || (digits[0] == '0' && text != "0")) return std::nullopt;
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

// The common case of a count: one to nine digits and a line end, all of it here. Returns the byte
// behind the line end, or null where the careful reader has to look.
inline const char* ReadShortCount(const char* at, const char* end, uint32_t& value) {
  constexpr ptrdiff_t kShortest = 3;
  constexpr int kDigitsMax = 9;
  if (end - at < kShortest) return nullptr;
  uint32_t digit = static_cast<uint32_t>(*at) - '0';
  if (digit > 9) return nullptr;
  const bool zero = digit == 0;
  uint32_t number = digit;
  int digits = 1;
  for (++at; at != end && (digit = static_cast<uint32_t>(*at) - '0') <= 9; ++at) {
    if (++digits > kDigitsMax || zero) return nullptr;
    number = number * 10 + digit;
  }
  if (end - at < 2 || *at != '\r') return nullptr;
  value = number;
  return at + 2;
}

}  // namespace

void RequestParser::SetLimits(const Limits& limits) {
  limits_ = limits;
  bulk_bytes_fast_ = std::min(limits.bulk_bytes_max, kUnauthenticatedBulkBytesMax);
}

void RequestParser::Begin() {
  stage_ = Stage::kStart;
  position_ = 0;
  scanned_ = 0;
  if (pieces_.capacity() > kArgumentsKept) std::vector<Piece>().swap(pieces_);
  pieces_.clear();
}

RequestParser::Step RequestParser::Fail(std::string text) {
  error_ = std::move(text);
  return Step::kError;
}

RequestParser::Step RequestParser::Next(std::span<char> input) {
  QUORATE_DCHECK(error_.empty());
  if (stage_ == Stage::kDone) Begin();
  if (input.empty()) return Step::kMore;
  if (stage_ == Stage::kStart) {
    stage_ = input.front() == '*' ? Stage::kCount : Stage::kInline;
    position_ = scanned_ = stage_ == Stage::kCount ? 1 : 0;
  }
  if (stage_ == Stage::kInline) return ReadInline(input);
  if (stage_ == Stage::kCount) {
    const Step step = ReadCount(input);
    if (step != Step::kRequest) return step;
  }
  return ReadBulks(input);
}

// The loop that a pipeline of small commands spends its time in: bulk strings that are whole and in
// no way special. It stops before any other.
void RequestParser::ReadPlainBulks(std::span<char> input) {
  if (stage_ != Stage::kLength) return;
  const char* const begin = input.data();
  const char* const end = begin + input.size();
  const char* at = begin + position_;
  while (remaining_ > 0 && static_cast<size_t>(at - begin) < kLineBytesMax) {
    uint32_t size = 0;
    const char* const bulk = at != end && *at == '$' ? ReadShortCount(at + 1, end, size) : nullptr;
    if (bulk == nullptr || size > bulk_bytes_fast_) break;
    if (static_cast<size_t>(end - bulk) < size + kLineEnd) break;
    pieces_.push_back({static_cast<size_t>(bulk - begin), size});
    at = bulk + size + kLineEnd;
    --remaining_;
  }
  position_ = static_cast<size_t>(at - begin);
  scanned_ = std::max(scanned_, position_);
}

RequestParser::Step RequestParser::ReadBulks(std::span<char> input) {
  ReadPlainBulks(input);
  while (remaining_ > 0) {
    if (stage_ == Stage::kLength) {
      const Step step = ReadLength(input);
      if (step != Step::kRequest) return step;
    }
    if (input.size() - position_ < bulk_ + kLineEnd) {
      stage_ = Stage::kBulk;
      return Step::kMore;
    }
    pieces_.push_back({position_, bulk_});
    position_ += bulk_ + kLineEnd;
    scanned_ = position_;
    stage_ = Stage::kLength;
    --remaining_;
    ReadPlainBulks(input);
  }
  stage_ = Stage::kDone;
  return Step::kRequest;
}

// The line at position_, up to its '\r' and the byte behind it. kRequest if it is complete;
// position_ is then behind it.
RequestParser::Step RequestParser::ReadLine(std::span<char> input, const char* too_long,
                                            std::string_view& line) {
  const size_t limit = std::min(input.size(), position_ + kLineBytesMax + 1);
  const void* const found = std::memchr(input.data() + scanned_, '\r', limit - scanned_);
  if (found == nullptr) {
    scanned_ = limit;
    return limit - position_ > kLineBytesMax ? Fail(too_long) : Step::kMore;
  }
  const size_t end = static_cast<size_t>(static_cast<const char*>(found) - input.data());
  scanned_ = end;
  if (input.size() - end < kLineEnd) return Step::kMore;
  line = std::string_view(input.data() + position_, end - position_);
  position_ = scanned_ = end + kLineEnd;
  return Step::kRequest;
}

RequestParser::Step RequestParser::ReadCount(std::span<char> input) {
  uint32_t count = 0;
  const char* const next =
      ReadShortCount(input.data() + position_, input.data() + input.size(), count);
  if (next != nullptr && count > 0 &&
      (count <= kUnauthenticatedArgumentsMax || limits_.authenticated)) {
    remaining_ = count;
    position_ = scanned_ = static_cast<size_t>(next - input.data());
    stage_ = Stage::kLength;
    return Step::kRequest;
  }
  std::string_view line;
  const Step step = ReadLine(input, "Protocol error: too big mbulk count string", line);
  if (step != Step::kRequest) return step;
  const std::optional<int64_t> value = StrictInteger(line);
  if (!value || *value > kArgumentsMax) return Fail("Protocol error: invalid multibulk length");
  if (*value > kUnauthenticatedArgumentsMax && !limits_.authenticated) {
    return Fail("Protocol error: unauthenticated multibulk length");
  }
  if (*value <= 0) {
    stage_ = Stage::kDone;
    return Step::kIgnored;
  }
  remaining_ = *value;
  stage_ = Stage::kLength;
  return Step::kRequest;
}

RequestParser::Step RequestParser::ReadLength(std::span<char> input) {
  const size_t start = position_;
  std::string_view line;
  const Step step = ReadLine(input, "Protocol error: too big bulk count string", line);
  if (step != Step::kRequest) return step;
  // The first byte is judged once the line is here, as Redis does. It may be the line end itself.
  if (const char first = input[start]; first != '$') {
    return Fail(std::string("Protocol error: expected '$', got '") + first + "'");
  }
  const std::optional<int64_t> value = StrictInteger(line.substr(1));
  if (!value || *value < 0 || static_cast<uint64_t>(*value) > limits_.bulk_bytes_max) {
    return Fail("Protocol error: invalid bulk length");
  }
  bulk_ = static_cast<size_t>(*value);
  if (bulk_ > kUnauthenticatedBulkBytesMax && !limits_.authenticated) {
    return Fail("Protocol error: unauthenticated bulk length");
  }
  const size_t cost = position_ + pieces_.size() * kArgumentBytes;
  if (cost > kRequestBytesMax || bulk_ > kRequestBytesMax - cost) {
    return Fail("Protocol error: request exceeds the query buffer limit");
  }
  return Step::kRequest;
}

RequestParser::Step RequestParser::ReadInline(std::span<char> input) {
  const size_t limit = std::min(input.size(), kLineBytesMax + 1);
  const void* const found = std::memchr(input.data() + scanned_, '\n', limit - scanned_);
  if (found == nullptr) {
    scanned_ = limit;
    return limit > kLineBytesMax ? Fail("Protocol error: too big inline request") : Step::kMore;
  }
  const size_t newline = static_cast<size_t>(static_cast<const char*>(found) - input.data());
  const size_t size = newline > 0 && input[newline - 1] == '\r' ? newline - 1 : newline;
  if (!SplitInline(input.data(), size)) {
    return Fail("Protocol error: unbalanced quotes in request");
  }
  position_ = newline + 1;
  stage_ = Stage::kDone;
  return pieces_.empty() ? Step::kIgnored : Step::kRequest;
}

bool RequestParser::SplitInline(char* base, size_t size) {
  InlineSplitter splitter(base, size);
  while (const std::optional<std::span<char>> argument = splitter.Next()) {
    pieces_.push_back({static_cast<size_t>(argument->data() - base), argument->size()});
  }
  return splitter.balanced();
}

}  // namespace quorate::resp
