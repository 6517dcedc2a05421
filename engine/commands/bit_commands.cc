// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/bit_commands.h"

#include <algorithm>
#include <bit>

#include "engine/commands/errors.h"
#include "engine/commands/string_write.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

using keyspace::ObjectType;

constexpr uint64_t kBitsPerByte = 8;

bool BitAt(std::string_view text, uint64_t offset) {
  const uint64_t byte = offset / kBitsPerByte;
  if (byte >= text.size()) return false;
  return (static_cast<uint8_t>(text[byte]) >> (7 - offset % kBitsPerByte) & 1) != 0;
}

std::optional<bool> ParseBit(std::string_view text) {
  if (text == "0") return false;
  if (text == "1") return true;
  return std::nullopt;
}

// Bits [first, end) of a string.
struct BitRange {
  uint64_t first = 0;
  uint64_t end = 0;
};

// "start [end [BYTE|BIT]]"; an end that is not given is the string's. Nothing, with the error
// written, where that is malformed. An empty range has first == end.
std::optional<BitRange> ParseRange(KeyContext& context, Arguments words, size_t bytes) {
  const auto size = static_cast<int64_t>(bytes);
  if (words.empty()) return BitRange{0, bytes * kBitsPerByte};
  const auto start = keyspace::ParseInteger(words[0]);
  const auto end = words.size() > 1 ? keyspace::ParseInteger(words[1]) : std::optional(size - 1);
  if (!start.has_value() || !end.has_value()) {
    context.reply.Error(errors::kNotInteger);
    return std::nullopt;
  }
  const bool in_bits = words.size() > 2 && IsWord(words[2], "bit");
  if (words.size() > 3 || (words.size() > 2 && !in_bits && !IsWord(words[2], "byte"))) {
    context.reply.Error(errors::kSyntax);
    return std::nullopt;
  }
  const int64_t units = in_bits ? size * static_cast<int64_t>(kBitsPerByte) : size;
  const uint64_t unit = in_bits ? 1 : kBitsPerByte;
  const auto from_front = [units](int64_t index) {
    return index < 0 ? std::max<int64_t>(index + units, 0) : index;
  };
  const int64_t first = from_front(*start);
  const int64_t last = std::min(from_front(*end), units - 1);
  const bool both_behind = *start < 0 && *end < 0 && *start > *end;
  if (both_behind || first > last) return BitRange{};
  return BitRange{static_cast<uint64_t>(first) * unit, (static_cast<uint64_t>(last) + 1) * unit};
}

uint64_t CountBits(std::string_view text, BitRange range) {
  uint64_t count = 0;
  while (range.first < range.end) {
    if (range.first % kBitsPerByte == 0 && range.end - range.first >= kBitsPerByte) {
      const auto byte = static_cast<uint8_t>(text[range.first / kBitsPerByte]);
      count += static_cast<uint64_t>(std::popcount(byte));
      range.first += kBitsPerByte;
    } else {
      count += BitAt(text, range.first++) ? uint64_t{1} : 0;
    }
  }
  return count;
}

std::optional<uint64_t> FindBit(std::string_view text, bool bit, BitRange range) {
  const char without = bit ? '\0' : '\xff';
  while (range.first < range.end) {
    const bool whole = range.first % kBitsPerByte == 0 && range.end - range.first >= kBitsPerByte;
    if (whole && text[range.first / kBitsPerByte] == without) {
      range.first += kBitsPerByte;
    } else if (BitAt(text, range.first) == bit) {
      return range.first;
    } else {
      ++range.first;
    }
  }
  return std::nullopt;
}

enum class BitOperation : uint8_t { kAnd, kOr, kXor, kNot };

std::optional<BitOperation> ParseOperation(std::string_view word) {
  if (IsWord(word, "and")) return BitOperation::kAnd;
  if (IsWord(word, "or")) return BitOperation::kOr;
  if (IsWord(word, "xor")) return BitOperation::kXor;
  if (IsWord(word, "not")) return BitOperation::kNot;
  return std::nullopt;
}

// Shorter strings count as if zero bytes followed.
Bytes Combine(BitOperation operation, std::span<const Bytes> sources) {
  size_t size = 0;
  for (const Bytes& source : sources) size = std::max(size, source.size());
  Bytes result = sources.front();
  result.resize(size, '\0');
  if (operation == BitOperation::kNot) {
    for (char& byte : result) byte = static_cast<char>(~byte);
  }
  for (const Bytes& source : sources.subspan(1)) {
    for (size_t i = 0; i < size; ++i) {
      const char other = i < source.size() ? source[i] : '\0';
      if (operation == BitOperation::kAnd) result[i] = static_cast<char>(result[i] & other);
      if (operation == BitOperation::kOr) result[i] = static_cast<char>(result[i] | other);
      if (operation == BitOperation::kXor) result[i] = static_cast<char>(result[i] ^ other);
    }
  }
  return result;
}

}  // namespace

std::optional<uint64_t> ParseBitOffset(std::string_view text, size_t string_bytes_max) {
  const auto offset = keyspace::ParseInteger(text);
  if (!offset.has_value() || *offset < 0) return std::nullopt;
  const auto bit = static_cast<uint64_t>(*offset);
  if (bit / kBitsPerByte >= string_bytes_max) return std::nullopt;
  return bit;
}

void ExecuteSetBit(KeyContext& context) {
  const auto offset = ParseBitOffset(context.args[2], context.string_bytes_max);
  if (!offset.has_value()) return context.reply.Error(kBadBitOffset);
  const auto bit = ParseBit(context.args[3]);
  if (!bit.has_value()) return context.reply.Error("ERR bit is not an integer or out of range");
  if (!ExpectType(context, ObjectType::kString)) return;
  Bytes scratch;
  const std::string_view held = StringOf(context, scratch);
  Bytes value(held);
  const uint64_t byte = *offset / kBitsPerByte;
  if (value.size() <= byte) value.resize(byte + 1, '\0');
  const bool before = BitAt(value, *offset);
  const auto mask = static_cast<char>(0x80 >> *offset % kBitsPerByte);
  value[byte] = static_cast<char>(*bit ? value[byte] | mask : value[byte] & ~mask);
  if (value != held) RewriteString(context, value);
  context.reply.Integer(before ? 1 : 0);
}

void ExecuteGetBit(KeyContext& context) {
  const auto offset = ParseBitOffset(context.args[2], context.string_bytes_max);
  if (!offset.has_value()) return context.reply.Error(kBadBitOffset);
  if (!ExpectType(context, ObjectType::kString)) return;
  Bytes scratch;
  context.reply.Integer(BitAt(StringOf(context, scratch), *offset) ? 1 : 0);
}

void ExecuteBitCount(KeyContext& context) {
  if (!context.object.exists()) return context.reply.Integer(0);
  if (!ExpectType(context, ObjectType::kString)) return;
  const Arguments words = context.args.subspan(2);
  if (words.size() == 1) return context.reply.Error(errors::kSyntax);
  Bytes scratch;
  const std::string_view text = StringOf(context, scratch);
  const auto range = ParseRange(context, words, text.size());
  if (!range.has_value()) return;
  context.reply.Integer(static_cast<int64_t>(CountBits(text, *range)));
}

void ExecuteBitPos(KeyContext& context) {
  if (!keyspace::ParseInteger(context.args[2]).has_value()) {
    return context.reply.Error(errors::kNotInteger);
  }
  const auto bit = ParseBit(context.args[2]);
  if (!bit.has_value()) return context.reply.Error("ERR The bit argument must be 1 or 0.");
  if (!context.object.exists()) return context.reply.Integer(*bit ? -1 : 0);
  if (!ExpectType(context, ObjectType::kString)) return;
  const Arguments words = context.args.subspan(3);
  Bytes scratch;
  const std::string_view text = StringOf(context, scratch);
  const auto range = ParseRange(context, words, text.size());
  if (!range.has_value()) return;
  const auto found = FindBit(text, *bit, *range);
  if (found.has_value()) return context.reply.Integer(static_cast<int64_t>(*found));
  // Behind a string whose end was not given are zeros.
  const bool open = !*bit && words.size() < 2 && range->first < range->end;
  context.reply.Integer(open ? static_cast<int64_t>(range->end) : -1);
}

void StepBitOp(StepContext& context) {
  constexpr size_t kTarget = 2;
  constexpr size_t kFirstSource = 3;
  const auto operation = ParseOperation(context.args[1]);
  if (!operation.has_value()) return context.reply.Error(errors::kSyntax);
  if (context.step == 0) {
    if (*operation == BitOperation::kNot && context.args.size() != kFirstSource + 1) {
      return context.reply.Error("ERR BITOP NOT must be called with a single source key.");
    }
    for (const std::string_view source : context.args.subspan(kFirstSource)) {
      context.next.push_back({"get", Bytes(source)});
    }
    return;
  }
  for (const Bytes& tape : context.tapes) {
    if (!IsErrorTape(tape)) continue;
    PlayReply(tape, context.reply);
    return;
  }
  const Bytes target(context.args[kTarget]);
  if (context.step == 1) {
    std::vector<Bytes> sources;
    for (const Bytes& tape : context.tapes) sources.push_back(BulkOfTape(tape));
    Bytes result = Combine(*operation, sources);
    if (result.empty()) {
      context.next.push_back({"del", target});
    } else {
      context.memory = ToDecimal(static_cast<int64_t>(result.size()));
      context.next.push_back({"set", target, std::move(result)});
    }
    return;
  }
  context.reply.Integer(keyspace::ParseInteger(context.memory).value_or(0));
}

}  // namespace quorate::commands
