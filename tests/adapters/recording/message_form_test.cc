// SPDX-License-Identifier: Apache-2.0
#include "adapters/recording/message_form.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "engine/commands/reply.h"
#include "engine/keyspace/cell.h"
#include "engine/keyspace/stand_in.h"
#include "engine/node/hide.h"

namespace quorate::recording {
namespace {

const Bytes kData(40, 'd');
const Version kAt{HybridTime::FromMs(5), {NodeId{~uint64_t{0}}, Incarnation{7}, ShardIndex{65535}}};

Bytes Cells() {
  Bytes cells;
  keyspace::CellWriter writer(cells);
  writer.Type(kAt, keyspace::ObjectType::kHash);
  writer.Field(kAt, "first", kData);
  writer.Field(kAt, "second", kData + "2");
  writer.Field(kAt, Bytes(20, 'f'), "short");
  return cells;
}

Bytes Tape() {
  commands::ReplyTape tape;
  tape.Array(3);
  tape.Bulk(kData);
  tape.Integer(7);
  tape.Bulk(Bytes(16, 'v'));
  return tape.bytes();
}

wire::Execute Unknown() {
  wire::Execute execute;
  execute.args = {"NONSENSE", kData, "", kData};
  return execute;
}

// One of each kind, and some that are as short and as long as can be.
std::vector<wire::Message> Samples() {
  const wire::RequestId id{uint64_t{3} << 48 | 9};
  std::vector<wire::Body> bodies = {
      wire::Execute{id,
                    PoolId{65535},
                    Epoch{4},
                    Place{77},
                    HybridTime::FromMs(1),
                    topology::Consistency::kOne,
                    topology::Consistency::kQuorum,
                    {"SET", Bytes(30, 'k'), kData, "EX", "10"},
                    Incarnation{2},
                    HybridTime::FromMs(3)},
      Unknown(),
      wire::ExecuteReply{id, wire::Outcome::kOtherLife, Epoch{4}, Tape()},
      wire::ExecuteReply{id, wire::Outcome::kDone, Epoch{4}, "no tape"},
      wire::Read{id, PoolId{1}, Epoch{4}, Place{~uint64_t{0}}, "key", true},
      wire::ReadReply{id, wire::Outcome::kDone, Epoch{4}, ~uint64_t{0}, true, Cells(), true},
      wire::ReadReply(),
      wire::Mutate{id, PoolId{1}, Epoch{4}, Place{77}, Bytes(200, 'k'), Cells()},
      wire::Mutate{id, PoolId{1}, Epoch{4}, Place{77}, "key", "malformed" + kData},
      wire::MutateReply{id, wire::Outcome::kStorageFailed, Epoch{4}, kAt},
      wire::Keyspace{id, PoolId{1}, Epoch{4}, Place{77}, {"scan", "0", "MATCH", Bytes(20, '*')}},
      wire::Keyspace{id, PoolId{1}, Epoch{4}, Place{77}, {"NONSENSE", kData}},
      wire::KeyspaceReply{id, wire::Outcome::kDone, Epoch{4}, true, Place{78}, 2, Tape()},
      wire::Ping{id},
      wire::Pong{id},
      wire::EpochNotice{Epoch{5}, 1, ~uint64_t{0}, 2, "topology"},
      wire::Settings{{{"timeout", "7"}, {"maxmemory", ""}}},
      wire::Settings{}};
  std::vector<wire::Message> messages;
  for (wire::Body& body : bodies) {
    messages.push_back({{NodeId{5}, Incarnation{2}, WallTime{-1}}, Incarnation{3}, 9, {}});
    messages.back().body = std::move(body);
  }
  return messages;
}

Bytes Written(const wire::Message& message, bool hides) {
  Bytes bytes(MessageBytesMax(message), '\0');
  HiddenParts scratch;
  const char* const end = WriteMessage(bytes.data(), message, hides, scratch);
  const auto size = static_cast<size_t>(end - bytes.data());
  EXPECT_LE(size, bytes.size()) << NameOf(message.body);
  EXPECT_TRUE(scratch.empty());
  bytes.resize(std::min(size, bytes.size()));
  return bytes;
}

TEST(MessageForm, WholeMessagesComeBackAsTheyWere) {
  for (const wire::Message& message : Samples()) {
    const Bytes bytes = Written(message, false) + "rest";
    ByteReader reader(bytes);
    const auto read = ReadMessage(reader);
    ASSERT_TRUE(read.ok()) << NameOf(message.body);
    EXPECT_EQ(*read, message) << NameOf(message.body);
    EXPECT_EQ(reader.rest(), "rest");
    ByteReader skipped(bytes);
    EXPECT_TRUE(SkipMessage(skipped));
    EXPECT_EQ(skipped.rest(), "rest");
  }
}

TEST(MessageForm, ValuesThatAreLeftOutComeBackAsStandIns) {
  for (const wire::Message& message : Samples()) {
    const Bytes bytes = Written(message, true);
    wire::Message hidden = message;
    node::HideMessage(hidden);
    ByteReader reader(bytes);
    const auto read = ReadMessage(reader);
    ASSERT_TRUE(read.ok()) << NameOf(message.body);
    EXPECT_EQ(*read, hidden) << NameOf(message.body);
    EXPECT_EQ(Written(hidden, true), Written(hidden, false)) << "a stand-in stays one";
    const bool malformed = std::holds_alternative<wire::Mutate>(message.body) &&
                           !keyspace::ValidCells(std::get<wire::Mutate>(message.body).cells);
    const bool keys = std::holds_alternative<wire::KeyspaceReply>(message.body);
    EXPECT_EQ(bytes.find(kData) != Bytes::npos, malformed || keys) << NameOf(message.body);
  }
}

TEST(MessageForm, LongValuesTakeNoRoom) {
  Bytes cells;
  keyspace::CellWriter(cells).String(kAt, Bytes(100'000, 'v'));
  const wire::Message message{{}, {}, 0, wire::Mutate{{}, {}, {}, {}, "key", cells}};
  EXPECT_LT(Written(message, true).size(), 120u);
}

TEST(MessageForm, PasswordsAreNeverWritten) {
  const wire::Message message{{}, {}, 0, wire::Settings{{{"requirepass", "x"}}}};
  for (const bool hides : {false, true}) {
    const Bytes bytes = Written(message, hides);
    ByteReader reader(bytes);
    const auto read = ReadMessage(reader);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(std::get<wire::Settings>(read->body).values.front().second, node::kOtherPassword);
  }
}

TEST(MessageForm, DamageIsAnErrorOrAMessage) {
  for (const wire::Message& message : Samples()) {
    const Bytes bytes = Written(message, true);
    for (size_t at = 0; at < bytes.size(); ++at) {
      ByteReader cut(std::string_view(bytes).substr(0, at));
      EXPECT_FALSE(ReadMessage(cut).ok()) << NameOf(message.body);
      for (const char flip : {'\x01', '\x40', '\x80', '\xff'}) {
        Bytes damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ flip);
        ByteReader reader(damaged);
        const auto read = ReadMessage(reader);
        if (!read.ok()) continue;
        EXPECT_FALSE(Written(*read, false).empty());
      }
    }
  }
}

// A hole may claim any length; what it takes is bounded.
TEST(MessageForm, HolesAreBounded) {
  Bytes cells;
  keyspace::CellWriter(cells).String(kAt, kData);
  const wire::Message message{{}, {}, 0, wire::Mutate{{}, {}, {}, {}, "key", cells}};
  const Bytes whole = Written(message, false);
  Bytes bytes = whole.substr(0, whole.size() - cells.size() - 1);  // a length of one byte
  PutVarint(bytes, uint64_t{1} << 41 | 1);
  PutVarint(bytes, 0);
  PutVarint(bytes, uint64_t{1} << 40);
  PutBigEndian(bytes, uint64_t{7});
  WriteBigEndian(bytes.data(), static_cast<uint32_t>(bytes.size() - sizeof(uint32_t)));
  ByteReader reader(bytes);
  EXPECT_FALSE(ReadMessage(reader).ok());
}

}  // namespace
}  // namespace quorate::recording
