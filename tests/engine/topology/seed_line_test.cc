// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/seed_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/engine/topology/specs.h"

namespace quorate::topology {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(SeedLine, ScalesTokensByTheWidthOfTheHash) {
  EXPECT_EQ(ParseToken("2147483648", 32)->value, uint64_t{1} << 63);
  EXPECT_EQ(ParseToken("4294967295", 32)->value, uint64_t{0xffffffff} << 32);
  EXPECT_EQ(ParseToken("1", 15)->value, uint64_t{1} << 49);
  EXPECT_EQ(ParseToken("18446744073709551615", 64)->value, ~uint64_t{0});
  EXPECT_EQ(ParseToken("0", 32)->value, 0u);
}

TEST(SeedLine, NamesTokensThatDoNotFit) {
  EXPECT_THAT(MessageOf(ParseToken("4294967296", 32).status()),
              HasSubstr("token '4294967296' does not fit the 32 bits of the hash"));
  EXPECT_THAT(MessageOf(ParseToken("32768", 15).status()), HasSubstr("does not fit the 15 bits"));
  EXPECT_THAT(MessageOf(ParseToken("18446744073709551616", 64).status()),
              HasSubstr("does not fit the 64 bits"));
  for (const char* text : {"", "-1", "+1", " 1", "1 ", "0x10", "1.5", "ten"}) {
    EXPECT_THAT(MessageOf(ParseToken(text, 32).status()), HasSubstr("is not a decimal number"))
        << text;
  }
}

RC_GTEST_PROP(SeedLine, WritesTokensAsItReadsThem, (uint64_t value)) {
  for (const int width : {14, 15, 32, 64}) {
    const uint64_t fitting = value >> (64 - width);
    const absl::StatusOr<Token> token = ParseToken(std::to_string(fitting), width);
    RC_ASSERT(token.ok());
    RC_ASSERT(TokenText(*token, width) == std::to_string(fitting));
  }
}

TEST(SeedLine, ReadsASeatOfDynomite) {
  const absl::StatusOr<SeatSpec> seat =
      ParseSeedLine("  cass-1.example:8101:us-east-1a:us-east-1:0,2147483648\r", 32);
  ASSERT_TRUE(seat.ok()) << MessageOf(seat.status());
  EXPECT_EQ(seat->address, "cass-1.example:8101");
  EXPECT_EQ(seat->rack, "us-east-1a");
  EXPECT_EQ(seat->data_centre, "us-east-1");
  EXPECT_THAT(seat->tokens, ElementsAre(Token{0}, Token{uint64_t{1} << 63}));
  EXPECT_EQ(seat->node, NodeId());
  EXPECT_EQ(seat->weight, 1);
}

TEST(SeedLine, ReadsIpv6AndSeatsWithoutTokens) {
  const absl::StatusOr<SeatSpec> seat = ParseSeedLine("[fe80::1]:8101:r:d:", 64);
  ASSERT_TRUE(seat.ok()) << MessageOf(seat.status());
  EXPECT_EQ(seat->address, "[fe80::1]:8101");
  EXPECT_THAT(seat->tokens, IsEmpty());
}

TEST(SeedLine, RefusesOtherLines) {
  for (const char* line : {"", "host", "host:8101:rack:dc", "host:port:rack:dc:1", "host:1::dc:1",
                           "host:1:rack::1", ":1:rack:dc:1", "host:1:rack:dc:1,",
                           "host:1:rack:dc:,1", "host:1:rack:dc:1 2", "fe80::1:8101:r:d:1"}) {
    EXPECT_EQ(ParseSeedLine(line, 32).status().code(), absl::StatusCode::kInvalidArgument) << line;
  }
}

TEST(SeedLine, ReadsAFile) {
  const absl::StatusOr<std::vector<SeatSpec>> seats = ParseSeeds(
      "# three | racks\n"
      "a:1:r1:d:100\n"
      "\n"
      "  # more\n"
      "b:1:r2:d:100|c:1:r3:d:100|",
      32);
  ASSERT_TRUE(seats.ok()) << MessageOf(seats.status());
  ASSERT_THAT(*seats, SizeIs(3));
  EXPECT_EQ((*seats)[2].address, "c:1");
  EXPECT_THAT(MessageOf(ParseSeeds("a:1:r:d:1\n\nb:1:r:d:x\n", 32).status()),
              HasSubstr("line 3: token 'x'"));
  EXPECT_THAT(*ParseSeeds("", 32), IsEmpty());
}

TEST(SeedLine, BindsSeatsToTheSameNodesEverywhere) {
  TopologySpec spec = MakeSpec(2, 2, 1);
  spec.seats[0].node = NodeId();
  BindStaticNodes(spec);
  EXPECT_EQ(spec.seats[0].node, StaticNodeId("test", "host1:8101"));
  EXPECT_EQ(spec.seats[1].node, NodeId{2});
  EXPECT_NE(StaticNodeId("test", "host1:8101"), StaticNodeId("test", "host2:8101"));
  EXPECT_NE(StaticNodeId("test", "host1:8101"), StaticNodeId("prod", "host1:8101"));
  EXPECT_NE(StaticNodeId("", ""), NodeId());
}

RC_GTEST_PROP(SeedLine, ReadsAnyTextWithoutHarm, (const std::string& text)) {
  const absl::StatusOr<std::vector<SeatSpec>> seats = ParseSeeds(text, 32);
  RC_ASSERT(seats.ok() || !MessageOf(seats.status()).empty());
}

}  // namespace
}  // namespace quorate::topology
