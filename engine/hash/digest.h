// SPDX-License-Identifier: Apache-2.0
// Hashes of bytes for our own use: a 64-bit digest (XXH3) for comparing and filling, and CRC-32C
// for what a disk or a link may damage. Both are frozen: their values are stored and sent.
#pragma once

#include <cstdint>
#include <string_view>

namespace quorate::hash {

// XXH3 with 64 bits and a seed. Not for adversaries that choose the bytes: they can make two equal.
[[nodiscard]] uint64_t Digest(std::string_view bytes, uint64_t seed);

// CRC-32C (Castagnoli, RFC 3720 appendix B.4) of what `crc` covers followed by `bytes`. Uses the
// processor's instruction where there is one, tables elsewhere; the value is the same.
[[nodiscard]] uint32_t Crc32c(std::string_view bytes, uint32_t crc = 0);

// The form with tables, for the test that compares the two.
[[nodiscard]] uint32_t Crc32cByTable(std::string_view bytes, uint32_t crc = 0);

}  // namespace quorate::hash
