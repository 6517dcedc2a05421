// SPDX-License-Identifier: Apache-2.0
// What the connection's commands do beside their replies.
#include "engine/commands/connection_commands.h"

#include <gtest/gtest.h>

#include "engine/commands/consistency_commands.h"
#include "tests/engine/commands/replica_harness.h"

namespace quorate::commands {
namespace {

using topology::Consistency;

constexpr std::string_view kWrongPassword =
    "-WRONGPASS invalid username-password pair or user is disabled.";

class ConnectionTest : public testing::Test {
 protected:
  ClientState& state() { return replica.client().state; }

  Replica replica;
};

TEST_F(ConnectionTest, HelloSwitchesTheProtocolAndNames) {
  EXPECT_EQ(replica("HELLO 3 SETNAME me"),
            "{\"server\": \"redis\", \"version\": \"7.0.15\", \"proto\": 3, \"id\": 1, \"mode\": "
            "\"standalone\", \"role\": \"master\", \"modules\": []}");
  EXPECT_EQ(state().protocol, 3);
  EXPECT_EQ(state().name, "me");
}

TEST_F(ConnectionTest, AHelloThatFailsChangesNothing) {
  EXPECT_EQ(replica("HELLO 3 SETNAME me AUTH default nope x"),
            "-ERR Syntax error in HELLO option 'x'");
  EXPECT_EQ(replica("HELLO 9"), "-NOPROTO unsupported protocol version");
  replica.server().password = "secret";
  EXPECT_EQ(replica("HELLO 3 AUTH default nope SETNAME me"), kWrongPassword);
  EXPECT_EQ(state().protocol, 2);
  EXPECT_EQ(state().name, "");
}

TEST_F(ConnectionTest, APasswordIsAskedFor) {
  replica.server().password = "secret";
  state() = InitialState(replica.server());
  EXPECT_FALSE(state().authenticated);
  EXPECT_TRUE(replica("HELLO 3").starts_with("-NOAUTH HELLO must be called"));
  EXPECT_EQ(replica("AUTH nope"), kWrongPassword);
  EXPECT_EQ(replica("AUTH other secret"), kWrongPassword);
  EXPECT_FALSE(state().authenticated);
  EXPECT_EQ(replica("AUTH secret"), "+OK");
  EXPECT_TRUE(state().authenticated);
  EXPECT_EQ(replica("RESET"), "+RESET");
  EXPECT_FALSE(state().authenticated);
  EXPECT_TRUE(replica("HELLO 3 AUTH default secret").starts_with("{"));
  EXPECT_TRUE(state().authenticated);
}

TEST_F(ConnectionTest, ResetPutsEverythingBack) {
  replica("HELLO 3 SETNAME me");
  replica("CONSISTENCY READ ALL");
  replica("CLIENT REPLY OFF");
  EXPECT_EQ(replica("RESET"), "+RESET");
  EXPECT_EQ(state().protocol, 2);
  EXPECT_EQ(state().name, "");
  EXPECT_FALSE(state().reply_off);
  EXPECT_EQ(state().consistency, topology::ConsistencyOverride{});
}

TEST_F(ConnectionTest, QuitAnswersAndCloses) {
  EXPECT_EQ(replica("QUIT"), "+OK");
  EXPECT_TRUE(state().close_after_reply);
}

TEST_F(ConnectionTest, RepliesCanBeTurnedOff) {
  EXPECT_EQ(replica("CLIENT REPLY OFF"), "");
  EXPECT_TRUE(state().reply_off);
  EXPECT_EQ(replica("CLIENT REPLY SKIP"), "");
  EXPECT_FALSE(state().reply_skip);
  EXPECT_EQ(replica("CLIENT REPLY ON"), "+OK");
  EXPECT_FALSE(state().reply_off);
  EXPECT_EQ(replica("CLIENT REPLY SKIP"), "");
  EXPECT_TRUE(state().reply_skip);
}

TEST_F(ConnectionTest, ClientLibrariesSayWhoTheyAre) {
  EXPECT_EQ(replica("CLIENT SETINFO LIB-NAME redis-py(x)"), "+OK");
  EXPECT_EQ(replica("CLIENT SETINFO lib-ver 5.0.1"), "+OK");
  EXPECT_EQ(state().library_name, "redis-py(x)");
  EXPECT_EQ(state().library_version, "5.0.1");
  EXPECT_EQ(replica("CLIENT SETINFO other x"), "-ERR Unrecognized option 'other'");
  EXPECT_EQ(replica.Run({"CLIENT", "SETINFO", "LIB-NAME", "a b"}),
            "-ERR lib-name cannot contain spaces, newlines or special characters.");
}

TEST_F(ConnectionTest, ClientListTellsOfEveryClient) {
  FakeClient other(2);
  replica.server().clients.push_back(&other);
  replica("CLIENT SETNAME me");
  replica.Pass(5000);
  const std::string list = replica("CLIENT LIST");
  EXPECT_NE(list.find("id=1 addr=10.0.0.1:1000 laddr=10.0.0.100:7379 fd=-1 name=me age="),
            std::string::npos);
  EXPECT_NE(list.find("id=2 addr=10.0.0.2:1000"), std::string::npos);
  EXPECT_NE(list.find(" qbuf=26 qbuf-free=4 "), std::string::npos);
  EXPECT_NE(list.find(" obl=5 oll=0 omem=0 tot-mem=35 "), std::string::npos);
  EXPECT_EQ(replica("CLIENT LIST ID 2").find("id=1"), std::string::npos);
  EXPECT_EQ(replica("CLIENT INFO").find("id=2"), std::string::npos);
}

TEST_F(ConnectionTest, KillClosesOthersAtOnceAndItselfAfterTheReply) {
  FakeClient other(2);
  replica.server().clients.push_back(&other);
  EXPECT_EQ(replica("CLIENT KILL ID 2"), "1");
  EXPECT_EQ(replica.server().closed, std::vector<uint64_t>({2}));
  EXPECT_EQ(replica("CLIENT KILL TYPE normal"), "1");
  EXPECT_FALSE(state().close_after_reply);
  EXPECT_EQ(replica("CLIENT KILL TYPE normal SKIPME no"), "2");
  EXPECT_TRUE(state().close_after_reply);
  state().close_after_reply = false;
  EXPECT_EQ(replica("CLIENT KILL 10.0.0.1:1000"), "+OK");
  EXPECT_TRUE(state().close_after_reply);
}

TEST_F(ConnectionTest, ConsistencyIsToldAndSet) {
  EXPECT_EQ(replica("CONSISTENCY"), "{\"read\": \"ONE\", \"write\": \"QUORUM\"}");
  EXPECT_EQ(replica("CONSISTENCY write all READ local_quorum"), "+OK");
  EXPECT_EQ(replica("CONSISTENCY"), "{\"read\": \"LOCAL_QUORUM\", \"write\": \"ALL\"}");
  EXPECT_EQ(replica("CONSISTENCY READ ONE"), "+OK");
  EXPECT_EQ(replica("CONSISTENCY"), "{\"read\": \"ONE\", \"write\": \"ALL\"}");
  EXPECT_EQ(replica("CONSISTENCY DEFAULT"), "+OK");
  EXPECT_EQ(state().consistency, topology::ConsistencyOverride{});
  EXPECT_EQ(replica("DYNO_CONFIG:CONN_CONSISTENCY dc_quorum"), "+OK");
  EXPECT_EQ(state().consistency.read, Consistency::kDcQuorum);
  EXPECT_EQ(state().consistency.write, Consistency::kDcQuorum);
  EXPECT_EQ(replica("CONSISTENCY READ"), "-ERR syntax error");
  EXPECT_TRUE(
      replica("CONSISTENCY most").starts_with("-ERR unknown consistency level 'most', the levels"));
}

TEST(ConsistencyPrefix, IsUnwrappedAtThen) {
  const std::vector<std::string_view> args = {"consistency", "READ", "one", "THEN", "GET", "k"};
  const auto prefix = ParseConsistencyPrefix(args);
  ASSERT_TRUE(prefix.ok());
  EXPECT_EQ(prefix->command, 4u);
  EXPECT_EQ(prefix->levels.read, Consistency::kOne);
  EXPECT_FALSE(prefix->levels.write.has_value());
}

TEST(ConsistencyPrefix, WithoutThenThereIsNothingToUnwrap) {
  const std::vector<std::string_view> args = {"consistency", "QUORUM"};
  const auto prefix = ParseConsistencyPrefix(args);
  ASSERT_TRUE(prefix.ok());
  EXPECT_EQ(prefix->command, 0u);
}

TEST(ConsistencyPrefix, NeedsALevelAndACommand) {
  for (const std::vector<std::string_view>& args :
       {std::vector<std::string_view>{"consistency", "THEN", "GET", "k"},
        {"consistency", "ONE", "THEN"},
        {"consistency", "most", "THEN", "GET", "k"}}) {
    EXPECT_FALSE(ParseConsistencyPrefix(args).ok());
  }
}

}  // namespace
}  // namespace quorate::commands
