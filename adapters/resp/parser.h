// SPDX-License-Identifier: Apache-2.0
// Finds the requests in a byte stream of the Redis protocol: arrays of bulk strings, and lines
// typed by hand ("inline"). It copies nothing: an argument is a position in the caller's input.
//
// 1. Positions count from the first byte of the request being read, so the caller may move its
//    buffer between calls as long as those bytes stay together.
// 2. No byte is looked at twice for being late: a call costs O(new bytes + arguments completed).
// 3. The requests found, and the error, do not depend on how the stream was cut into pieces.
//
// Limits and error texts are those of Redis 7.0. As there, the two bytes behind a bulk string are
// not looked at. Unlike there, a zero byte is a byte like any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/resp/limits.h"

namespace quorate::resp {

class RequestParser {
 public:
  struct Limits {
    size_t bulk_bytes_max = 0;
    bool authenticated = true;
  };
  enum class Step : uint8_t {
    kMore,     // the request goes on behind the end of the input
    kIgnored,  // consumed() bytes hold no request: an empty line, an empty array
    kRequest,  // consumed() bytes hold a request with at least one argument
    kError,    // no request can follow; error() says why
  };

  void SetLimits(const Limits& limits);

  // `input` begins with the byte after those consumed by the last kIgnored or kRequest, and holds
  // all bytes given to the calls since. Inline requests are unquoted in place. Requires: no kError
  // yet.
  Step Next(std::span<char> input);

  [[nodiscard]] size_t consumed() const { return position_; }
  [[nodiscard]] size_t arguments() const { return pieces_.size(); }
  // Requires: the last step was kRequest, index < arguments().
  [[nodiscard]] std::string_view Argument(const char* input, size_t index) const {
    const Piece& piece = pieces_[index];
    return {input + piece.offset, piece.size};
  }
  // "Protocol error: ...", without code word.
  [[nodiscard]] const std::string& error() const { return error_; }
  // The size the input must have before the bulk string being read is complete; 0 outside of one.
  [[nodiscard]] size_t input_wanted() const {
    return stage_ == Stage::kBulk ? position_ + bulk_ + kLineEnd : 0;
  }

 private:
  static constexpr size_t kLineEnd = 2;
  enum class Stage : uint8_t { kDone, kStart, kInline, kCount, kLength, kBulk };
  struct Piece {
    size_t offset;
    size_t size;
  };

  void Begin();
  void ReadPlainBulks(std::span<char> input);
  Step ReadBulks(std::span<char> input);
  Step ReadCount(std::span<char> input);
  Step ReadLength(std::span<char> input);
  Step ReadInline(std::span<char> input);
  Step ReadLine(std::span<char> input, const char* too_long, std::string_view& line);
  bool SplitInline(char* base, size_t size);
  Step Fail(std::string text);

  Limits limits_;
  size_t bulk_bytes_fast_ = 0;  // bulk strings up to this length need no further check
  Stage stage_ = Stage::kDone;
  size_t position_ = 0;    // bytes of the request that are understood
  size_t scanned_ = 0;     // position_ <= scanned_: no line end before it
  size_t bulk_ = 0;        // length of the bulk string being read, in Stage::kBulk
  int64_t remaining_ = 0;  // bulk strings still to come
  std::vector<Piece> pieces_;
  std::string error_;
};

}  // namespace quorate::resp
