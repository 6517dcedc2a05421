// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/reply.h"

#include <bit>

namespace quorate::commands {
namespace {

enum class Tag : uint8_t {
  kSimple = 1,
  kError,
  kInteger,
  kBulk,
  kNull,
  kNullArray,
  kDouble,
  kBool,
  kVerbatim,
  kArray,
  kMap,
  kSet,
  kPairs,
  kPair,
};

void PutTag(Bytes& out, Tag tag) { out.push_back(static_cast<char>(tag)); }
void PutText(Bytes& out, Tag tag, std::string_view text) {
  PutTag(out, tag);
  PutBlob(out, text);
}
void PutNumber(Bytes& out, Tag tag, uint64_t number) {
  PutTag(out, tag);
  PutVarint(out, number);
}
// Small negative numbers stay short.
uint64_t ZigZag(int64_t value) {
  return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
}
int64_t UnZigZag(uint64_t value) { return static_cast<int64_t>(value >> 1 ^ (~(value & 1) + 1)); }

bool PlayElement(ByteReader& reader, ReplySink& sink) {
  const Tag tag = static_cast<Tag>(reader.BigEndian<uint8_t>());
  switch (tag) {
    case Tag::kNull:
      sink.Null();
      return true;
    case Tag::kNullArray:
      sink.NullArray();
      return true;
    case Tag::kPair:
      sink.Pair();
      return true;
    case Tag::kSimple:
    case Tag::kError:
    case Tag::kBulk:
    case Tag::kVerbatim: {
      const std::string_view text = reader.Blob();
      if (!reader.ok()) return false;
      if (tag == Tag::kSimple) sink.Simple(text);
      if (tag == Tag::kError) sink.Error(text);
      if (tag == Tag::kBulk) sink.Bulk(text);
      if (tag == Tag::kVerbatim) sink.Verbatim(text);
      return true;
    }
    case Tag::kInteger:
    case Tag::kBool:
    case Tag::kArray:
    case Tag::kMap:
    case Tag::kSet:
    case Tag::kPairs: {
      const uint64_t number = reader.Varint();
      if (!reader.ok()) return false;
      if (tag == Tag::kInteger) sink.Integer(UnZigZag(number));
      if (tag == Tag::kBool) sink.Bool(number != 0);
      if (tag == Tag::kArray) sink.Array(number);
      if (tag == Tag::kMap) sink.Map(number);
      if (tag == Tag::kSet) sink.Set(number);
      if (tag == Tag::kPairs) sink.Pairs(number);
      return true;
    }
    case Tag::kDouble:
      sink.Double(std::bit_cast<double>(reader.BigEndian<uint64_t>()));
      return reader.ok();
  }
  return false;
}

}  // namespace

void ReplyTape::Simple(std::string_view text) { PutText(bytes_, Tag::kSimple, text); }
void ReplyTape::Error(std::string_view text) { PutText(bytes_, Tag::kError, text); }
void ReplyTape::Integer(int64_t value) { PutNumber(bytes_, Tag::kInteger, ZigZag(value)); }
void ReplyTape::Bulk(std::string_view bytes) { PutText(bytes_, Tag::kBulk, bytes); }
void ReplyTape::Null() { PutTag(bytes_, Tag::kNull); }
void ReplyTape::NullArray() { PutTag(bytes_, Tag::kNullArray); }
void ReplyTape::Double(double value) {
  PutTag(bytes_, Tag::kDouble);
  PutBigEndian(bytes_, std::bit_cast<uint64_t>(value));
}
void ReplyTape::Bool(bool value) { PutNumber(bytes_, Tag::kBool, value ? 1 : 0); }
void ReplyTape::Verbatim(std::string_view text) { PutText(bytes_, Tag::kVerbatim, text); }
void ReplyTape::Array(size_t size) { PutNumber(bytes_, Tag::kArray, size); }
void ReplyTape::Map(size_t size) { PutNumber(bytes_, Tag::kMap, size); }
void ReplyTape::Set(size_t size) { PutNumber(bytes_, Tag::kSet, size); }
void ReplyTape::Pairs(size_t size) { PutNumber(bytes_, Tag::kPairs, size); }
void ReplyTape::Pair() { PutTag(bytes_, Tag::kPair); }

bool PlayReply(std::string_view tape, ReplySink& sink) {
  ByteReader reader(tape);
  while (!reader.AtEnd()) {
    if (!PlayElement(reader, sink) || !reader.ok()) return false;
  }
  return reader.ok();
}

Bytes ErrorTape(std::string_view text) {
  ReplyTape tape;
  tape.Error(text);
  return tape.Take();
}

bool IsErrorTape(std::string_view tape) {
  return !tape.empty() && static_cast<Tag>(tape.front()) == Tag::kError;
}

bool IsErrorTapeOf(std::string_view tape, std::string_view code) {
  if (!IsErrorTape(tape)) return false;
  ByteReader reader(tape.substr(1));
  const std::string_view text = reader.Blob();
  return reader.ok() && text.substr(0, text.find(' ')) == code;
}

bool IsNullTape(std::string_view tape) {
  return !tape.empty() && static_cast<Tag>(tape.front()) == Tag::kNull;
}

int64_t IntegerOfTape(std::string_view tape) {
  ByteReader reader(tape);
  if (static_cast<Tag>(reader.BigEndian<uint8_t>()) != Tag::kInteger) return 0;
  const uint64_t number = reader.Varint();
  return reader.ok() ? UnZigZag(number) : 0;
}

Bytes BulkOfTape(std::string_view tape) {
  ByteReader reader(tape);
  if (static_cast<Tag>(reader.BigEndian<uint8_t>()) != Tag::kBulk) return {};
  return Bytes(reader.Blob());
}

}  // namespace quorate::commands
