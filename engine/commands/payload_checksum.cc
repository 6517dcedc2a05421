// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/payload_checksum.h"

#include <array>
#include <cstddef>

namespace quorate::commands {
namespace {

constexpr uint64_t kReflectedPolynomial = 0x95ac9329ac4bc9b5;

constexpr std::array<uint64_t, 256> MakeTable() {
  std::array<uint64_t, 256> table{};
  for (size_t byte = 0; byte < table.size(); ++byte) {
    uint64_t rest = byte;
    for (int bit = 0; bit < 8; ++bit)
      rest = rest >> 1 ^ ((rest & 1) != 0 ? kReflectedPolynomial : 0);
    table[byte] = rest;
  }
  return table;
}
constexpr std::array<uint64_t, 256> kTable = MakeTable();

}  // namespace

uint64_t PayloadChecksum(std::string_view bytes) {
  uint64_t sum = 0;
  for (const char byte : bytes) sum = kTable[(sum ^ static_cast<uint8_t>(byte)) & 0xff] ^ sum >> 8;
  return sum;
}

}  // namespace quorate::commands
