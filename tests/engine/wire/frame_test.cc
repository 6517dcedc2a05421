// SPDX-License-Identifier: Apache-2.0
#include "engine/wire/frame.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/hash/digest.h"

namespace quorate::wire {
namespace {

Message Signed(Body body) {
  Message message;
  message.sender = {NodeId{7}, Incarnation{3}, WallTime{1'700'000'000'000}};
  message.requester = Incarnation{9};
  message.trace = 11;
  message.body = std::move(body);
  return message;
}

FrameHeader Header() { return {ClusterTag("test"), Epoch{4}, Signed(Ping{}).sender}; }

std::vector<Envelope> OneOfEach() {
  const Version version{HybridTime::FromBits(55), {NodeId{1}, Incarnation{2}, ShardIndex{3}}};
  const std::vector<Body> bodies = {
      Execute{RequestId{1},
              PoolId{2},
              Epoch{3},
              Place{4},
              HybridTime::FromBits(5),
              topology::Consistency::kAll,
              topology::Consistency::kOne,
              {"SET", "k", "v"},
              Incarnation{6},
              HybridTime::FromBits(7)},
      ExecuteReply{RequestId{1}, Outcome::kFailed, Epoch{3}, "tape"},
      Read{RequestId{1}, PoolId{2}, Epoch{3}, Place{4}, Bytes("k\0x", 3), true},
      ReadReply{RequestId{1}, Outcome::kDone, Epoch{3}, 77, true, "state"},
      Mutate{RequestId{1}, PoolId{2}, Epoch{3}, Place{4}, "key", "cells"},
      MutateReply{RequestId{1}, Outcome::kNotOwner, Epoch{3}, version},
      Keyspace{RequestId{1}, PoolId{2}, Epoch{3}, Place{4}, {"SCAN", "0"}},
      KeyspaceReply{RequestId{1}, Outcome::kDone, Epoch{3}, true, Place{8}, 5, "keys"},
      Ping{RequestId{1}},
      Pong{RequestId{1}},
      EpochNotice{Epoch{5}, 6, 7, 1, "topology"},
      Settings{{{"name", "value"}}},
  };
  std::vector<Envelope> envelopes;
  for (const Body& body : bodies) {
    envelopes.push_back({{NodeId{}, env::TargetKind::kPartition, PoolId{2}, 200}, Signed(body)});
  }
  return envelopes;
}

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

RC_GTEST_PROP(Frame, IsAnyBytesOrAnError, (const std::vector<uint8_t>& noise)) {
  const Bytes content(noise.begin(), noise.end());
  Bytes bytes("QRF1", 4);
  const auto put = [&bytes](uint32_t value) {
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(value >> (8 * i)));
  };
  put(static_cast<uint32_t>(kFramePrefixBytes + content.size()));
  put(hash::Crc32c(content));
  put(kSchemaVersion);
  bytes += content;
  const auto frame = DecodeFrame(bytes);  // the checksum is right, so the verifier must decide
  if (frame.ok()) RC_ASSERT(frame->envelopes.size() < 1000u);
}

}  // namespace
}  // namespace quorate::wire
