// SPDX-License-Identifier: Apache-2.0
#include "engine/hash/digest.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

namespace quorate::hash {
namespace {

// RFC 3720, appendix B.4 (its bytes are the checksum in little-endian order), and the usual check
// value.
void ExpectRfcVectors(uint32_t (*crc)(std::string_view, uint32_t)) {
  std::string rising;
  for (int i = 0; i < 32; ++i) rising.push_back(static_cast<char>(i));
  const std::string falling(rising.rbegin(), rising.rend());
  EXPECT_EQ(crc(std::string(32, '\0'), 0), 0x8a9136aau);
  EXPECT_EQ(crc(std::string(32, '\xff'), 0), 0x62a8ab43u);
  EXPECT_EQ(crc(rising, 0), 0x46dd794eu);
  EXPECT_EQ(crc(falling, 0), 0x113fdb5cu);
  EXPECT_EQ(crc("123456789", 0), 0xe3069283u);
  EXPECT_EQ(crc("", 0), 0u);
}

TEST(Crc32c, MatchesTheRfc) { ExpectRfcVectors(&Crc32c); }

TEST(Crc32c, MatchesTheRfcByTable) { ExpectRfcVectors(&Crc32cByTable); }

RC_GTEST_PROP(Crc32c, IsTheSameByInstructionAndByTable, (const std::string& bytes, uint32_t crc)) {
  RC_ASSERT(Crc32c(bytes, crc) == Crc32cByTable(bytes, crc));
}

RC_GTEST_PROP(Crc32c, ContinuesAcrossPieces,
              (const std::string& first, const std::string& second)) {
  RC_ASSERT(Crc32c(second, Crc32c(first)) == Crc32c(first + second));
}

RC_GTEST_PROP(Crc32c, SeesEveryFlippedBit, (std::string bytes, uint32_t where)) {
  RC_PRE(!bytes.empty());
  const uint32_t before = Crc32c(bytes);
  char& byte = bytes[(where / 8) % bytes.size()];
  byte = static_cast<char>(byte ^ (1 << (where % 8)));
  RC_ASSERT(Crc32c(bytes) != before);
}

// Digests are stored and sent. The lengths take every branch of the algorithm (up to 16 bytes, 128,
// 240, and longer).
TEST(Digest, IsFrozen) {
  EXPECT_EQ(Digest("", 0), 0x2d06800538d394c2u);
  EXPECT_EQ(Digest("abc", 0), 0x78af5f94892f3950u);
  EXPECT_EQ(Digest("123456789", 1), 0xe967c19057995816u);
  EXPECT_EQ(Digest(std::string(100, 'q'), 2), 0x32f2d6556890c763u);
  EXPECT_EQ(Digest(std::string(200, 'q'), 3), 0xda5295c4443f6ebdu);
  EXPECT_EQ(Digest(std::string(5000, 'q'), 4), 0xba84f0c2697b2a39u);
}

RC_GTEST_PROP(Digest, DependsOnTheSeed, (const std::string& bytes, uint64_t seed)) {
  RC_ASSERT(Digest(bytes, seed) != Digest(bytes, seed + 1));
}

}  // namespace
}  // namespace quorate::hash
