// SPDX-License-Identifier: Apache-2.0
#include "engine/base/codec.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace quorate {
namespace {

template <typename Integer>
Bytes BigEndianOf(Integer value) {
  Bytes out;
  PutBigEndian(out, value);
  return out;
}

Bytes VarintOf(uint64_t value) {
  Bytes out;
  PutVarint(out, value);
  return out;
}

Version MakeVersion(uint64_t time, uint64_t node, uint32_t incarnation, uint16_t shard) {
  return {HybridTime::FromBits(time), {NodeId{node}, Incarnation{incarnation}, ShardIndex{shard}}};
}

TEST(Codec, WritesTheMostSignificantByteFirst) {
  EXPECT_EQ(BigEndianOf<uint32_t>(0x01020380), Bytes("\x01\x02\x03\x80"));
  EXPECT_EQ(BigEndianOf<uint8_t>(0xff), Bytes("\xff"));
  EXPECT_EQ(BigEndianOf<uint16_t>(0x0102), Bytes("\x01\x02"));
}

RC_GTEST_PROP(Codec, ReadsBackBigEndian, (uint64_t a, uint32_t b, uint16_t c, uint8_t d)) {
  Bytes out;
  PutBigEndian(out, a);
  PutBigEndian(out, b);
  PutBigEndian(out, c);
  PutBigEndian(out, d);
  ByteReader reader(out);
  RC_ASSERT(reader.BigEndian<uint64_t>() == a);
  RC_ASSERT(reader.BigEndian<uint32_t>() == b);
  RC_ASSERT(reader.BigEndian<uint16_t>() == c);
  RC_ASSERT(reader.BigEndian<uint8_t>() == d);
  RC_ASSERT(reader.ok() && reader.AtEnd());
}

RC_GTEST_PROP(Codec, SortsBigEndianAsTheNumbers, (uint64_t a, uint64_t b)) {
  RC_ASSERT((BigEndianOf(a) < BigEndianOf(b)) == (a < b));
}

TEST(Codec, ReadsBackVarintsOfEveryLength) {
  for (int bits = 0; bits < 64; ++bits) {
    for (const uint64_t value : {(uint64_t{1} << bits) - 1, uint64_t{1} << bits}) {
      const Bytes out = VarintOf(value);
      EXPECT_EQ(out.size(), value == 0 ? 1u : static_cast<size_t>(std::bit_width(value) + 6) / 7);
      ByteReader reader(out);
      EXPECT_EQ(reader.Varint(), value);
      EXPECT_TRUE(reader.ok() && reader.AtEnd());
    }
  }
  ByteReader reader("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
  EXPECT_EQ(reader.Varint(), std::numeric_limits<uint64_t>::max());
}

TEST(Codec, RefusesAVarintOfMoreThan64Bits) {
  for (const std::string_view bytes : {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
                                       "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"}) {
    ByteReader reader(bytes);
    EXPECT_EQ(reader.Varint(), 0u);
    EXPECT_FALSE(reader.ok());
  }
}

TEST(Codec, RefusesAVarintThatEndsEarly) {
  for (const std::string_view bytes :
       {std::string_view(""), std::string_view("\x80"), std::string_view("\xff\xff\xff")}) {
    ByteReader reader(bytes);
    EXPECT_EQ(reader.Varint(), 0u);
    EXPECT_FALSE(reader.ok());
  }
}

RC_GTEST_PROP(Codec, ReadsBackBlobs, (const std::vector<std::string>& blobs)) {
  Bytes out;
  for (const std::string& blob : blobs) PutBlob(out, blob);
  ByteReader reader(out);
  for (const std::string& blob : blobs) RC_ASSERT(reader.Blob() == blob);
  RC_ASSERT(reader.ok() && reader.AtEnd());
}

TEST(Codec, RefusesABlobLongerThanTheBytes) {
  Bytes out;
  PutVarint(out, std::numeric_limits<uint64_t>::max());
  out += "abc";
  ByteReader reader(out);
  EXPECT_EQ(reader.Blob(), "");
  EXPECT_FALSE(reader.ok());
}

RC_GTEST_PROP(Codec, NoticesEveryCut, (const std::string& blob, uint64_t number, uint8_t where)) {
  Bytes out;
  PutBlob(out, blob);
  PutBigEndian(out, number);
  PutVersion(out, MakeVersion(number, 1, 2, 3));
  out.resize(where % out.size());
  ByteReader reader(out);
  reader.Blob();
  reader.BigEndian<uint64_t>();
  reader.Version();
  RC_ASSERT(!reader.ok());
}

TEST(Codec, StaysFailedAfterTheFirstFailure) {
  ByteReader reader(
      "\x05"
      "abc");
  EXPECT_EQ(reader.Blob(), "");
  EXPECT_EQ(reader.BigEndian<uint8_t>(), 0);
  EXPECT_EQ(reader.Varint(), 0u);
  EXPECT_EQ(reader.Raw(0), "");
  EXPECT_EQ(reader.Version(), Version());
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_FALSE(reader.ok());
}

RC_GTEST_PROP(Codec, ReadsAnyBytesWithoutHarm, (const std::string& bytes)) {
  ByteReader reader(bytes);
  size_t reads = 0;
  while (reader.ok() && !reader.AtEnd()) {
    const size_t before = reader.rest().size();
    if (reads++ % 2 == 0) {
      reader.Blob();
    } else {
      reader.Varint();
    }
    RC_ASSERT(reader.rest().size() < before);
  }
}

RC_GTEST_PROP(Codec, ReadsBackVersions,
              (uint64_t time, uint64_t node, uint32_t incarnation, uint16_t shard)) {
  const Version version = MakeVersion(time, node, incarnation, shard);
  Bytes out;
  PutVersion(out, version);
  RC_ASSERT(out.size() == kVersionBytes);
  ByteReader reader(out);
  RC_ASSERT(reader.Version() == version);
  RC_ASSERT(reader.ok() && reader.AtEnd());
}

// Small numbers, so that the later fields decide often.
RC_GTEST_PROP(Codec, SortsVersionsAsTheyCompare, ()) {
  const auto draw = [] {
    const auto field = [] { return *rc::gen::inRange<uint8_t>(0, 3); };
    const uint64_t time = field();
    const uint64_t node = field();
    const uint32_t incarnation = field();
    return MakeVersion(time << 30, node << 40, incarnation << 20, field());
  };
  const Version a = draw();
  const Version b = draw();
  Bytes a_bytes;
  Bytes b_bytes;
  PutVersion(a_bytes, a);
  PutVersion(b_bytes, b);
  RC_ASSERT((a <=> b) == (a_bytes.compare(b_bytes) <=> 0));
}

}  // namespace
}  // namespace quorate
