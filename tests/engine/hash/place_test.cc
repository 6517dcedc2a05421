// SPDX-License-Identifier: Apache-2.0
#include "engine/hash/place.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "engine/hash/digest.h"
#include "engine/hash/slots.h"

namespace quorate::hash {
namespace {

TEST(HashTag, TakesTheFirstPairThatIsNotEmptyAsRedisClusterDoes) {
  const HashTag tag = HashTag::RedisCluster();
  EXPECT_EQ(HashedPart("{user1000}.a", tag), "user1000");
  EXPECT_EQ(HashedPart("foo{}{bar}", tag), "foo{}{bar}");
  EXPECT_EQ(HashedPart("foo{{bar}}zap", tag), "{bar");
  EXPECT_EQ(HashedPart("foo{bar}{zap}", tag), "bar");
  EXPECT_EQ(HashedPart("a}b{c", tag), "a}b{c");
  EXPECT_EQ(HashedPart("a}b{c}", tag), "c");
  EXPECT_EQ(HashedPart("", tag), "");
  EXPECT_EQ(HashedPart("{", tag), "{");
}

TEST(HashTag, TakesTheEmptyPartAsDynomiteDoes) {
  const HashTag tag = HashTag::Dynomite('[', ']');
  EXPECT_EQ(HashedPart("a[b]c", tag), "b");
  EXPECT_EQ(HashedPart("a[]c", tag), "");
  EXPECT_EQ(HashedPart("a[c", tag), "a[c");
  EXPECT_EQ(HashedPart("a$b$c", HashTag::Dynomite('$', '$')), "b");
}

TEST(HashTag, IsNothingUnlessAskedFor) {
  EXPECT_EQ(HashedPart("{a}b", HashTag::None()), "{a}b");
  EXPECT_EQ(HashTag(), HashTag::None());
}

TEST(HashTag, IsWrittenAsTwoCharacters) {
  EXPECT_EQ(*ParseHashTag(""), HashTag::None());
  EXPECT_EQ(*ParseHashTag("{}"), HashTag::RedisCluster());
  EXPECT_EQ(*ParseHashTag("[]"), HashTag::Dynomite('[', ']'));
  EXPECT_EQ(NameOf(*ParseHashTag("[]")), "[]");
  EXPECT_EQ(NameOf(HashTag::None()), "");
  EXPECT_EQ(ParseHashTag("{").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ParseHashTag("{}}").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(Slots, AreThoseOfRedisCluster) {
  EXPECT_EQ(KeySlot("a"), 15495);
  EXPECT_EQ(KeySlot("b"), 3300);
  EXPECT_EQ(KeySlot("foo"), 12182);
  EXPECT_EQ(KeySlot("{user1000}.a"), 3443);
  EXPECT_EQ(KeySlot("foo{}{bar}"), 8363);
  EXPECT_EQ(KeySlot("foo{{bar}}zap"), 4015);
  EXPECT_EQ(KeySlot("foo{bar}{zap}"), 5061);
  EXPECT_EQ(KeySlot("123456789"), 12739);
  EXPECT_EQ(KeySlot(""), 0);
}

RC_GTEST_PROP(Place, HasTheTokenOnTop, (const std::string& key)) {
  for (int i = 0; i < kKeyHashes; ++i) {
    const KeyHash hash = static_cast<KeyHash>(i);
    const Place place = KeyPlacer{hash, HashTag::None()}(key);
    const int below = 64 - WidthBits(hash);
    const uint64_t mask = below == 0 ? 0 : ~uint64_t{0} >> (64 - below);
    RC_ASSERT((place.value & ~mask) == HashKey(hash, key).value);
    RC_ASSERT(place == PlaceOf(HashKey(hash, key), WidthBits(hash), key));
  }
}

TEST(Place, SpreadsKeysInsideANarrowToken) {
  std::set<uint64_t> below;
  for (int i = 0; i < 1000; ++i) {
    const Place place = KeyPlacer{KeyHash::kCrc32, HashTag::None()}(std::to_string(i));
    below.insert(place.value & (~uint64_t{0} >> 15));
  }
  EXPECT_EQ(below.size(), 1000u);
}

TEST(Place, KeepsTheKeysOfATagTogetherAndApart) {
  for (const KeyHash hash : {KeyHash::kXxh3, KeyHash::kMurmur, KeyHash::kCrc16Slots}) {
    const KeyPlacer placer{hash, HashTag::RedisCluster()};
    const int bits = std::min(WidthBits(hash), kTagBits);
    const uint64_t tag = placer("{tag}1").value >> (64 - bits);
    EXPECT_EQ(placer("other{tag}").value >> (64 - bits), tag);
    EXPECT_EQ(placer("tag").value >> (64 - bits), tag);
    EXPECT_NE(placer("{gat}1").value >> (64 - bits), tag);
    EXPECT_NE(placer("{tag}1"), placer("{tag}2"));
  }
}

// Places are stored, so these never change.
TEST(Place, IsFrozen) {
  EXPECT_EQ(KeyPlacer{}("foobar").value, 0xd78fda63144c5c84u);
  EXPECT_EQ((KeyPlacer{KeyHash::kMurmur, {}}("foobar").value), 0xabecff179e1bace4u);
  EXPECT_EQ((KeyPlacer{KeyHash::kCrc32, {}}("foobar").value), 0x3ded3c3759c935a6u);
}

RC_GTEST_PROP(Partition, CutsThePlacesIntoSlices, (uint64_t value, uint16_t drawn)) {
  const uint16_t partitions = drawn == 0 ? uint16_t{1} : drawn;
  const PartitionId partition = PartitionOf(Place{value}, partitions);
  RC_ASSERT(partition.value < partitions);
  RC_ASSERT(PartitionBegin(partition, partitions).value <= value);
  RC_ASSERT(value <= PartitionLast(partition, partitions).value);
}

TEST(Partition, BoundsMeetWithoutGaps) {
  for (const uint16_t partitions : {uint16_t{1}, uint16_t{3}, uint16_t{256}, uint16_t{1000}}) {
    EXPECT_EQ(PartitionBegin(PartitionId{0}, partitions).value, 0u);
    uint64_t smallest = ~uint64_t{0};
    uint64_t largest = 0;
    for (uint16_t i = 0; i < partitions; ++i) {
      const uint64_t begin = PartitionBegin(PartitionId{i}, partitions).value;
      const uint64_t last = PartitionLast(PartitionId{i}, partitions).value;
      EXPECT_EQ(PartitionOf(Place{begin}, partitions), PartitionId{i});
      EXPECT_EQ(PartitionOf(Place{last}, partitions), PartitionId{i});
      if (i > 0) {
        EXPECT_EQ(PartitionOf(Place{begin - 1}, partitions).value, i - 1);
      }
      smallest = std::min(smallest, last - begin);
      largest = std::max(largest, last - begin);
    }
    EXPECT_LE(largest - smallest, 1u);
    EXPECT_EQ(PartitionOf(Place{~uint64_t{0}}, partitions).value, partitions - 1);
  }
}

}  // namespace
}  // namespace quorate::hash
