// SPDX-License-Identifier: Apache-2.0
#include "sim/client/lone_commands.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "engine/base/check.h"
#include "engine/commands/dump_payload.h"

namespace quorate::sim {
namespace {

// A word of one small letter is drawn: k the key, v a text, n an integer, x a decimal, i a field, o
// an offset from either end, p one from the beginning, b a bit, t a time far ahead, r seconds and m
// milliseconds until one, s and h what DUMP gives of a string and of a hash.
constexpr auto kStringForms = std::to_array<std::string_view>({
    "SET k v",
    "SET k n",
    "SET k x",
    "SET k v XX",
    "SET k v NX",
    "SET k v GET",
    "SET k v KEEPTTL",
    "SET k n PXAT t",
    "SET k v EX r",
    "SETEX k r v",
    "PSETEX k m n",
    "SETNX k v",
    "GETSET k v",
    "GET k",
    "APPEND k v",
    "APPEND k n",
    "STRLEN k",
    "GETRANGE k o o",
    "SUBSTR k o o",
    "SETRANGE k p v",
    "INCR k",
    "DECR k",
    "INCRBY k n",
    "DECRBY k n",
    "INCRBYFLOAT k x",
    "SETBIT k p b",
    "GETBIT k p",
    "BITCOUNT k",
    "BITCOUNT k o o BIT",
    "BITPOS k b",
    "BITFIELD k INCRBY u8 p n",
    "BITFIELD k SET i5 p n GET u16 p",
    "BITFIELD k OVERFLOW FAIL INCRBY u4 #1 n",
    "BITFIELD_RO k GET u8 p",
    "RESTORE k 0 s REPLACE",
    "RESTORE k m s REPLACE",
});
constexpr auto kHashForms = std::to_array<std::string_view>({
    "HSET k i v",
    "HSET k i n i x",
    "HSETNX k i v",
    "HMSET k i v i n",
    "HGET k i",
    "HMGET k i i",
    "HGETALL k",
    "HKEYS k",
    "HVALS k",
    "HDEL k i",
    "HDEL k i i",
    "HEXISTS k i",
    "HLEN k",
    "HSTRLEN k i",
    "HINCRBY k i n",
    "HINCRBYFLOAT k i x",
    "HSCAN k 0 COUNT 100",
    "HRANDFIELD k 100",
    "HRANDFIELD k 100 WITHVALUES",
    "RESTORE k t h REPLACE ABSTTL",
});
constexpr auto kCommonForms = std::to_array<std::string_view>({
    "DEL k",
    "UNLINK k",
    "GETDEL k",
    "EXISTS k",
    "TOUCH k",
    "TYPE k",
    "DUMP k",
    "RESTORE k 0 s",
    "OBJECT ENCODING k",
    "EXPIRE k r",
    "EXPIRE k r NX",
    "EXPIRE k -1",
    "EXPIREAT k 1",
    "PEXPIRE k m",
    "PEXPIRE k m XX",
    "PEXPIREAT k t",
    "PEXPIREAT k t NX",
    "PEXPIREAT k t XX",
    "PEXPIREAT k t GT",
    "PEXPIREAT k t LT",
    "GETEX k",
    "GETEX k PXAT t",
    "GETEX k EX r",
    "GETEX k PERSIST",
    "PERSIST k",
    "EXPIRETIME k",
    "PEXPIRETIME k",
    "TTL k",
    "PTTL k",
});

constexpr uint64_t kFields = 5;
// So far apart that a clock shows which of them was asked for.
constexpr uint64_t kSecondsAhead = 1'000'000'000;
constexpr uint64_t kSecondsApart = 10'000'000;

// Shorter than 64 bytes.
Bytes Packed(std::string_view text) {
  return Bytes(1, static_cast<char>(text.size())) + Bytes(text);
}

class Filler {
 public:
  Filler(Prng& prng, Bytes key, Bytes value)
      : prng_(prng), key_(std::move(key)), value_(std::move(value)) {}

  Bytes operator()(std::string_view word) {
    const bool drawn = word.size() == 1 && word.front() >= 'a' && word.front() <= 'z';
    return drawn ? Drawn(word.front()) : Bytes(word);
  }

 private:
  Bytes Integer() { return std::to_string(static_cast<int64_t>(prng_.Below(300)) - 100); }
  // Drawn one after the other: compilers order the operands of + as they like.
  Bytes Decimal() {
    const Bytes fraction = prng_.Chance(1, 2) ? ".5" : ".25";
    return Integer() + fraction;
  }
  uint64_t Seconds() { return kSecondsAhead + prng_.Below(5) * kSecondsApart; }
  Bytes Drawn(char letter);

  Prng& prng_;
  const Bytes key_;
  const Bytes value_;
};

Bytes Filler::Drawn(char letter) {
  switch (letter) {
    case 'k':
      return key_;
    case 'v':
      return prng_.Chance(1, 8) ? Bytes() : value_;
    case 'n':
      return Integer();
    case 'x':
      return Decimal();
    case 'i':
      return "f" + std::to_string(prng_.Below(kFields));
    case 'o':
      return std::to_string(static_cast<int64_t>(prng_.Below(24)) - 8);
    case 'p':
      return std::to_string(prng_.Below(40));
    case 'b':
      return std::to_string(prng_.Below(2));
    case 't':
      return std::to_string(kNamedDeadlinesMs + static_cast<int64_t>(prng_.Below(5)) * 1000);
    case 'r':
      return std::to_string(Seconds());
    case 'm':
      return std::to_string(Seconds() * 1000);
    case 's':
      return commands::SealPayload(Bytes(1, '\x00') + Packed(Integer()));
    case 'h':
      return commands::SealPayload(Bytes("\x04\x02", 2) + Packed("f0") + Packed(Integer()) +
                                   Packed("f1") + Packed("restored"));
    default:
      break;
  }
  QUORATE_CHECK(false);
  return {};
}

std::string_view DrawForm(Prng& prng, LoneType usual) {
  if (prng.Chance(1, 4)) return kCommonForms[prng.Below(kCommonForms.size())];
  if (prng.Chance(1, 8)) usual = usual == LoneType::kString ? LoneType::kHash : LoneType::kString;
  const std::span<const std::string_view> forms =
      usual == LoneType::kString ? std::span<const std::string_view>(kStringForms)
                                 : std::span<const std::string_view>(kHashForms);
  return forms[prng.Below(forms.size())];
}

}  // namespace

std::vector<Bytes> LoneCommand(Prng& prng, LoneType usual, Bytes key, Bytes value) {
  std::string_view form = DrawForm(prng, usual);
  Filler fill(prng, std::move(key), std::move(value));
  std::vector<Bytes> command;
  while (!form.empty()) {
    const size_t end = std::min(form.find(' '), form.size());
    command.push_back(fill(form.substr(0, end)));
    form.remove_prefix(std::min(end + 1, form.size()));
  }
  return command;
}

}  // namespace quorate::sim
