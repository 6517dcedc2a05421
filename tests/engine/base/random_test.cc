// SPDX-License-Identifier: Apache-2.0
#include "engine/base/random.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <bit>
#include <cmath>
#include <set>

namespace quorate {
namespace {

// Stored seeds depend on these values: they never change.
TEST(KeyedHash, IsFrozen) {
  EXPECT_EQ(Mix(0, 0), 0xa035e2cc637f5704u);
  EXPECT_EQ(Mix(1, 2), 0x25cb4ec241cfa5b6u);
  EXPECT_EQ(KeyedHash(0), 0x34af9930032e4697u);
  EXPECT_EQ(KeyedHash(1), 0xcacdd534d0a67f73u);
  EXPECT_EQ(KeyedHash(0, 0), 0x7e8311361e73b213u);
  EXPECT_EQ(KeyedHash(1, 2, 3), 0x70732b0cb194b089u);
  EXPECT_EQ(KeyedHash(0xffffffffffffffff, 7, 8, 9, 10), 0x858dd88b98e0a53du);
}

TEST(KeyedHash, TakesIdsOfAnyIntegerType) {
  enum class Purpose : uint8_t { kSeven = 7 };
  EXPECT_EQ(KeyedHash(1, uint8_t{7}), KeyedHash(1, uint64_t{7}));
  EXPECT_EQ(KeyedHash(1, Purpose::kSeven), KeyedHash(1, 7));
  EXPECT_EQ(KeyedHash(1, -1), KeyedHash(1, ~uint64_t{0}));
}

TEST(KeyedHash, TellsOrderAndNumberOfIdsApart) {
  EXPECT_NE(KeyedHash(1, 2, 3), KeyedHash(1, 3, 2));
  EXPECT_NE(KeyedHash(1, 2), KeyedHash(1, 2, 0));
  EXPECT_NE(KeyedHash(1), KeyedHash(1, 0));
  EXPECT_NE(KeyedHash(1, 2), KeyedHash(2, 1));
}

TEST(KeyedHash, HasNoCollisionsAmongSmallKeys) {
  std::set<uint64_t> seen;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    for (uint64_t a = 0; a < 50; ++a) {
      for (uint64_t b = 0; b < 50; ++b) seen.insert(KeyedHash(seed, a, b));
    }
  }
  EXPECT_EQ(seen.size(), 25000u);
}

// Flipping one bit of the seed or of an id flips each bit of the result in about half of the cases.
TEST(KeyedHash, FlipsHalfOfTheBits) {
  constexpr int kSamples = 200;
  for (int argument = 0; argument < 3; ++argument) {
    for (int bit = 0; bit < 64; ++bit) {
      int flipped = 0;
      for (uint64_t i = 0; i < kSamples; ++i) {
        std::array<uint64_t, 3> in = {i, i * 3, i * 5};
        const uint64_t before = KeyedHash(in[0], in[1], in[2]);
        in[static_cast<size_t>(argument)] ^= uint64_t{1} << bit;
        flipped += std::popcount(before ^ KeyedHash(in[0], in[1], in[2]));
      }
      EXPECT_NEAR(flipped / double{kSamples}, 32, 2) << "argument " << argument << " bit " << bit;
    }
  }
}

RC_GTEST_PROP(Scale, StaysBelowTheBound, (uint64_t draw, uint64_t bound)) {
  RC_PRE(bound > 0u);
  RC_ASSERT(Scale(draw, bound) < bound);
}

TEST(Scale, CoversTheEnds) {
  EXPECT_EQ(Scale(0, 10), 0u);
  EXPECT_EQ(Scale(~uint64_t{0}, 10), 9u);
  EXPECT_EQ(Scale(~uint64_t{0}, 1), 0u);
  EXPECT_EQ(Scale(uint64_t{1} << 63, 10), 5u);
}

TEST(Prng, IsFrozen) {
  Prng prng(1);
  EXPECT_EQ(prng.Next(), 0xb3f2af6d0fc710c5u);
  EXPECT_EQ(prng.Next(), 0x853b559647364ceau);
  EXPECT_EQ(prng.Below(1000), 0x000000000000023eu);
  EXPECT_EQ(Prng(0).Next(), 0x99ec5f36cb75f2b4u);
}

TEST(Prng, RepeatsItselfFromTheSameSeed) {
  Prng a(42);
  Prng b(42);
  Prng c(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const uint64_t value = a.Next();
    EXPECT_EQ(value, b.Next());
    differs = differs || value != c.Next();
  }
  EXPECT_TRUE(differs);
}

TEST(Prng, DrawsEvenly) {
  Prng prng(7);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100000; ++i) ++counts[prng.Below(10)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
}

TEST(Prng, DrawsBetweenBothEnds) {
  Prng prng(7);
  std::set<uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(prng.Between(5, 8));
  EXPECT_EQ(seen, (std::set<uint64_t>{5, 6, 7, 8}));
  EXPECT_EQ(prng.Between(9, 9), 9u);
}

TEST(Prng, KeepsItsChances) {
  Prng prng(7);
  int hits = 0;
  for (int i = 0; i < 10000; ++i) hits += prng.Chance(1, 4) ? 1 : 0;
  EXPECT_NEAR(hits, 2500, 200);
  EXPECT_FALSE(prng.Chance(0, 5));
  EXPECT_TRUE(prng.Chance(5, 5));
}

}  // namespace
}  // namespace quorate
