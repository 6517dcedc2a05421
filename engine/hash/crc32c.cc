// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "engine/hash/digest.h"
#include "engine/hash/little_endian.h"

namespace quorate::hash {
namespace {

// Slicing by 8 [Kounavis and Berry 2005]: table k is the checksum of a byte that k zeros follow.
using Tables = std::array<std::array<uint32_t, 256>, 8>;

consteval Tables MakeTables() {
  Tables tables{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
    tables[0][i] = crc;
  }
  for (size_t k = 1; k < 8; ++k) {
    for (size_t i = 0; i < 256; ++i) {
      const uint32_t crc = tables[k - 1][i];
      tables[k][i] = (crc >> 8) ^ tables[0][crc & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t Crc32cByInstruction(std::string_view bytes,
                                                               uint32_t crc) {
  uint64_t state = static_cast<uint32_t>(~crc);
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    state = __builtin_ia32_crc32di(state, LoadLittle<uint64_t>(bytes.data()));
  }
  uint32_t rest = static_cast<uint32_t>(state);
  for (const char c : bytes) rest = __builtin_ia32_crc32qi(rest, static_cast<unsigned char>(c));
  return ~rest;
}
#endif

}  // namespace

uint32_t Crc32cByTable(std::string_view bytes, uint32_t crc) {
  crc = ~crc;
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    const uint64_t word = LoadLittle<uint64_t>(bytes.data()) ^ crc;
    crc = 0;
    for (size_t k = 0; k < 8; ++k) crc ^= kTables[7 - k][(word >> (8 * k)) & 0xff];
  }
  for (const char c : bytes) crc = (crc >> 8) ^ kTables[0][(crc ^ static_cast<uint8_t>(c)) & 0xff];
  return ~crc;
}

uint32_t Crc32c(std::string_view bytes, uint32_t crc) {
#if defined(__x86_64__)
  // The compiler's runtime knows the processor; nothing of it is stored here.
  if (__builtin_cpu_supports("sse4.2")) return Crc32cByInstruction(bytes, crc);
#endif
  return Crc32cByTable(bytes, crc);
}

}  // namespace quorate::hash
