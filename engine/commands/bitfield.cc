// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/bitfield.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "engine/commands/bit_commands.h"
#include "engine/commands/errors.h"
#include "engine/commands/string_write.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

using keyspace::ObjectType;

constexpr size_t kFirstOperation = 2;
constexpr uint64_t kBitsPerByte = 8;
constexpr int64_t kSignedBitsMax = 64;
constexpr int64_t kUnsignedBitsMax = 63;
constexpr std::string_view kBadType =
    "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 "
    "is.";

// Wide enough for the sum of any field and any increment.
__extension__ using Wide = __int128;

enum class Kind : uint8_t { kGet, kSet, kIncrease };
enum class Overflow : uint8_t { kWrap, kSaturate, kFail };

struct Field {
  bool is_signed = false;
  uint64_t bits = 0;

  [[nodiscard]] Wide max() const { return (Wide{1} << (is_signed ? bits - 1 : bits)) - 1; }
  [[nodiscard]] Wide min() const { return is_signed ? -max() - 1 : 0; }
};

struct Operation {
  Kind kind = Kind::kGet;
  Overflow overflow = Overflow::kWrap;
  Field field;
  uint64_t offset = 0;
  int64_t number = 0;
};

std::optional<Field> ParseField(std::string_view text) {
  if (text.empty() || (text.front() != 'i' && text.front() != 'u')) return std::nullopt;
  const bool is_signed = text.front() == 'i';
  const auto bits = keyspace::ParseInteger(text.substr(1));
  const int64_t most = is_signed ? kSignedBitsMax : kUnsignedBitsMax;
  if (!bits.has_value() || *bits < 1 || *bits > most) return std::nullopt;
  return Field{is_signed, static_cast<uint64_t>(*bits)};
}

// "#2" is the place of the third field of this width.
std::optional<uint64_t> ParseOffset(std::string_view text, const Field& field, size_t bytes_max) {
  if (!text.starts_with('#')) return ParseBitOffset(text, bytes_max);
  const auto index = keyspace::ParseInteger(text.substr(1));
  int64_t offset = 0;
  if (!index.has_value() ||
      __builtin_mul_overflow(*index, static_cast<int64_t>(field.bits), &offset)) {
    return std::nullopt;
  }
  return ParseBitOffset(ToDecimal(offset), bytes_max);
}

std::optional<Overflow> ParseOverflow(std::string_view word) {
  if (IsWord(word, "wrap")) return Overflow::kWrap;
  if (IsWord(word, "sat")) return Overflow::kSaturate;
  if (IsWord(word, "fail")) return Overflow::kFail;
  return std::nullopt;
}

std::optional<Kind> ParseKind(std::string_view word, size_t left) {
  if (IsWord(word, "get") && left >= 2) return Kind::kGet;
  if (IsWord(word, "set") && left >= 3) return Kind::kSet;
  if (IsWord(word, "incrby") && left >= 3) return Kind::kIncrease;
  return std::nullopt;
}

// The words of one operation from `words` on, and how many those are; 0 with the error otherwise.
size_t ParseOperation(Arguments words, size_t bytes_max, Operation& operation, Bytes& error) {
  const auto kind = ParseKind(words[0], words.size() - 1);
  if (!kind.has_value()) return error = errors::kSyntax, 0;
  const auto field = ParseField(words[1]);
  if (!field.has_value()) return error = kBadType, 0;
  const auto offset = ParseOffset(words[2], *field, bytes_max);
  if (!offset.has_value()) return error = kBadBitOffset, 0;
  operation.kind = *kind;
  operation.field = *field;
  operation.offset = *offset;
  if (*kind == Kind::kGet) return 3;
  const auto number = keyspace::ParseInteger(words[3]);
  if (!number.has_value()) return error = errors::kNotInteger, 0;
  operation.number = *number;
  return 4;
}

std::vector<Operation> Parse(Arguments words, size_t bytes_max, Bytes& error) {
  std::vector<Operation> operations;
  Overflow overflow = Overflow::kWrap;
  for (size_t i = 0; i < words.size() && error.empty();) {
    if (IsWord(words[i], "overflow") && i + 1 < words.size()) {
      const auto parsed = ParseOverflow(words[i + 1]);
      if (!parsed.has_value()) error = "ERR Invalid OVERFLOW type specified";
      overflow = parsed.value_or(overflow);
      i += 2;
      continue;
    }
    Operation operation;
    operation.overflow = overflow;
    i += ParseOperation(words.subspan(i), bytes_max, operation, error);
    operations.push_back(operation);
  }
  return operations;
}

Wide Load(std::string_view text, uint64_t offset, const Field& field) {
  Wide value = 0;
  for (uint64_t bit = offset; bit < offset + field.bits; ++bit) {
    const uint64_t byte = bit / kBitsPerByte;
    const int set =
        byte < text.size() ? static_cast<uint8_t>(text[byte]) >> (7 - bit % kBitsPerByte) & 1 : 0;
    value = value << 1 | set;
  }
  return value > field.max() ? value - (Wide{1} << field.bits) : value;
}

void Store(Bytes& text, uint64_t offset, const Field& field, Wide value) {
  for (uint64_t i = 0; i < field.bits; ++i) {
    const uint64_t bit = offset + field.bits - 1 - i;
    const auto mask = static_cast<char>(0x80 >> bit % kBitsPerByte);
    char& byte = text[bit / kBitsPerByte];
    byte = static_cast<char>((value >> i & 1) != 0 ? byte | mask : byte & ~mask);
  }
}

// What fits into the field of a value that may not; nothing where that fails.
std::optional<Wide> Fit(const Operation& operation, Wide value) {
  const Field& field = operation.field;
  if (value >= field.min() && value <= field.max()) return value;
  if (operation.overflow == Overflow::kFail) return std::nullopt;
  if (operation.overflow == Overflow::kSaturate) {
    return value > field.max() ? field.max() : field.min();
  }
  const Wide rest = value & ((Wide{1} << field.bits) - 1);
  return rest > field.max() ? rest - (Wide{1} << field.bits) : rest;
}

void Run(const Operation& operation, Bytes& text, ReplySink& reply) {
  const Wide before = Load(text, operation.offset, operation.field);
  if (operation.kind == Kind::kGet) return reply.Integer(static_cast<int64_t>(before));
  Wide wanted = operation.number;
  if (operation.kind == Kind::kIncrease) {
    wanted += before;
  } else if (!operation.field.is_signed) {  // as Redis: a negative number is a very large one
    wanted = static_cast<uint64_t>(operation.number);
  }
  const auto fits = Fit(operation, wanted);
  if (!fits.has_value()) return reply.Null();
  Store(text, operation.offset, operation.field, *fits);
  reply.Integer(static_cast<int64_t>(operation.kind == Kind::kSet ? before : *fits));
}

}  // namespace

bool BitFieldOnlyReads(Arguments args) {
  Bytes error;
  const auto operations =
      Parse(args.subspan(kFirstOperation), std::numeric_limits<size_t>::max(), error);
  return error.empty() &&
         std::all_of(operations.begin(), operations.end(),
                     [](const Operation& operation) { return operation.kind == Kind::kGet; });
}

void ExecuteBitField(KeyContext& context) {
  Bytes error;
  const auto operations =
      Parse(context.args.subspan(kFirstOperation), context.string_bytes_max, error);
  if (!error.empty()) return context.reply.Error(error);
  if (!ExpectType(context, ObjectType::kString)) return;
  Bytes scratch;
  const std::string_view held = StringOf(context, scratch);
  Bytes text(held);
  size_t needed = 0;
  for (const Operation& operation : operations) {
    if (operation.kind == Kind::kGet) continue;
    const uint64_t end = operation.offset + operation.field.bits;
    needed = std::max(needed, static_cast<size_t>((end + kBitsPerByte - 1) / kBitsPerByte));
  }
  if (needed > text.size()) text.resize(needed, '\0');
  context.reply.Array(operations.size());
  for (const Operation& operation : operations) Run(operation, text, context.reply);
  if (text != held) RewriteString(context, text);
}

void ExecuteBitFieldRo(KeyContext& context) {
  Bytes error;
  const auto operations =
      Parse(context.args.subspan(kFirstOperation), context.string_bytes_max, error);
  if (!error.empty()) return context.reply.Error(error);
  if (!BitFieldOnlyReads(context.args)) {
    return context.reply.Error("ERR BITFIELD_RO only supports the GET subcommand");
  }
  ExecuteBitField(context);
}

}  // namespace quorate::commands
