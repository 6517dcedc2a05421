// SPDX-License-Identifier: Apache-2.0
#include "engine/hash/dynomite_hashes.h"

#include <openssl/evp.h>

#include <bit>

#include "engine/base/check.h"
#include "engine/hash/little_endian.h"

namespace quorate::hash {
namespace {

uint32_t Byte(char c) { return static_cast<uint8_t>(c); }

// The value of a C `char` on x86-64, converted to 32 bits: bytes from 0x80 on are negative.
uint32_t SignedByte(char c) { return static_cast<uint32_t>(static_cast<int8_t>(c)); }

consteval std::array<uint32_t, 256> MakeCrc16Table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc << 1) ^ ((crc & 0x8000) != 0 ? 0x1021u : 0u);
    table[i] = crc & 0xffff;
  }
  return table;
}

consteval std::array<uint32_t, 256> MakeCrc32Table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
    table[i] = crc;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kCrc16Table = MakeCrc16Table();
constexpr std::array<uint32_t, 256> kCrc32Table = MakeCrc32Table();

constexpr uint32_t kFnvOffset32 = 0x811c9dc5;
constexpr uint32_t kFnvPrime32 = 0x01000193;
constexpr uint64_t kFnvOffset64 = 0xcbf29ce484222325;
constexpr uint64_t kFnvPrime64 = 0x00000100000001b3;

// Up to 12 bytes as three words, the missing ones zero.
std::array<uint32_t, 3> PaddedWords(std::string_view bytes) {
  std::array<uint32_t, 3> words{};
  for (size_t i = 0; i < bytes.size(); ++i) words.at(i / 4) |= Byte(bytes[i]) << (8 * (i % 4));
  return words;
}

}  // namespace

uint32_t OneAtATime(std::string_view key) {
  uint32_t hash = 0;
  for (const char c : key) {
    hash += SignedByte(c);
    hash += hash << 10;
    hash ^= hash >> 6;
  }
  hash += hash << 3;
  hash ^= hash >> 11;
  return hash + (hash << 15);
}

// The register is 32 bits and never cut to 16, so bits above are older states of the checksum.
uint32_t Crc16Unmasked(std::string_view key) {
  uint32_t crc = 0;
  for (const char c : key) crc = (crc << 8) ^ kCrc16Table[((crc >> 8) ^ Byte(c)) & 0xff];
  return crc;
}

uint32_t Crc32Ieee(std::string_view key) {
  uint32_t crc = ~uint32_t{0};
  for (const char c : key) crc = (crc >> 8) ^ kCrc32Table[(crc ^ Byte(c)) & 0xff];
  return ~crc;
}

uint32_t Fnv1_64Low(std::string_view key) {
  uint64_t hash = kFnvOffset64;
  for (const char c : key) hash = (hash * kFnvPrime64) ^ Byte(c);
  return static_cast<uint32_t>(hash);
}

// Dynomite keeps this one in a 32-bit variable, which cuts the offset and the prime as well.
uint32_t Fnv1a_64Narrow(std::string_view key) {
  uint32_t hash = static_cast<uint32_t>(kFnvOffset64);
  for (const char c : key) hash = (hash ^ Byte(c)) * static_cast<uint32_t>(kFnvPrime64);
  return hash;
}

uint32_t Fnv1_32(std::string_view key) {
  uint32_t hash = kFnvOffset32;
  for (const char c : key) hash = (hash * kFnvPrime32) ^ Byte(c);
  return hash;
}

uint32_t Fnv1a_32(std::string_view key) {
  uint32_t hash = kFnvOffset32;
  for (const char c : key) hash = (hash ^ Byte(c)) * kFnvPrime32;
  return hash;
}

// Paul Hsieh's SuperFastHash, begun at 0 instead of the length.
uint32_t Hsieh(std::string_view key) {
  if (key.empty()) return 0;
  uint32_t hash = 0;
  for (; key.size() >= 4; key.remove_prefix(4)) {
    hash += LoadLittle<uint16_t>(key.data());
    const uint32_t upper = LoadLittle<uint16_t>(key.data() + 2);
    hash = (hash << 16) ^ ((upper << 11) ^ hash);
    hash += hash >> 11;
  }
  if (key.size() >= 2) hash += LoadLittle<uint16_t>(key.data());
  if (key.size() == 3) {
    hash ^= hash << 16;
    hash ^= Byte(key[2]) << 18;
    hash += hash >> 11;
  } else if (key.size() == 2) {
    hash ^= hash << 11;
    hash += hash >> 17;
  } else if (key.size() == 1) {
    hash += Byte(key[0]);
    hash ^= hash << 10;
    hash += hash >> 1;
  }
  hash ^= hash << 3;
  hash += hash >> 5;
  hash ^= hash << 4;
  hash += hash >> 17;
  hash ^= hash << 25;
  return hash + (hash >> 6);
}

// Austin Appleby's MurmurHash2 with a seed made of the length.
uint32_t Murmur2(std::string_view key) {
  constexpr uint32_t kMultiplier = 0x5bd1e995;
  const uint32_t length = static_cast<uint32_t>(key.size());
  uint32_t hash = (0xdeadbeef * length) ^ length;
  for (; key.size() >= 4; key.remove_prefix(4)) {
    uint32_t word = LoadLittle<uint32_t>(key.data()) * kMultiplier;
    word ^= word >> 24;
    hash = (hash * kMultiplier) ^ (word * kMultiplier);
  }
  if (!key.empty()) hash = (hash ^ PaddedWords(key)[0]) * kMultiplier;
  hash ^= hash >> 13;
  hash *= kMultiplier;
  return hash ^ (hash >> 15);
}

// Bob Jenkins's lookup3 (hashlittle) with the initial value 13.
uint32_t Jenkins(std::string_view key) {
  uint32_t a = 0xdeadbeef + static_cast<uint32_t>(key.size()) + 13;
  uint32_t b = a;
  uint32_t c = a;
  if (key.empty()) return c;
  for (; key.size() > 12; key.remove_prefix(12)) {
    a += LoadLittle<uint32_t>(key.data());
    b += LoadLittle<uint32_t>(key.data() + 4);
    c += LoadLittle<uint32_t>(key.data() + 8);
    a = (a - c) ^ std::rotl(c, 4), c += b;
    b = (b - a) ^ std::rotl(a, 6), a += c;
    c = (c - b) ^ std::rotl(b, 8), b += a;
    a = (a - c) ^ std::rotl(c, 16), c += b;
    b = (b - a) ^ std::rotl(a, 19), a += c;
    c = (c - b) ^ std::rotl(b, 4), b += a;
  }
  const std::array<uint32_t, 3> tail = PaddedWords(key);
  a += tail[0], b += tail[1], c += tail[2];
  c = (c ^ b) - std::rotl(b, 14);
  a = (a ^ c) - std::rotl(c, 11);
  b = (b ^ a) - std::rotl(a, 25);
  c = (c ^ b) - std::rotl(b, 16);
  a = (a ^ c) - std::rotl(c, 4);
  b = (b ^ a) - std::rotl(a, 14);
  return (c ^ b) - std::rotl(b, 24);
}

Md5Digest Md5(std::string_view bytes) {
  Md5Digest digest{};
  unsigned size = 0;
  QUORATE_CHECK(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_md5(), nullptr) ==
                1);
  QUORATE_CHECK(size == digest.size());
  return digest;
}

uint32_t Md5Word(const Md5Digest& digest, int index) {
  uint32_t word = 0;
  const size_t begin = static_cast<size_t>(index) * 4;
  for (size_t i = 4; i > 0; --i) word = word << 8 | digest.at(begin + i - 1);
  return word;
}

}  // namespace quorate::hash
