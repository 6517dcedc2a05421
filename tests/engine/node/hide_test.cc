// SPDX-License-Identifier: Apache-2.0
#include "engine/node/hide.h"

#include <gtest/gtest.h>

#include "engine/commands/reply.h"
#include "engine/keyspace/cell.h"
#include "engine/keyspace/object.h"
#include "engine/keyspace/stand_in.h"

namespace quorate::node {
namespace {

const Bytes kData(40, 'd');

std::vector<Bytes> Hidden(std::vector<Bytes> args) {
  HideArgs(args);
  return args;
}

TEST(Hide, ValuesGoAndKeysStay) {
  const Bytes key(40, 'k');
  const std::vector<Bytes> set = Hidden({"SET", key, kData, "EX", "10"});
  EXPECT_EQ(set[1], key);
  EXPECT_NE(set[2], kData);
  EXPECT_EQ(set[2].size(), kData.size());
  EXPECT_EQ(keyspace::StandInDigest(set[2]), keyspace::ValueDigest(kData));
  EXPECT_EQ(set[4], "10");
  EXPECT_EQ(Hidden(set), set) << "twice is once";

  const std::vector<Bytes> hash = Hidden({"hset", key, key, kData, key, kData});
  EXPECT_EQ(hash[2], key);
  EXPECT_EQ(hash[4], key);
  EXPECT_TRUE(keyspace::IsStandIn(hash[3]));
  EXPECT_TRUE(keyspace::IsStandIn(hash[5]));

  EXPECT_EQ(Hidden({"GET", kData})[1], kData) << "a key";
  EXPECT_EQ(Hidden({"SET", "k", "123456789012345678"})[2], "123456789012345678") << "a number";
  EXPECT_EQ(Hidden({"SET", "k", "short"})[2], "short");
  EXPECT_TRUE(keyspace::IsStandIn(Hidden({"NONSENSE", kData})[1]));
  EXPECT_TRUE(keyspace::IsStandIn(Hidden({"CONSISTENCY", "ONE", "THEN", "SET", "k", kData})[5]));
}

TEST(Hide, SecretsAreToldApartAndNothingElse) {
  const auto replaced = [](std::vector<std::string_view> args) {
    ReplaceSecrets(args, "secret");
    return args;
  };
  EXPECT_EQ(replaced({"AUTH", "secret"})[1], kHiddenPassword);
  EXPECT_EQ(replaced({"auth", "guess"})[1], kOtherPassword);
  EXPECT_EQ(replaced({"AUTH", "default", "secret"})[1], "default");
  EXPECT_EQ(replaced({"AUTH", "default", "secret"})[2], kHiddenPassword);
  EXPECT_EQ(replaced({"HELLO", "3", "AUTH", "default", "secret"})[4], kHiddenPassword);
  EXPECT_EQ(replaced({"CONFIG", "SET", "RequirePass", "x"})[3], kOtherPassword);
  EXPECT_EQ(replaced({"CONFIG", "SET", "timeout", "7"})[3], "7");
  EXPECT_EQ(replaced({"GET", "secret"})[1], "secret");
}

// Where stand-ins are in use an object has the digest that it had with its values.
TEST(Hide, ObjectsKeepTheirDigests) {
  const Version version{HybridTime::FromMs(5), {NodeId{1}, Incarnation{1}, ShardIndex{0}}};
  for (const bool is_hash : {false, true}) {
    Bytes cells;
    keyspace::CellWriter writer(cells);
    if (is_hash) {
      writer.Type(version, keyspace::ObjectType::kHash);
      writer.Field(version, "field", kData);
    } else {
      writer.String(version, kData);
    }
    Bytes hidden = cells;
    keyspace::HideCells(hidden.data(), hidden.size());
    EXPECT_NE(hidden, cells);
    keyspace::WriterTable plain;
    keyspace::WriterTable with_stand_ins;
    with_stand_ins.UseStandIns();
    keyspace::Changes changes;
    const keyspace::ObjectPtr a(keyspace::Merge(nullptr, "k", cells, plain, changes));
    const keyspace::ObjectPtr b(keyspace::Merge(nullptr, "k", hidden, with_stand_ins, changes));
    EXPECT_EQ(keyspace::DigestOf(*a, plain), keyspace::DigestOf(*b, with_stand_ins));
    const keyspace::ObjectPtr c(keyspace::Merge(nullptr, "k", hidden, plain, changes));
    EXPECT_NE(keyspace::DigestOf(*a, plain), keyspace::DigestOf(*c, plain))
        << "in production a stand-in is a value";
  }
}

TEST(Hide, TapesAndBatchesKeepTheirShape) {
  commands::ReplyTape tape;
  tape.Array(2);
  tape.Bulk(kData);
  tape.Integer(7);
  Bytes hidden = tape.bytes();
  HideTape(hidden);
  EXPECT_EQ(hidden.size(), tape.bytes().size());
  EXPECT_EQ(hidden.find(kData), Bytes::npos);
}

TEST(Hide, AVeilHidesWhatHidingDoesAndGivesItBack) {
  const Version version{HybridTime::FromMs(5), {NodeId{1}, Incarnation{1}, ShardIndex{0}}};
  Bytes cells;
  keyspace::CellWriter writer(cells);
  writer.Type(version, keyspace::ObjectType::kHash);
  writer.Field(version, "first", kData);
  writer.Field(version, "second", Bytes(100'000, 'e'));
  commands::ReplyTape tape;
  tape.Bulk(kData);
  wire::Execute execute;
  execute.args = {"MSET", "a", kData, "b", kData};
  wire::Keyspace walk;
  walk.args = {"NONSENSE", kData};
  wire::ReadReply read;
  read.state = cells;
  wire::Message message;
  Veil veil;
  for (const wire::Body& body :
       {wire::Body(wire::Mutate{{}, {}, {}, {}, "key", cells}), wire::Body(execute),
        wire::Body(walk), wire::Body(wire::Ping{}),
        wire::Body(wire::Mutate{{}, {}, {}, {}, "key", "malformed"}), wire::Body(read),
        wire::Body(wire::ExecuteReply{{}, {}, {}, tape.bytes()}),
        wire::Body(wire::Settings{{{"requirepass", "secret"}, {"timeout", "7"}}})}) {
    message.body = body;
    wire::Message hidden = message;
    HideMessage(hidden);
    veil.Cover(message);
    EXPECT_EQ(message, hidden) << NameOf(body);
    veil.Uncover();
    EXPECT_EQ(message.body, body);
  }
}

}  // namespace
}  // namespace quorate::node
