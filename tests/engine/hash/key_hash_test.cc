// SPDX-License-Identifier: Apache-2.0
#include "engine/hash/key_hash.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>
#include <vector>

namespace quorate::hash {
namespace {

using ::testing::HasSubstr;

std::vector<KeyHash> AllHashes() {
  std::vector<KeyHash> all;
  for (int i = 0; i < kKeyHashes; ++i) all.push_back(static_cast<KeyHash>(i));
  return all;
}

// What Dynomite's C code computes on x86-64. The two values that it leaves undefined, hsieh and
// jenkins of the empty key, are ours.
constexpr std::array<KeyHash, 12> kColumns = {
    KeyHash::kOneAtATime, KeyHash::kMd5,     KeyHash::kCrc16,    KeyHash::kCrc32,
    KeyHash::kCrc32a,     KeyHash::kFnv1_64, KeyHash::kFnv1a_64, KeyHash::kFnv1_32,
    KeyHash::kFnv1a_32,   KeyHash::kHsieh,   KeyHash::kMurmur,   KeyHash::kJenkins};
struct Row {
  std::string_view key;
  std::array<uint32_t, 12> values;
};
constexpr Row kRows[] = {
    {"",
     {0x00000000, 0xd98c1dd4, 0x00000000, 0x00000000, 0x00000000, 0x84222325, 0x84222325,
      0x811c9dc5, 0x811c9dc5, 0x00000000, 0x00000000, 0xdeadbefc}},
    {"a",
     {0xca2e9442, 0xb975c10c, 0x00007c87, 0x000068b7, 0xe8b7be43, 0x8601b7be, 0x8601ec8c,
      0x050c5d7e, 0xe40c292c, 0x93642e87, 0x4b41757c, 0xe0a38690}},
    {"abc",
     {0xed131f5b, 0x98500190, 0x7c749dd6, 0x00003524, 0x352441c2, 0x6bafadcb, 0x0541574b,
      0x439c2f4b, 0x1a47e90b, 0xe5186b3a, 0x7b0cc428, 0x8f415600}},
    {"foobar",
     {0xf952fde7, 0x22f65838, 0x9effb025, 0x00001ef6, 0x9ef61f95, 0xa4dda9c2, 0xf73967e8,
      0x31f0b262, 0xbf9cf968, 0x07a5862c, 0xabecff17, 0x0fdd8b60}},
    {"hello",
     {0xc8fd181b, 0x2a40415d, 0x6b4fc362, 0x00003610, 0x3610a686, 0xbdbdd4c7, 0x80aabd0b,
      0xb6fa7167, 0x4f9f2cab, 0x13842ac5, 0x521b0bff, 0x2e0cc8f3}},
    {"user:1000",
     {0xb563b74f, 0x2e986207, 0xe1644671, 0x00001f74, 0x9f7417e3, 0xd39e3d21, 0xae7b4289,
      0xa6affca1, 0x507c1d89, 0xddec1969, 0x8e24aec7, 0x048c4d84}},
    {"123456789",
     {0xc66b58c5, 0x94e7f925, 0x869031c3, 0x00004bf4, 0xcbf43926, 0x2bf916d6, 0x23c6cdfc,
      0x24148816, 0xbb86b11c, 0xe4fc1670, 0xb7760690, 0x19777af6}},
    {"\xff\xfe\x80",
     {0x54cc64c2, 0xdaeea645, 0x1e0d6e25, 0x0000265e, 0x265ea2ec, 0x69e81dfa, 0xe4779090,
      0xb08ed87a, 0x306143b0, 0x5b21ed17, 0xa3e1075d, 0x201bd2b5}},
    {"The quick brown fox jumps over the lazy dog",
     {0x519e91f5, 0x9d7d109e, 0x22a3f0c8, 0x0000414f, 0x414fa339, 0x7de37ace, 0xe7e47110,
      0xe9c86c6e, 0x048fff90, 0x1c19ee97, 0x30c79125, 0x12b8163c}},
};

TEST(KeyHash, ComputesWhatDynomiteComputes) {
  for (const Row& row : kRows) {
    for (size_t i = 0; i < kColumns.size(); ++i) {
      EXPECT_EQ(RawHash(kColumns[i], row.key), row.values[i])
          << NameOf(kColumns[i]) << " of '" << row.key << "'";
    }
  }
}

TEST(KeyHash, OneAtATimeTakesHighBytesAsNegative) {
  EXPECT_EQ(RawHash(KeyHash::kOneAtATime, std::string(16, '\xff')), 0x95ef10c0u);
}

TEST(KeyHash, Murmur3IsTheUpperHalfOfTheReference) {
  EXPECT_EQ(RawHash(KeyHash::kMurmur3, ""), 0x5d534e04f9298f47u);
  EXPECT_EQ(RawHash(KeyHash::kMurmur3, "a"), 0x07dde0a42b3589aau);
  EXPECT_EQ(RawHash(KeyHash::kMurmur3, "abc"), 0x5d6701e819acdbd3u);
  EXPECT_EQ(RawHash(KeyHash::kMurmur3, "123456789"), 0xcd6cb7667559a6b4u);
  EXPECT_EQ(RawHash(KeyHash::kMurmur3X64_64, ""), 0x01709636a3b2ad2eu);
  EXPECT_EQ(RawHash(KeyHash::kMurmur3X64_64, "a"), 0xc244d5deac55917au);
  EXPECT_EQ(RawHash(KeyHash::kMurmur3X64_64, "abc"), 0xa1866195c85d20e7u);
  EXPECT_EQ(RawHash(KeyHash::kMurmur3X64_64, "123456789"), 0x6321e0ad57dae20eu);
}

// From the implementation of the algorithm's author, installed as a system library.
TEST(KeyHash, DefaultIsXxh3) {
  EXPECT_EQ(RawHash(KeyHash::kXxh3, ""), 0x2d06800538d394c2u);
  EXPECT_EQ(KeyHash(), KeyHash::kXxh3);
}

TEST(KeyHash, ScalesTokensToTheTopByTheRealWidth) {
  EXPECT_EQ(HashKey(KeyHash::kMurmur, "foobar").value, 0xabecff1700000000u);
  EXPECT_EQ(HashKey(KeyHash::kCrc32, "foobar").value, uint64_t{0x1ef6} << 49);
  EXPECT_EQ(HashKey(KeyHash::kCrc16Slots, "foo").value, uint64_t{12182} << 50);
  EXPECT_EQ(HashKey(KeyHash::kXxh3, "").value, 0x2d06800538d394c2u);
}

TEST(KeyHash, ReachesItsWholeWidthAndNoMore) {
  for (const KeyHash hash : AllHashes()) {
    uint64_t seen = 0;
    for (int i = 0; i < 4096; ++i) seen |= RawHash(hash, "key:" + std::to_string(i));
    EXPECT_EQ(seen, ~uint64_t{0} >> (64 - WidthBits(hash))) << NameOf(hash);
  }
}

TEST(KeyHash, GoesByItsName) {
  for (const KeyHash hash : AllHashes()) {
    const absl::StatusOr<KeyHash> parsed = ParseKeyHash(NameOf(hash));
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(*parsed, hash);
    const absl::StatusOr<KeyHash> numbered = KeyHashFromNumber(static_cast<uint8_t>(hash));
    ASSERT_TRUE(numbered.ok());
    EXPECT_EQ(*numbered, hash);
  }
  EXPECT_FALSE(KeyHashFromNumber(kKeyHashes).ok());
}

TEST(KeyHash, NamesTheValidNamesInItsError) {
  const absl::Status status = ParseKeyHash("sha1").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(MessageOf(status), HasSubstr("'sha1'"));
  for (const KeyHash hash : AllHashes()) {
    EXPECT_THAT(MessageOf(status), HasSubstr(std::string(NameOf(hash))));
  }
}

std::string KeyOfShape(int shape, unsigned i) {
  char text[64];
  if (shape == 0) std::snprintf(text, sizeof text, "user:%u", i);
  if (shape == 1) std::snprintf(text, sizeof text, "key:%012u", i);
  if (shape == 2) std::snprintf(text, sizeof text, "%x", i);
  if (shape == 3) std::snprintf(text, sizeof text, "session:%08x:data", i * 2654435761u);
  return text;
}

// The largest arc's share over a fair one, over the four shapes of keys.
double WorstCrowding(KeyHash hash) {
  constexpr unsigned kKeys = 1000;
  constexpr int kArcs = 16;
  double worst = 0;
  for (int shape = 0; shape < 4; ++shape) {
    std::array<int, kArcs> arcs{};
    for (unsigned i = 0; i < kKeys; ++i) ++arcs[HashKey(hash, KeyOfShape(shape, i)).value >> 60];
    const int most = *std::max_element(arcs.begin(), arcs.end());
    worst = std::max(worst, static_cast<double>(most) * kArcs / kKeys);
  }
  return worst;
}

TEST(KeyHash, WarnsWhereItCannotSpreadARing) {
  for (const KeyHash hash : AllHashes()) {
    const bool narrow = hash == KeyHash::kCrc32;
    EXPECT_EQ(!SpreadWarning(hash).empty(), narrow || WorstCrowding(hash) > 2.5)
        << NameOf(hash) << " " << WorstCrowding(hash);
  }
  EXPECT_THAT(SpreadWarning(KeyHash::kCrc32), HasSubstr("32768"));
}

TEST(KeyHash, Murmur3GivesKeysDifferentTokens) {
  for (const KeyHash hash : {KeyHash::kMurmur3, KeyHash::kMurmur3X64_64}) {
    std::set<Token> tokens;
    for (int i = 0; i < 1000; ++i) tokens.insert(HashKey(hash, std::to_string(i)));
    EXPECT_EQ(tokens.size(), 1000u);
  }
}

}  // namespace
}  // namespace quorate::hash
