// SPDX-License-Identifier: Apache-2.0
// MurmurHash3 (Austin Appleby, 2011), the two 128-bit variants. The last, short block is padded
// with zeros: a word of zeros leaves the state as it is, so no case per length is needed.
#include <array>
#include <bit>
#include <cstring>

#include "engine/hash/dynomite_hashes.h"
#include "engine/hash/little_endian.h"

namespace quorate::hash {
namespace {

constexpr size_t kBlock = 16;

std::array<char, kBlock> Padded(std::string_view tail) {
  std::array<char, kBlock> block{};
  if (!tail.empty()) std::memcpy(block.data(), tail.data(), tail.size());
  return block;
}

uint32_t Finish32(uint32_t h) {
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

uint64_t Finish64(uint64_t h) {
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccd;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53;
  return h ^ (h >> 33);
}

// Lane i multiplies by factor i, turns, and multiplies by factor i + 1.
struct Lane32 {
  uint32_t factor;
  int turn;
  int state_turn;
  uint32_t added;
};
constexpr std::array<Lane32, 4> kLanes32 = {{{0x239b961b, 15, 19, 0x561ccd1b},
                                             {0xab0e9789, 16, 17, 0x0bcaa747},
                                             {0x38b34ae5, 17, 15, 0x96cd1c35},
                                             {0xa1e38b93, 18, 13, 0x32ac3b17}}};
using State32 = std::array<uint32_t, 4>;

void MixWord32(State32& state, size_t i, const char* block) {
  const uint32_t word = LoadLittle<uint32_t>(block + 4 * i) * kLanes32[i].factor;
  state[i] ^= std::rotl(word, kLanes32[i].turn) * kLanes32[(i + 1) % 4].factor;
}

void Spread32(State32& state) {
  state[0] += state[1] + state[2] + state[3];
  for (size_t i = 1; i < 4; ++i) state[i] += state[0];
}

constexpr uint64_t kFactorA = 0x87c37b91114253d5;
constexpr uint64_t kFactorB = 0x4cf5ad432745937f;
uint64_t FirstWord64(const char* block) {
  return std::rotl(LoadLittle<uint64_t>(block) * kFactorA, 31) * kFactorB;
}
uint64_t SecondWord64(const char* block) {
  return std::rotl(LoadLittle<uint64_t>(block + 8) * kFactorB, 33) * kFactorA;
}

}  // namespace

uint64_t Murmur3X86Top(std::string_view key, uint32_t seed) {
  const uint32_t length = static_cast<uint32_t>(key.size());
  State32 state = {seed, seed, seed, seed};
  for (; key.size() >= kBlock; key.remove_prefix(kBlock)) {
    for (size_t i = 0; i < 4; ++i) {
      MixWord32(state, i, key.data());
      state[i] = std::rotl(state[i], kLanes32[i].state_turn) + state[(i + 1) % 4];
      state[i] = state[i] * 5 + kLanes32[i].added;
    }
  }
  const std::array<char, kBlock> tail = Padded(key);
  for (size_t i = 0; i < 4; ++i) MixWord32(state, i, tail.data());
  for (uint32_t& word : state) word ^= length;
  Spread32(state);
  for (uint32_t& word : state) word = Finish32(word);
  Spread32(state);
  return uint64_t{state[0]} << 32 | state[1];
}

uint64_t Murmur3X64First(std::string_view key, uint64_t seed) {
  const uint64_t length = key.size();
  uint64_t first = seed;
  uint64_t second = seed;
  for (; key.size() >= kBlock; key.remove_prefix(kBlock)) {
    first ^= FirstWord64(key.data());
    first = (std::rotl(first, 27) + second) * 5 + 0x52dce729;
    second ^= SecondWord64(key.data());
    second = (std::rotl(second, 31) + first) * 5 + 0x38495ab5;
  }
  const std::array<char, kBlock> tail = Padded(key);
  first ^= FirstWord64(tail.data());
  second ^= SecondWord64(tail.data());
  first ^= length;
  second ^= length;
  first += second;
  second += first;
  return Finish64(first) + Finish64(second);
}

}  // namespace quorate::hash
