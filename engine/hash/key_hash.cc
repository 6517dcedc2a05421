// SPDX-License-Identifier: Apache-2.0
#include "engine/hash/key_hash.h"

#include <array>
#include <bit>

#include "engine/base/check.h"
#include "engine/hash/digest.h"
#include "engine/hash/dynomite_hashes.h"
#include "engine/hash/slots.h"

namespace quorate::hash {
namespace {

// The seed that Dynomite gives to both of its MurmurHash3 variants.
constexpr uint32_t kMurmur3Seed = 0xc0a1e5ce;

struct Entry {
  std::string_view name;
  int width;
};

// In the order of the enumeration.
constexpr std::array<Entry, kKeyHashes> kEntries = {{{"xxh3", 64},
                                                     {"one_at_a_time", 32},
                                                     {"md5", 32},
                                                     {"crc16", 32},
                                                     {"crc32", 15},
                                                     {"crc32a", 32},
                                                     {"fnv1_64", 32},
                                                     {"fnv1a_64", 32},
                                                     {"fnv1_32", 32},
                                                     {"fnv1a_32", 32},
                                                     {"hsieh", 32},
                                                     {"murmur", 32},
                                                     {"jenkins", 32},
                                                     {"murmur3", 64},
                                                     {"murmur3_x64_64", 64},
                                                     {"crc16_slots", kSlotBits}}};

const Entry& EntryOf(KeyHash hash) { return kEntries.at(static_cast<size_t>(hash)); }

}  // namespace

int WidthBits(KeyHash hash) { return EntryOf(hash).width; }

std::string_view NameOf(KeyHash hash) { return EntryOf(hash).name; }

uint64_t RawHash(KeyHash hash, std::string_view key) {
  switch (hash) {
    case KeyHash::kXxh3:
      return Digest(key, 0);
    case KeyHash::kOneAtATime:
      return OneAtATime(key);
    case KeyHash::kMd5:
      return Md5Word(Md5(key), 0);
    case KeyHash::kCrc16:
      return Crc16Unmasked(key);
    case KeyHash::kCrc32:
      return (Crc32Ieee(key) >> 16) & 0x7fff;
    case KeyHash::kCrc32a:
      return Crc32Ieee(key);
    case KeyHash::kFnv1_64:
      return Fnv1_64Low(key);
    case KeyHash::kFnv1a_64:
      return Fnv1a_64Narrow(key);
    case KeyHash::kFnv1_32:
      return Fnv1_32(key);
    case KeyHash::kFnv1a_32:
      return Fnv1a_32(key);
    case KeyHash::kHsieh:
      return Hsieh(key);
    case KeyHash::kMurmur:
      return Murmur2(key);
    case KeyHash::kJenkins:
      return Jenkins(key);
    case KeyHash::kMurmur3:
      return Murmur3X86Top(key, kMurmur3Seed);
    case KeyHash::kMurmur3X64_64:
      // Dynomite's token has two 32-bit words, and the lower one counts first.
      return std::rotl(Murmur3X64First(key, kMurmur3Seed), 32);
    case KeyHash::kCrc16Slots:
      return Crc16Unmasked(key) % kSlots;
  }
  QUORATE_CHECK(false && "a KeyHash that is none");
}

Token HashKey(KeyHash hash, std::string_view key) {
  return Token{RawHash(hash, key) << (64 - WidthBits(hash))};
}

absl::StatusOr<KeyHash> ParseKeyHash(std::string_view name) {
  std::string valid;
  for (size_t i = 0; i < kEntries.size(); ++i) {
    if (kEntries[i].name == name) return static_cast<KeyHash>(i);
    if (i > 0) valid += ", ";
    valid += kEntries[i].name;
  }
  return InvalidArgument("unknown hash '" + std::string(name) + "'; it is one of " + valid);
}

absl::StatusOr<KeyHash> KeyHashFromNumber(uint8_t number) {
  if (number < kKeyHashes) return static_cast<KeyHash>(number);
  return InvalidArgument(Format("unknown hash number %d", int{number}));
}

std::string SpreadWarning(KeyHash hash) {
  switch (hash) {
    case KeyHash::kCrc32:
      return "hash crc32 has 15 bits, as in Dynomite: all keys share 32768 ring positions, and "
             "tokens "
             "of 32768 and above are refused";
    case KeyHash::kCrc16:
      return "hash crc16 leaves most of the ring empty for keys of one or two bytes and shifts the "
             "characters of longer ones instead of mixing them, so similar keys crowd together";
    case KeyHash::kFnv1_64:
    case KeyHash::kFnv1a_64:
    case KeyHash::kFnv1_32:
      return "hash " + std::string(NameOf(hash)) +
             " barely moves a key along the ring for its last characters, so keys that are "
             "numbered "
             "in sequence crowd on few nodes";
    default:
      return {};
  }
}

}  // namespace quorate::hash
