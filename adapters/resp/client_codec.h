// SPDX-License-Identifier: Apache-2.0
// The client's side of the protocol: commands to bytes, bytes to replies. For the simulator's
// clients, the tests and tools; it reads RESP2 and RESP3 alike, also from servers that are not
// ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/status.h"

namespace quorate::resp {

// Appends a command as an array of bulk strings.
void EncodeCommand(std::span<const std::string_view> arguments, Bytes& output);
void EncodeCommand(std::initializer_list<std::string_view> arguments, Bytes& output);

enum class ReplyKind : uint8_t {
  kSimple,
  kError,  // of one line, or of RESP3's blob form
  kInteger,
  kBulk,
  kNull,       // RESP2's null bulk string, RESP3's null
  kNullArray,  // RESP2 only
  kDouble,     // `text` is the number as it was sent
  kBool,       // `integer` is 0 or 1
  kVerbatim,   // `text` without its format
  kBigNumber,
  kArray,
  kMap,  // `elements` are key, value, key, value...
  kSet,
  kPush,
};

struct Reply {
  ReplyKind kind = ReplyKind::kNull;
  std::string text;
  int64_t integer = 0;
  std::vector<Reply> elements;

  [[nodiscard]] bool IsError() const { return kind == ReplyKind::kError; }
  friend bool operator==(const Reply&, const Reply&) = default;
};

// One line for messages: +OK, -ERR ..., 42, "bulk", nil, [1, 2], {k: v}.
[[nodiscard]] std::string Describe(const Reply& reply);

// Cuts a stream into replies. O(bytes) in all, however they arrive. Attributes are skipped.
class ReplyDecoder {
 public:
  void Feed(std::string_view bytes) { buffer_.append(bytes); }
  // The next reply; nothing if it is not complete. InvalidArgument for bytes that are no reply,
  // ResourceExhausted for one above the limits; both for good.
  absl::StatusOr<std::optional<Reply>> Next();

 private:
  enum class Progress : uint8_t { kMore, kElement, kOpened, kError };
  struct Open {
    Reply reply;
    size_t missing;  // elements still to come
    bool attribute;
  };

  Progress ReadElement(Reply& element);
  Progress ReadBlob(Reply& element);
  Progress ReadScalar(char type, std::string_view text, Reply& element);
  Progress OpenBlob(char type, std::string_view text, Reply& element);
  Progress OpenAggregate(char type, std::string_view text, Reply& element);
  std::optional<std::string_view> TakeLine();
  std::optional<Reply> Close(Reply element);
  Progress Fail(absl::Status status);
  void Compact();

  Bytes buffer_;
  size_t position_ = 0;
  size_t scanned_ = 0;  // position_ <= scanned_: no line end before it
  char blob_type_ = 0;  // of the blob whose bytes are awaited; 0 for none
  size_t blob_size_ = 0;
  std::vector<Open> open_;
  size_t elements_ = 0;  // of the reply being read
  size_t bytes_ = 0;
  absl::Status status_;
};

}  // namespace quorate::resp
