// SPDX-License-Identifier: Apache-2.0
#include "io/runtime/node_runtime.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <array>

#include "io/tls/tls_context.h"
#include "io/tls/tls_stream.h"
#include "tests/io/runtime/test_node.h"
#include "tests/io/tls/test_authority.h"

namespace quorate::io {
namespace {

TEST(NodeRuntime, ServesClientsFromOneOrTwoShards) {
  const topology::Topology topology = ClusterOf(1);
  for (const uint16_t shards : {uint16_t{1}, uint16_t{2}}) {
    TestNode node(topology, 1);
    node.Start(shards);
    TestClient client(node.address());
    EXPECT_EQ(client.Run({"PING"}), "+PONG");
    for (int i = 0; i < 50; ++i) {
      const std::string key = Format("key-%d", i);
      EXPECT_EQ(client.Run({"SET", key, key}), "+OK");
    }
    for (int i = 0; i < 50; ++i) {
      const std::string key = Format("key-%d", i);
      EXPECT_EQ(client.Run({"GET", key}), "\"" + key + "\"");
    }
    EXPECT_EQ(client.Run({"DBSIZE"}), "50");
    EXPECT_EQ(client.Run({"GET", "key-7"}), "\"key-7\"");
    node.Stop();
  }
}

TEST(NodeRuntime, FindsItsDataAgainWithAnotherNumberOfShards) {
  const topology::Topology topology = ClusterOf(1);
  TestNode node(topology, 1);
  for (const uint16_t shards : {uint16_t{1}, uint16_t{3}, uint16_t{2}, uint16_t{1}}) {
    node.Start(shards);
    for (int i = 0; i < 20; ++i) node.Text({"INCR", Format("counter-%d", i)});
    node.Stop();
  }
  node.Start(2);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(node.Run({"GET", Format("counter-%d", i)}).text, "4");
  node.Stop();
}

TEST(NodeRuntime, StoresPoolsWithoutDurabilityAtTheOrderlyEnd) {
  const topology::Topology topology = ClusterOf(1);
  TestNode node(topology, 1);
  const auto start = [&] {
    RuntimeOptions options = node.Options();
    options.shard.pools[0].durability = env::Durability::kNone;
    node.Start(std::move(options));
  };
  start();
  EXPECT_EQ(node.Text({"SET", "a", "1"}), "+OK");
  node.Stop();
  start();
  EXPECT_EQ(node.Text({"GET", "a"}), "\"1\"");
  node.Stop();
}

TEST(NodeRuntime, KeepsTheOrderOfCommitsThatRunHereAndThere) {
  const topology::Topology topology = ClusterOf(1);
  TestNode node(topology, 1);
  for (const uint16_t shards : {uint16_t{1}, uint16_t{2}}) {
    RuntimeOptions options = node.Options();
    options.shards = shards;
    options.shard.pools[0].durability = env::Durability::kPeriodic;
    options.sync_interval = 1ms;  // so that the thread is often there
    node.Start(std::move(options));
    TestClient first(node.address());
    TestClient second(node.address());
    for (int i = 0; i < 500; ++i) {
      const std::string value = Format("%d", i);
      first.Send({"SET", "a", value});
      second.Send({"SET", "b", value});
      ASSERT_EQ(first.Receive(), "+OK");
      ASSERT_EQ(second.Receive(), "+OK");
    }
    EXPECT_EQ(first.Run({"GET", "b"}), "\"499\"");
    EXPECT_GT(node.runtime->stats().storage_direct, 0u);
    node.Stop();
  }
}

TEST(NodeRuntime, NothingOvertakesARequestOfSeveralSteps) {
  const topology::Topology topology = ClusterOf(1);
  TestNode node(topology, 1);
  node.Start(2);
  TestClient client(node.address());
  constexpr int kRounds = 300;
  for (int i = 0; i < kRounds; ++i) {
    const std::string a = Format("a%d", i);
    const std::string b = Format("b%d", i);
    client.Send({"SET", a, "1"});
    client.Send({"RENAME", a, b});
    client.Send({"GET", b});
    client.Send({"RENAMENX", b, a});
    client.Send({"SET", b, "2"});
    client.Send({"COPY", a, b, "REPLACE"});
    client.Send({"INCR", b});
    client.Send({"DEL", a, b});
    client.Send({"MSETNX", a, "3", b, "4"});
    client.Send({"GET", a});
    client.Send({"GET", b});
  }
  for (int i = 0; i < kRounds; ++i) {
    for (const char* expected :
         {"+OK", "+OK", "\"1\"", "1", "+OK", "1", "2", "2", "1", "\"3\"", "\"4\""}) {
      ASSERT_EQ(client.Receive(), expected) << i;
    }
  }
  node.Stop();
}

TEST(NodeRuntime, AnswersPipelinesInOrderWhileItStops) {
  const topology::Topology topology = ClusterOf(1);
  TestNode node(topology, 1);
  node.Start(2);
  TestClient client(node.address());
  for (int i = 0; i < 1000; ++i) client.Send({"INCR", "n"});
  for (int i = 1; i <= 1000; ++i) ASSERT_EQ(client.Receive(), Format("%d", i));
  node.Stop();
  EXPECT_EQ(client.Receive(), "(closed)");
}

TEST(NodeRuntime, RefusesClientsAboveTheLimitWithRedissWords) {
  const topology::Topology topology = ClusterOf(1);
  TestNode node(topology, 1);
  RuntimeOptions options = node.Options();
  options.clients.clients_max = 2;
  node.Start(std::move(options));
  TestClient first(node.address());
  TestClient second(node.address());
  EXPECT_EQ(first.Run({"PING"}), "+PONG");
  EXPECT_EQ(second.Run({"PING"}), "+PONG");
  TestClient third(node.address());
  EXPECT_EQ(third.Receive(), "-ERR max number of clients reached");
  EXPECT_EQ(third.Receive(), "(closed)");
  EXPECT_EQ(node.runtime->stats().clients_refused, 1u);
  node.Stop();
}

TEST(NodeRuntime, KeepsManyIdleConnections) {
  const topology::Topology topology = ClusterOf(1);
  TestNode node(topology, 1);
  node.Start(2);
  std::vector<std::unique_ptr<TestClient>> idle;
  for (int i = 0; i < 300; ++i) {
    idle.push_back(std::make_unique<TestClient>(node.address()));
    if (i % 50 == 0) {
      EXPECT_EQ(idle.back()->Run({"PING"}), "+PONG");
    }
  }
  for (const auto& client : idle) ASSERT_EQ(client->Run({"PING"}), "+PONG");
  EXPECT_EQ(node.runtime->stats().clients, 300u);
  node.Stop();
}

TEST(NodeRuntime, RunsCallsOfTheProcessItself) {
  const topology::Topology topology = ClusterOf(1);
  TestNode node(topology, 1);
  RuntimeOptions options = node.Options();
  options.shard.pools[0].password = "secret";
  node.Start(std::move(options));
  TestClient client(node.address());
  EXPECT_TRUE(client.Run({"GET", "a"}).starts_with("-NOAUTH"));
  EXPECT_EQ(node.Text({"SET", "a", std::string(2'000'000, 'x')}), "+OK");
  EXPECT_EQ(node.Run({"GET", "a"}).text.size(), 2'000'000u);
  EXPECT_TRUE(node.Run({"NOSUCH"}).IsError());
  // What ends a connection ends only this one.
  EXPECT_EQ(node.Text({"QUIT"}), "+OK");
  EXPECT_EQ(node.Text({"STRLEN", "a"}), "2000000");
  std::vector<std::future<CallResult>> many;
  for (int i = 0; i < 500; ++i) many.push_back(node.runtime->Call(kMain, {"INCR", "n"}));
  for (int i = 0; i < 500; ++i) EXPECT_EQ(many[static_cast<size_t>(i)].get()->integer, i + 1);
  EXPECT_FALSE(node.runtime->Call(PoolId{9}, {"PING"}).get().ok());
  EXPECT_FALSE(node.runtime->Call(kMain, {}).get().ok());
  auto runtime = node.runtime.get();
  EXPECT_TRUE(runtime->Stop(5s).ok());
  EXPECT_TRUE(absl::IsUnavailable(runtime->Call(kMain, {"PING"}).get().status()));
}

TEST(NodeRuntime, EndsEveryCallThatIsInFlightWhenItStops) {
  const topology::Topology topology = ClusterOf(3);
  TestNode node(topology, 1);  // alone, so that no quorum answers
  RuntimeOptions options = node.Options();
  options.shard.pools[0].request_timeout = 60s;
  node.Start(std::move(options));
  std::future<CallResult> call = node.runtime->Call(kMain, {"SET", "a", "b"});
  EXPECT_EQ(call.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  static_cast<void>(node.runtime->Stop(100ms));
  ASSERT_EQ(call.wait_for(std::chrono::seconds(5)), std::future_status::ready);
  const CallResult result = call.get();
  EXPECT_TRUE(!result.ok() || result->IsError());
}

TEST(NodeRuntime, IsDrivenByTheCallersOwnLoop) {
  const topology::Topology topology = ClusterOf(1);
  TestNode node(topology, 1);
  RuntimeOptions options = node.Options();
  options.inline_shard = true;
  node.Start(std::move(options));
  TestClient client(node.address());
  std::future<CallResult> call = node.runtime->Call(kMain, {"SET", "a", "inline"});
  client.Send({"PING"});
  for (int i = 0; i < 1000 && call.wait_for(std::chrono::seconds(0)) != std::future_status::ready;
       ++i) {
    const Instant next = node.runtime->NextDeadline();
    const bool due = next <= NodeRuntime::Now();
    pollfd poll{node.runtime->fd(), POLLIN, 0};
    ::poll(&poll, 1, due ? 0 : 20);
    node.runtime->Poll(Duration(0));
  }
  ASSERT_EQ(call.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  EXPECT_EQ(resp::Describe(*call.get()), "+OK");
  EXPECT_EQ(client.Receive(), "+PONG");
  EXPECT_EQ(node.runtime->stats().clients, 1u);
  node.Stop();
}

TEST(NodeRuntime, SaysWhatIsWrongWithItsOptionsOrAddresses) {
  const topology::Topology topology = ClusterOf(1);
  TestNode node(topology, 1);
  RuntimeOptions options = node.Options();
  options.shards = 0;
  EXPECT_EQ(NodeRuntime::Create(options).status().code(), absl::StatusCode::kInvalidArgument);
  options = node.Options();
  options.listeners[0].pool = PoolId{7};
  EXPECT_EQ(NodeRuntime::Create(options).status().code(), absl::StatusCode::kInvalidArgument);
  node.Start();
  TestNode second(topology, 1);
  options = second.Options();
  options.listeners[0].addresses = {node.address()};
  auto made = NodeRuntime::Create(options);
  ASSERT_TRUE(made.ok());
  const absl::Status started = (*made)->Start();
  EXPECT_NE(MessageOf(started).find(node.address()), std::string::npos) << started;
  EXPECT_TRUE((*made)->Stop(1s).ok()) << "nothing to stop";
  node.Stop();
}

TEST(NodeRuntime, CountsWhatItDoes) {
  const topology::Topology topology = ClusterOf(1);
  TestNode node(topology, 1);
  node.Start(2);
  TestClient client(node.address());
  for (int i = 0; i < 20; ++i) client.Run({"SET", Format("k%d", i), "v"});
  const RuntimeStats stats = node.runtime->stats();
  ASSERT_EQ(stats.shards.size(), 2u);
  EXPECT_EQ(stats.clients, 1u);
  EXPECT_EQ(stats.shards[0].objects + stats.shards[1].objects, 20u);
  EXPECT_GT(stats.ticks.count, 0u);
  EXPECT_GT(stats.storage_commits, 0u);
  EXPECT_GT(stats.storage_syncs, 0u);
  EXPECT_GT(stats.commits.count, 0u);
  EXPECT_TRUE(node.runtime->health().ok());
  node.Stop();
}

struct Clusters : ::testing::TestWithParam<bool> {
  topology::Topology topology = ClusterOf(3);
  TestAuthority authority;
  std::vector<std::unique_ptr<TestNode>> nodes;

  void StartNode(size_t i, uint16_t shards) {
    RuntimeOptions options = nodes[i]->Options();
    options.shards = shards;
    options.shard.pools[0].read = topology::Consistency::kQuorum;
    options.shard.pools[0].write = topology::Consistency::kQuorum;
    if (GetParam()) options.peer_tls = authority.Issue(NodeIdentity{"test", NodeId{i + 1}});
    nodes[i]->Start(std::move(options));
  }
  void StartAll() {
    for (size_t i = 0; i < 3; ++i) {
      nodes.push_back(std::make_unique<TestNode>(topology, i + 1));
      StartNode(i, static_cast<uint16_t>(1 + i % 2));
    }
    Introduce(nodes);
  }
};

TEST_P(Clusters, AgreeAtQuorumAndGoOnWithoutOne) {
  StartAll();
  for (int i = 0; i < 30; ++i) {
    const std::string key = Format("key-%d", i);
    TestNode& writer = *nodes[static_cast<size_t>(i) % 3];
    TestNode& reader = *nodes[static_cast<size_t>(i + 1) % 3];
    ASSERT_EQ(writer.Text({"SET", key, key}), "+OK") << writer.log.text();
    ASSERT_EQ(reader.Text({"GET", key}), "\"" + key + "\"");
  }
  nodes[2]->Stop();
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(nodes[0]->Text({"SET", Format("late-%d", i), "x"}), "+OK") << nodes[0]->log.text();
    ASSERT_EQ(nodes[1]->Text({"GET", Format("late-%d", i)}), "\"x\"");
  }
  StartNode(2, 2);
  Introduce(nodes);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(nodes[2]->Text({"GET", Format("late-%d", i)}), "\"x\"") << nodes[2]->log.text();
  }
  EXPECT_GT(nodes[0]->runtime->stats().links.messages_out, 0u);
  for (const auto& node : nodes) node->Stop();
}

INSTANTIATE_TEST_SUITE_P(PlainAndTls, Clusters, ::testing::Bool());

// One PING over TLS; the error of the stream where that is refused.
std::string PingOverTls(const std::string& address, const TlsMaterial& material,
                        const std::string& host) {
  LinuxKernel kernel;
  TcpTransport tcp(kernel, {});
  const SslContextHandle context = *MakeClientContext(material);
  const auto stream = *TlsStream::Create(
      context.get(), TlsStream::Role::kClient, *tcp.Connect(*tcp.Dial(address), NodeId{}),
      {.node = false, .cluster = {}, .exactly = {}, .host = host});
  std::string_view request = "PING\r\n";
  std::string reply;
  std::array<char, 100> space;
  for (int i = 0; i < 5000; ++i) {
    request.remove_prefix(stream->Write(request).bytes);
    const StreamResult read = stream->Read(space);
    reply.append(space.data(), read.bytes);
    if (reply.ends_with("\r\n")) return reply;
    if (read.state == StreamState::kFailed) return MessageOf(stream->error());
    if (read.state == StreamState::kClosed) return "(closed)";
    std::this_thread::sleep_for(1ms);
  }
  return "(silent)";
}

TEST(ClientTls, ServesClientsThatSpeakTls) {
  const topology::Topology topology = ClusterOf(1);
  const TestAuthority authority;
  TestNode node(topology, 1);
  RuntimeOptions options = node.Options();
  options.client_tls = authority.Issue({"test", "server", "DNS:localhost"});
  node.Start(std::move(options));
  const TlsMaterial trust{{}, {}, authority.pem()};
  EXPECT_EQ(PingOverTls(node.address(), trust, "localhost"), "+PONG\r\n");
  EXPECT_NE(PingOverTls(node.address(), trust, "elsewhere").find("mismatch"), std::string::npos);
  TestClient plain(node.address());
  plain.Send("PING\r\n");
  EXPECT_NE(plain.Receive(), "+PONG");
  EXPECT_TRUE(node.runtime->ReloadClientTls(authority.Issue({"test", "s", "DNS:new"})).ok());
  EXPECT_EQ(PingOverTls(node.address(), trust, "new"), "+PONG\r\n");
  EXPECT_FALSE(node.runtime->ReloadClientTls({}).ok());
  EXPECT_EQ(node.runtime->ReloadPeerTls({}).code(), absl::StatusCode::kFailedPrecondition);
  node.Stop();
}

TEST(ClientTls, AsksForCertificatesWhereThatIsWanted) {
  const topology::Topology topology = ClusterOf(1);
  const TestAuthority authority;
  TestNode node(topology, 1);
  RuntimeOptions options = node.Options();
  options.client_tls = authority.Issue({"test", "server", "DNS:localhost"});
  options.client_certificates = true;
  node.Start(std::move(options));
  const TlsMaterial none{{}, {}, authority.pem()};
  EXPECT_NE(PingOverTls(node.address(), none, "localhost"), "+PONG\r\n");
  const TlsMaterial shown = authority.Issue({"test", "client", "DNS:client"});
  EXPECT_EQ(PingOverTls(node.address(), shown, "localhost"), "+PONG\r\n");
  EXPECT_TRUE(node.log.Has("did not return a certificate")) << node.log.text();
  node.Stop();
}

}  // namespace
}  // namespace quorate::io
