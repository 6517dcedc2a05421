// SPDX-License-Identifier: Apache-2.0
// The key hashes that Dynomite has, each as its C code computes it on x86-64 (Dynomite
// src/hashkit): rings of existing clusters depend on the quirks, so the quirks are the
// specification.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace quorate::hash {

uint32_t OneAtATime(std::string_view key);
uint32_t Crc16Unmasked(std::string_view key);
uint32_t Crc32Ieee(std::string_view key);
uint32_t Fnv1_64Low(std::string_view key);
uint32_t Fnv1a_64Narrow(std::string_view key);
uint32_t Fnv1_32(std::string_view key);
uint32_t Fnv1a_32(std::string_view key);
uint32_t Hsieh(std::string_view key);
uint32_t Murmur2(std::string_view key);
uint32_t Jenkins(std::string_view key);

using Md5Digest = std::array<uint8_t, 16>;
Md5Digest Md5(std::string_view bytes);
// The word `index` (0 to 3) of a digest, little endian.
uint32_t Md5Word(const Md5Digest& digest, int index);

// The upper half, words 0 and 1, of MurmurHash3_x86_128.
uint64_t Murmur3X86Top(std::string_view key, uint32_t seed);
// The first 64-bit word of MurmurHash3_x64_128.
uint64_t Murmur3X64First(std::string_view key, uint64_t seed);

}  // namespace quorate::hash
