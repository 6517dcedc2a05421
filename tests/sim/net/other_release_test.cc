// SPDX-License-Identifier: Apache-2.0
// Frames of the next release, and of the one before.
#include <gtest/gtest.h>

#include <memory>

#include "engine/hash/digest.h"
#include "next_release_generated.h"
#include "release_before_generated.h"
#include "sim/net/codec_check.h"
#include "sim/net/next_release.h"
#include "sim/net/parcel.h"
#include "sim/net/release_before.h"
#include "tests/engine/wire/one_of_each.h"
#include "tests/engine/wire/raw_frame.h"

namespace quorate::sim {
namespace {

using wire::Envelope;

Bytes Encode(std::span<const Envelope> envelopes) {
  Bytes frame;
  wire::EncodeFrame(wire::Header(), envelopes, frame);
  return frame;
}

// The FlatBuffer of a frame, where accessors can read it.
Bytes ContentOf(const Bytes& frame) { return frame.substr(wire::kFramePrefixBytes); }

// The number that the table has beside what this release knows, 0 where it has none.
uint64_t AddedTo(const next::Envelope& envelope) {
  const auto number = [](const auto* table) { return table->added_number(); };
  switch (envelope.body_type()) {
    case next::Body::Execute:
      return number(envelope.body_as_Execute());
    case next::Body::ExecuteReply:
      return number(envelope.body_as_ExecuteReply());
    case next::Body::Read:
      return number(envelope.body_as_Read());
    case next::Body::ReadReply:
      return number(envelope.body_as_ReadReply());
    case next::Body::Mutate:
      return number(envelope.body_as_Mutate());
    case next::Body::MutateReply:
      return number(envelope.body_as_MutateReply());
    case next::Body::Keyspace:
      return number(envelope.body_as_Keyspace());
    case next::Body::KeyspaceReply:
      return number(envelope.body_as_KeyspaceReply());
    case next::Body::Ping:
      return number(envelope.body_as_Ping());
    case next::Body::Pong:
      return number(envelope.body_as_Pong());
    case next::Body::EpochNotice:
      return number(envelope.body_as_EpochNotice());
    case next::Body::Settings:
      return number(envelope.body_as_Settings());
    case next::Body::Added:
    case next::Body::NONE:
      break;
  }
  return 0;
}

TEST(NextRelease, AddsToEveryTable) {
  const NewerFrame newer = WriteAsNextRelease(Encode(wire::OneOfEach()), 7, false);
  const Bytes content = ContentOf(newer.bytes);
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(content.data()), content.size());
  ASSERT_TRUE(next::VerifyFrameBuffer(verifier));
  const next::Frame& frame = *next::GetFrame(content.data());
  EXPECT_NE(frame.added_number(), 0u);
  ASSERT_EQ(frame.messages()->size(), wire::OneOfEach().size());
  for (const next::Envelope* envelope : *frame.messages()) {
    EXPECT_NE(envelope->added_number(), 0u);
    EXPECT_NE(AddedTo(*envelope), 0u) << next::EnumNameBody(envelope->body_type());
    if (const next::Execute* execute = envelope->body_as_Execute()) {
      for (const next::Argument* argument : *execute->args()) {
        EXPECT_NE(argument->added_number(), 0u);
      }
    }
    if (const next::Settings* settings = envelope->body_as_Settings()) {
      EXPECT_NE(settings->values()->Get(0)->added_number(), 0u);
    }
  }
}

TEST(NextRelease, IsReadAsWhatThisOneKnowsOfIt) {
  CodecCheck check(wire::ClusterTag("simulated"), Epoch{1});
  for (uint64_t draw = 0; draw < 100; ++draw) {
    for (const Envelope& envelope : wire::OneOfEach()) {
      EXPECT_EQ(check.CheckNextRelease(envelope, draw, draw % 2 == 0), "");
    }
  }
}

// Messages of the new kind stand in front of the others, behind them, and on both sides.
TEST(NextRelease, SendsKindsThatThisOneDoesNotKnow) {
  const std::vector<Envelope> known = wire::OneOfEach();
  std::array<int, 4> places{};
  for (uint64_t draw = 0; draw < 50; ++draw) {
    const NewerFrame newer = WriteAsNextRelease(Encode(known), draw, true);
    const Bytes content = ContentOf(newer.bytes);
    const auto& messages = *next::GetFrame(content.data())->messages();
    const bool before = messages.Get(0)->body_type() == next::Body::Added;
    const bool behind = messages.Get(messages.size() - 1)->body_type() == next::Body::Added;
    ++places[(before ? 1u : 0u) + (behind ? 2u : 0u)];
    const auto read = wire::DecodeFrame(newer.bytes);
    ASSERT_TRUE(read.ok()) << MessageOf(read.status());
    EXPECT_EQ(read->envelopes, known);
    EXPECT_EQ(read->unknown, newer.unknown);
    EXPECT_EQ(read->unknown, messages.size() - known.size());
  }
  EXPECT_EQ(places[0], 0);
  for (size_t i = 1; i < places.size(); ++i) EXPECT_GT(places[i], 5);
}

// What the kept schema of the last release does not have is what the simulator leaves out.
TEST(ReleaseBefore, WritesWhatItsKeptSchemaHas) {
  for (const Envelope& envelope : wire::OneOfEach()) {
    const Bytes content = ContentOf(Encode(std::span(&envelope, 1)));
    before::FrameT table;
    before::GetFrame(content.data())->UnPackTo(&table);
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(before::Frame::Pack(builder, &table));
    const auto read = wire::DecodeFrame(wire::FrameOf(
        {reinterpret_cast<const char*>(builder.GetBufferPointer()), builder.GetSize()}));
    ASSERT_TRUE(read.ok()) << MessageOf(read.status());
    Envelope written = envelope;
    WriteAsReleaseBefore(written.message);
    EXPECT_EQ(read->envelopes, std::vector<Envelope>{written});
    EXPECT_EQ(IsShorterBefore(ParcelOf(envelope.message).kind), written != envelope)
        << wire::NameOf(envelope.message.body);
  }
}

}  // namespace
}  // namespace quorate::sim
