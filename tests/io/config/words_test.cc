// SPDX-License-Identifier: Apache-2.0
#include "io/config/words.h"

#include <gtest/gtest.h>

#include <limits>

namespace quorate::io {
namespace {

TEST(Words, ReadsSizesAsRedisDoes) {
  EXPECT_EQ(ParseByteSize("100"), 100U);
  EXPECT_EQ(ParseByteSize("64mb"), 64U << 20);
  EXPECT_EQ(ParseByteSize("64MB"), 64U << 20);
  EXPECT_EQ(ParseByteSize("5k"), 5000U);
  EXPECT_EQ(ParseByteSize("5kb"), 5120U);
  EXPECT_EQ(ParseByteSize("2tb"), uint64_t{2} << 40);
  for (const char* text : {"", "mb", "-1", "1.5gb", "10 mb", "64mbs", "99999999999tb"}) {
    EXPECT_FALSE(ParseByteSize(text)) << text;
  }
}

TEST(Words, ReadsTimesWithTheirUnit) {
  EXPECT_EQ(ParseDuration("250ms"), 250ms);
  EXPECT_EQ(ParseDuration("5s"), 5s);
  EXPECT_EQ(ParseDuration("2m"), 120s);
  EXPECT_EQ(ParseDuration("1h"), 3600s);
  EXPECT_EQ(ParseDuration("7us"), 7us);
  for (const char* text : {"", "5", "5 s", "ms", "-5s", "18446744073709551615us"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

TEST(Words, FindsTheNameThatWasMeant) {
  constexpr std::string_view kNames[] = {"durability", "listen", "hash"};
  EXPECT_EQ(NearestName("durabilty", kNames), "durability");
  EXPECT_EQ(NearestName("lisetn", kNames), "listen");
  EXPECT_EQ(NearestName("HASH", kNames), "hash");
  EXPECT_FALSE(NearestName("zebra", kNames));
  EXPECT_FALSE(NearestName("", kNames));
  EXPECT_FALSE(NearestName(std::string(100'000, 'x'), kNames));
  EXPECT_EQ(Suggest("zebra", kNames), "; it is one of durability, listen, hash");
}

TEST(Words, QuotesOnlyWhatCanBePrinted) {
  EXPECT_EQ(Quoted("a\nb\x7f"), "'a?b?'");
  EXPECT_EQ(Quoted(std::string(200, 'x')), "'" + std::string(80, 'x') + "...'");
}

TEST(Words, SplitsAddresses) {
  EXPECT_EQ(SplitAddress("localhost:0")->port, 0);
  EXPECT_EQ(SplitAddress("[::1]:80")->host, "::1");
  for (const char* text : {"", ":80", "a", "a:", "a:x", "a:65536", "::1:80", "a b:1", "a:1:2"}) {
    EXPECT_FALSE(SplitAddress(text)) << text;
  }
}

TEST(Words, KnowsWhatOnlyThisMachineReaches) {
  for (const char* host : {"127.0.0.1", "127.1.2.3", "localhost", "::1"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
  }
  for (const char* host : {"0.0.0.0", "::", "10.0.0.1", "127.evil.example", "localhost.example"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

}  // namespace
}  // namespace quorate::io
