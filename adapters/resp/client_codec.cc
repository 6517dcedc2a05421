// SPDX-License-Identifier: Apache-2.0
#include "adapters/resp/client_codec.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "adapters/resp/limits.h"

namespace quorate::resp {
namespace {

constexpr size_t kLineEnd = 2;
constexpr size_t kVerbatimFormatBytes = 4;  // "txt:"
constexpr size_t kCompactBytes = 64 * 1024;

void PutCount(Bytes& output, char type, size_t count) {
  char digits[20];
  const char* const end = std::to_chars(digits, digits + sizeof(digits), count).ptr;
  output.push_back(type);
  output.append(digits, static_cast<size_t>(end - digits));
  output.append("\r\n");
}

std::optional<int64_t> ParseInteger(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

void DescribeElements(const Reply& reply, std::string& out) {
  const bool map = reply.kind == ReplyKind::kMap;
  for (size_t i = 0; i < reply.elements.size(); ++i) {
    if (i > 0) out += map && i % 2 == 1 ? ": " : ", ";
    out += Describe(reply.elements[i]);
  }
}

}  // namespace

void EncodeCommand(std::span<const std::string_view> arguments, Bytes& output) {
  PutCount(output, '*', arguments.size());
  for (const std::string_view argument : arguments) {
    PutCount(output, '$', argument.size());
    output.append(argument);
    output.append("\r\n");
  }
}

void EncodeCommand(std::initializer_list<std::string_view> arguments, Bytes& output) {
  EncodeCommand(std::span<const std::string_view>(arguments.begin(), arguments.size()), output);
}

std::string Describe(const Reply& reply) {
  std::string out;
  switch (reply.kind) {
    case ReplyKind::kSimple:
      return "+" + reply.text;
    case ReplyKind::kError:
      return "-" + reply.text;
    case ReplyKind::kInteger:
      return std::to_string(reply.integer);
    case ReplyKind::kBulk:
    case ReplyKind::kVerbatim:
      return "\"" + reply.text + "\"";
    case ReplyKind::kNull:
    case ReplyKind::kNullArray:
      return "nil";
    case ReplyKind::kDouble:
    case ReplyKind::kBigNumber:
      return reply.text;
    case ReplyKind::kBool:
      return reply.integer != 0 ? "true" : "false";
    case ReplyKind::kArray:
    case ReplyKind::kPush:
      out = "[";
      DescribeElements(reply, out);
      return out + "]";
    case ReplyKind::kMap:
    case ReplyKind::kSet:
      out = "{";
      DescribeElements(reply, out);
      return out + "}";
  }
  return out;
}

absl::StatusOr<std::optional<Reply>> ReplyDecoder::Next() {
  while (status_.ok()) {
    Reply element;
    switch (ReadElement(element)) {
      case Progress::kMore:
        Compact();
        return std::optional<Reply>();
      case Progress::kError:
        break;
      case Progress::kOpened:
        break;
      case Progress::kElement:
        if (std::optional<Reply> reply = Close(std::move(element))) {
          elements_ = bytes_ = 0;
          Compact();
          return reply;
        }
        break;
    }
  }
  return status_;
}

// Gives a finished element to the aggregate it belongs to, which may finish with it. The reply, if
// it is whole.
std::optional<Reply> ReplyDecoder::Close(Reply element) {
  while (!open_.empty()) {
    Open& top = open_.back();
    if (top.missing > 0) {
      top.reply.elements.push_back(std::move(element));
      --top.missing;
    }
    if (top.missing > 0) return std::nullopt;
    const bool attribute = top.attribute;
    element = std::move(top.reply);
    open_.pop_back();
    if (attribute) return std::nullopt;
  }
  return element;
}

ReplyDecoder::Progress ReplyDecoder::Fail(absl::Status status) {
  status_ = std::move(status);
  return Progress::kError;
}

void ReplyDecoder::Compact() {
  if (position_ == buffer_.size()) {
    buffer_.clear();
  } else if (position_ >= kCompactBytes && position_ >= buffer_.size() / 2) {
    buffer_.erase(0, position_);
  } else {
    return;
  }
  scanned_ = scanned_ > position_ ? scanned_ - position_ : 0;
  position_ = 0;
}

std::optional<std::string_view> ReplyDecoder::TakeLine() {
  const size_t from = std::max(scanned_, position_);
  const size_t end = buffer_.find("\r\n", from);
  if (end == Bytes::npos) {
    // A '\r' at the very end may be half of a line end.
    scanned_ = std::max(position_, buffer_.empty() ? 0 : buffer_.size() - 1);
    return std::nullopt;
  }
  const std::string_view line = std::string_view(buffer_).substr(position_, end - position_);
  position_ = scanned_ = end + kLineEnd;
  return line;
}

ReplyDecoder::Progress ReplyDecoder::ReadElement(Reply& element) {
  if (blob_type_ != 0) return ReadBlob(element);
  const std::optional<std::string_view> line = TakeLine();
  if (!line) {
    if (buffer_.size() - position_ <= kReplyBytesMax) return Progress::kMore;
    return Fail(ResourceExhausted("a reply line is too long"));
  }
  if (line->empty()) return Fail(InvalidArgument("an empty line is no reply"));
  if (++elements_ > kReplyElementsMax) {
    return Fail(ResourceExhausted("a reply has too many elements"));
  }
  const char type = line->front();
  const std::string_view text = line->substr(1);
  switch (type) {
    case '$':
    case '=':
    case '!':
      return OpenBlob(type, text, element);
    case '*':
    case '%':
    case '~':
    case '>':
    case '|':
      return OpenAggregate(type, text, element);
    default:
      return ReadScalar(type, text, element);
  }
}

ReplyDecoder::Progress ReplyDecoder::ReadScalar(char type, std::string_view text, Reply& element) {
  element.text = text;
  switch (type) {
    case '+':
      element.kind = ReplyKind::kSimple;
      return Progress::kElement;
    case '-':
      element.kind = ReplyKind::kError;
      return Progress::kElement;
    case ',':
      element.kind = ReplyKind::kDouble;
      return Progress::kElement;
    case '(':
      element.kind = ReplyKind::kBigNumber;
      return Progress::kElement;
    case '_':
      element.kind = ReplyKind::kNull;
      if (text.empty()) return Progress::kElement;
      break;
    case '#':
      element = {.kind = ReplyKind::kBool, .text = {}, .integer = text == "t", .elements = {}};
      if (text == "t" || text == "f") return Progress::kElement;
      break;
    case ':':
      if (const std::optional<int64_t> value = ParseInteger(text)) {
        element = {.kind = ReplyKind::kInteger, .text = {}, .integer = *value, .elements = {}};
        return Progress::kElement;
      }
      break;
    default:
      break;
  }
  return Fail(InvalidArgument(Format("not a reply: '%c'", type)));
}

ReplyDecoder::Progress ReplyDecoder::OpenBlob(char type, std::string_view text, Reply& element) {
  const std::optional<int64_t> size = ParseInteger(text);
  if (type == '$' && size == -1) {
    element.kind = ReplyKind::kNull;
    return Progress::kElement;
  }
  if (!size || *size < 0) return Fail(InvalidArgument("a reply has a malformed length"));
  if (static_cast<size_t>(*size) > kReplyBytesMax - bytes_) {
    return Fail(ResourceExhausted("a reply is too long"));
  }
  blob_type_ = type;
  blob_size_ = static_cast<size_t>(*size);
  bytes_ += blob_size_;
  return ReadBlob(element);
}

ReplyDecoder::Progress ReplyDecoder::ReadBlob(Reply& element) {
  if (buffer_.size() - position_ < blob_size_ + kLineEnd) return Progress::kMore;
  std::string_view bytes = std::string_view(buffer_).substr(position_, blob_size_);
  if (buffer_.compare(position_ + blob_size_, kLineEnd, "\r\n") != 0) {
    return Fail(InvalidArgument("a bulk string does not end where it says"));
  }
  element.kind = blob_type_ == '$' ? ReplyKind::kBulk : ReplyKind::kError;
  if (blob_type_ == '=') {
    if (bytes.size() < kVerbatimFormatBytes || bytes[kVerbatimFormatBytes - 1] != ':') {
      return Fail(InvalidArgument("a verbatim string has no format"));
    }
    element.kind = ReplyKind::kVerbatim;
    bytes.remove_prefix(kVerbatimFormatBytes);
  }
  element.text = bytes;
  position_ = scanned_ = position_ + blob_size_ + kLineEnd;
  blob_type_ = 0;
  return Progress::kElement;
}

ReplyDecoder::Progress ReplyDecoder::OpenAggregate(char type, std::string_view text,
                                                   Reply& element) {
  const std::optional<int64_t> size = ParseInteger(text);
  if (type == '*' && size == -1) {
    element.kind = ReplyKind::kNullArray;
    return Progress::kElement;
  }
  if (!size || *size < 0) return Fail(InvalidArgument("a reply has a malformed size"));
  if (static_cast<size_t>(*size) > kReplyElementsMax || open_.size() >= kReplyDepthMax) {
    return Fail(ResourceExhausted("a reply has too many elements"));
  }
  size_t missing = static_cast<size_t>(*size);
  element.kind = ReplyKind::kArray;
  if (type == '~') element.kind = ReplyKind::kSet;
  if (type == '>') element.kind = ReplyKind::kPush;
  if (type == '%' || type == '|') {
    element.kind = ReplyKind::kMap;
    missing *= 2;
  }
  const bool attribute = type == '|';
  if (missing == 0) return attribute ? Progress::kOpened : Progress::kElement;
  open_.push_back({.reply = std::move(element), .missing = missing, .attribute = attribute});
  return Progress::kOpened;
}

}  // namespace quorate::resp
