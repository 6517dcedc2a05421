// SPDX-License-Identifier: Apache-2.0
#include "engine/wire/frame.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/hash/digest.h"
#include "tests/engine/wire/one_of_each.h"
#include "tests/engine/wire/raw_frame.h"

namespace quorate::wire {
namespace {

Bytes EncodeAll() {
  Bytes bytes;
  EncodeFrame(Header(), OneOfEach(), bytes);
  return bytes;
}

TEST(Frame, CarriesEveryMessage) {
  const Bytes bytes = EncodeAll();
  ASSERT_EQ(*FrameLength(bytes), bytes.size());
  const auto frame = DecodeFrame(bytes);
  ASSERT_TRUE(frame.ok()) << MessageOf(frame.status());
  EXPECT_EQ(frame->header, Header());
  EXPECT_EQ(frame->envelopes, OneOfEach());
  EXPECT_EQ(frame->envelopes.size(), std::variant_size_v<Body>);
}

// The same bytes from every compiler: a change here breaks recorded runs and mixed clusters.
TEST(Frame, HasTheseBytes) { EXPECT_EQ(hash::Digest(EncodeAll(), 0), 11147465168802756823u); }

TEST(Frame, SaysWhatIsWrongWithIt) {
  Bytes bytes = EncodeAll();
  EXPECT_EQ(*FrameLength(bytes.substr(0, 15)), 0u);
  EXPECT_FALSE(DecodeFrame(bytes.substr(0, bytes.size() - 1)).ok());
  Bytes damaged = bytes;
  damaged[40] = static_cast<char>(damaged[40] ^ 1);
  EXPECT_EQ(DecodeFrame(damaged).status().code(), absl::StatusCode::kDataLoss);
  Bytes newer = bytes;
  newer[12] = static_cast<char>(kSchemaVersion + 1);
  EXPECT_NE(MessageOf(FrameLength(newer).status()).find("schema version 2"), std::string::npos);
  Bytes foreign = bytes;
  foreign[0] = 'x';
  EXPECT_FALSE(FrameLength(foreign).ok());
}

TEST(Frame, ReadsFromAnyAddress) {
  const Bytes bytes = EncodeAll();
  for (size_t shift = 1; shift < 8; ++shift) {
    const Bytes shifted = Bytes(shift, '\0') + bytes;
    EXPECT_TRUE(DecodeFrame(std::string_view(shifted).substr(shift)).ok());
  }
}

// A later release adds kinds and values. Whoever does not know them leaves such a message out, and
// takes the others of its frame.
TEST(Frame, LeavesOutWhatALaterReleaseHasAdded) {
  const std::vector<Raw> unknown = {{.type = kLater},
                                    {.target_kind = 200},
                                    {.type = fb::Body::ExecuteReply, .outcome = 200},
                                    {.type = fb::Body::Execute, .level = 200}};
  for (const Raw& raw : unknown) {
    const auto between = DecodeFrame(FrameOf(Header(), {Raw{}, raw, Raw{.type = fb::Body::Pong}}));
    ASSERT_TRUE(between.ok()) << MessageOf(between.status());
    EXPECT_EQ(between->unknown, 1u);
    ASSERT_EQ(between->envelopes.size(), 2u);
    EXPECT_TRUE(std::holds_alternative<Ping>(between->envelopes[0].message.body));
    EXPECT_TRUE(std::holds_alternative<Pong>(between->envelopes[1].message.body));
    const auto alone = DecodeFrame(FrameOf(Header(), {raw}));
    ASSERT_TRUE(alone.ok()) << MessageOf(alone.status());
    EXPECT_EQ(alone->unknown, 1u);
    EXPECT_TRUE(alone->envelopes.empty());
    EXPECT_EQ(alone->header.sender.node, NodeId{7});
  }
  const auto known = DecodeFrame(FrameOf(Header(), {Raw{.type = fb::Body::Execute}}));
  ASSERT_TRUE(known.ok());
  EXPECT_EQ(known->unknown, 0u);
}

// What no release means is an error, and not taken for news.
TEST(Frame, RefusesAMessageWithoutABody) {
  for (const fb::Body type : {fb::Body::NONE, fb::Body::Ping, kLater}) {
    EXPECT_FALSE(DecodeFrame(FrameOf(Header(), {Raw{.type = type, .has_body = false}})).ok());
  }
}

RC_GTEST_PROP(Frame, IsAnyBytesOrAnError, (const std::vector<uint8_t>& noise)) {
  const Bytes bytes = FrameOf(Bytes(noise.begin(), noise.end()));
  const auto frame = DecodeFrame(bytes);  // the checksum is right, so the verifier must decide
  if (frame.ok()) RC_ASSERT(frame->envelopes.size() < 1000u);
}

}  // namespace
}  // namespace quorate::wire
