// SPDX-License-Identifier: Apache-2.0
// Clients over a kernel that is unkind, and over real sockets.
#include "io/net/client_set.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>

#include "adapters/resp/client_codec.h"
#include "io/net/address.h"
#include "io/net/tcp_transport.h"
#include "tests/io/net/fake_port.h"
#include "tests/io/net/log_recorder.h"
#include "tests/io/reactor/fake_kernel.h"

namespace quorate::io {
namespace {

constexpr int kListener = FakeKernel::kFirstSocket;
constexpr int kClient = FakeKernel::kFirstSocket + 1;

std::string Ping(std::string_view text) {
  Bytes bytes;
  resp::EncodeCommand({"ECHO", text}, bytes);
  return bytes;
}
std::string Bulk(std::string_view text) { return Format("$%d\r\n%s\r\n", text.size(), text); }

struct FakeKernelClients : ::testing::Test {
  FakeKernel kernel;
  std::unique_ptr<Reactor> reactor = *Reactor::Create(kernel);
  LogRecorder log;
  TcpTransport transport{kernel, {}};
  FakePort port;
  std::atomic<size_t> node_clients{0};
  ClientLimits limits;
  std::unique_ptr<ClientSet> set;
  Instant now{1s};

  void Open() {
    set = std::make_unique<ClientSet>(*reactor, log, limits, node_clients, 1, 1);
    ASSERT_TRUE(set->Listen({FileDescriptor(kListener), "127.0.0.1:1"}, transport, port).ok());
  }
  void Accept(int fd) {
    kernel.NextAccept(fd);
    kernel.Ready(kListener, EPOLLIN);
    Tick();
  }
  void Tick() {
    reactor->Wait(Duration(0));
    set->BeginTick(now);
    set->ReadWaiting();
    reactor->Dispatch();
    port.EndTick();
    set->AfterTick();
  }
  void Input(std::string_view bytes, uint32_t events = EPOLLIN) {
    kernel.socket(kClient).input += bytes;
    kernel.Ready(kClient, events);
  }
  std::string TakeOutput() { return std::exchange(kernel.socket(kClient).output, {}); }
};

TEST_F(FakeKernelClients, CostsOneReadAndOneWritePerRequest) {
  Open();
  Accept(kClient);
  for (int i = 0; i < 10; ++i) {
    Input(Ping("hello"));
    Tick();
    EXPECT_EQ(TakeOutput(), Bulk("hello"));
  }
  EXPECT_EQ(kernel.socket(kClient).receives, 10);
  EXPECT_EQ(kernel.socket(kClient).sends, 10);
  EXPECT_FALSE(set->busy());
}

TEST_F(FakeKernelClients, AnswersAPipelineWithOneWrite) {
  Open();
  Accept(kClient);
  Input(Ping("a") + Ping("b") + Ping("c"));
  Tick();
  EXPECT_EQ(TakeOutput(), Bulk("a") + Bulk("b") + Bulk("c"));
  EXPECT_EQ(kernel.socket(kClient).sends, 1);
}

TEST_F(FakeKernelClients, UnderstandsRequestsCutAnywhere) {
  Open();
  Accept(kClient);
  const std::string request = Ping("hello") + Ping("world");
  for (size_t cut = 1; cut < request.size(); ++cut) {
    Input(request.substr(0, cut));
    Tick();
    Input(request.substr(cut));
    Tick();
    EXPECT_EQ(TakeOutput(), Bulk("hello") + Bulk("world")) << cut;
  }
}

TEST_F(FakeKernelClients, ReadsOnAfterInterruptedAndShortCalls) {
  Open();
  Accept(kClient);
  kernel.socket(kClient).receive = {-EINTR, 3, -EAGAIN};
  kernel.socket(kClient).send = {-EINTR, 2, -EINTR};
  Input(Ping("hello"));
  Tick();  // a short read: the rest comes with the next edge
  kernel.Ready(kClient, EPOLLIN);
  Tick();  // EAGAIN though it was ready
  kernel.Ready(kClient, EPOLLIN);
  Tick();
  EXPECT_EQ(TakeOutput(), Bulk("hello"));
}

TEST_F(FakeKernelClients, WaitsForAFullSocketAndThenGoesOn) {
  Open();
  Accept(kClient);
  kernel.socket(kClient).send = {4, -EAGAIN};
  Input(Ping("hello"));
  Tick();
  EXPECT_EQ(kernel.socket(kClient).output, "$5\r\n");
  EXPECT_NE(kernel.watched(kClient) & EPOLLOUT, 0u);
  Tick();
  EXPECT_EQ(kernel.socket(kClient).sends, 2) << "it must not try before it is told to";
  kernel.Ready(kClient, EPOLLOUT);
  Tick();
  EXPECT_EQ(TakeOutput(), Bulk("hello"));
  EXPECT_EQ(kernel.watched(kClient) & EPOLLOUT, 0u);
}

TEST_F(FakeKernelClients, LetsGoOfAConnectionThatWasReset) {
  Open();
  Accept(kClient);
  kernel.socket(kClient).receive = {-ECONNRESET};
  kernel.Ready(kClient, EPOLLIN | EPOLLERR | EPOLLHUP);
  Tick();
  EXPECT_EQ(set->size(), 0u);
  EXPECT_EQ(node_clients.load(), 0u);
  EXPECT_TRUE(port.clients.empty());
}

TEST_F(FakeKernelClients, AnswersWhatWasAskedBeforeTheEnd) {
  Open();
  Accept(kClient);
  kernel.socket(kClient).peer_closed = true;
  Input(Ping("last"), EPOLLIN | EPOLLRDHUP);
  Tick();
  EXPECT_EQ(TakeOutput(), Bulk("last"));
  EXPECT_EQ(set->size(), 0u);
}

TEST_F(FakeKernelClients, KeepsAClosedConnectionUntilTheTickThatKnowsItsBytes) {
  Open();
  Accept(kClient);
  port.hold = true;
  Input(Ping("never answered"));
  kernel.socket(kClient).receive = {1000, -ECONNRESET};
  kernel.Ready(kClient, EPOLLIN | EPOLLERR);
  Tick();
  EXPECT_EQ(set->size(), 0u);
}

TEST_F(FakeKernelClients, SharesATickFairly) {
  Open();
  Accept(kClient);
  std::string many;
  const std::string value(60'000, 'v');
  for (int i = 0; i < 10; ++i) many += Ping(value);
  Input(many);
  Tick();
  EXPECT_LT(port.requests, 6);
  EXPECT_TRUE(set->busy());
  for (int i = 0; i < 10 && set->busy(); ++i) Tick();
  EXPECT_EQ(port.requests, 10);
}

TEST_F(FakeKernelClients, ReadsNothingWhilePaused) {
  Open();
  Accept(kClient);
  set->SetPaused(true);
  Input(Ping("later"));
  Tick();
  EXPECT_EQ(kernel.socket(kClient).receives, 0);
  EXPECT_FALSE(set->busy());
  set->SetPaused(false);
  EXPECT_TRUE(set->busy());
  Tick();
  EXPECT_EQ(TakeOutput(), Bulk("later"));
}

TEST_F(FakeKernelClients, RefusesMoreThanTheNodeMayHave) {
  limits.clients_max = 1;
  Open();
  Accept(kClient);
  Accept(kClient + 1);
  EXPECT_EQ(kernel.socket(kClient + 1).output, "-ERR max number of clients reached\r\n");
  EXPECT_EQ(set->size(), 1u);
  EXPECT_EQ(set->counters().refused, 1u);
  Input(Ping("still here"));
  Tick();
  EXPECT_EQ(TakeOutput(), Bulk("still here"));
}

TEST_F(FakeKernelClients, EndsIdleConnections) {
  limits.idle_timeout = 10s;
  Open();
  Accept(kClient);
  now += 9s;
  Input(Ping("x"));
  Tick();
  now += 9s;
  set->BeginTick(now);
  set->Sweep();
  Tick();
  EXPECT_EQ(set->size(), 1u);
  now += 2s;
  set->BeginTick(now);
  set->Sweep();
  Tick();
  EXPECT_EQ(set->size(), 0u);
  EXPECT_EQ(set->counters().evicted, 1u);
}

TEST_F(FakeKernelClients, ClosesAClientThatOwesTooMuch) {
  limits.output_bytes_max = 100;
  Open();
  Accept(kClient);
  kernel.socket(kClient).send = {10, -EAGAIN};
  Input(Ping(std::string(200, 'x')));
  Tick();
  Tick();
  EXPECT_EQ(set->size(), 0u);
  EXPECT_EQ(set->counters().evicted, 1u);
}

TEST_F(FakeKernelClients, RestsWhenTheProcessHasNoDescriptorLeft) {
  Open();
  Accept(-EMFILE);
  EXPECT_EQ(kernel.watched(kListener), 0u);
  EXPECT_TRUE(set->resting());
  set->RetryListeners();
  EXPECT_NE(kernel.watched(kListener), 0u);
  Accept(kClient);
  EXPECT_EQ(set->size(), 1u);
}

TEST_F(FakeKernelClients, TakesOtherLimitsWhileItRuns) {
  Open();
  Accept(kClient);
  limits.clients_max = 1;
  limits.idle_timeout = 10s;
  set->SetLimits(limits);
  Accept(kClient + 1);
  EXPECT_EQ(kernel.socket(kClient + 1).output, "-ERR max number of clients reached\r\n");
  now += 11s;
  set->BeginTick(now);
  set->Sweep();
  Tick();
  EXPECT_EQ(set->size(), 0u);
  EXPECT_EQ(set->counters().evicted, 1u);
}

// The same over the kernel of this machine.
struct LinuxClients : ::testing::TestWithParam<std::string> {
  LinuxKernel kernel;
  std::unique_ptr<Reactor> reactor = *Reactor::Create(kernel);
  LogRecorder log;
  TcpTransport transport{kernel, {.keep_alive = 60s}};
  FakePort port;
  std::atomic<size_t> node_clients{0};
  ClientSet set{*reactor, log, ClientLimits{}, node_clients, 1, 1};

  void Tick() {
    reactor->Wait(set.busy() ? Duration(0) : Duration(20ms));
    set.BeginTick(Instant(1s));
    set.ReadWaiting();
    reactor->Dispatch();
    port.EndTick();
    set.AfterTick();
  }
  static std::string ReadSome(int fd) {
    char bytes[65536];
    const ssize_t size = ::recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
    return size > 0 ? std::string(bytes, static_cast<size_t>(size)) : std::string();
  }
};

TEST_P(LinuxClients, AnswersSmallAndLargeRequestsUntilTheClientLeaves) {
  auto listening = transport.Listen(GetParam(), false, true);
  if (!listening.ok() && GetParam().starts_with("[")) GTEST_SKIP() << "no IPv6 here";
  ASSERT_TRUE(listening.ok()) << MessageOf(listening.status());
  const std::string address = listening->address;
  ASSERT_TRUE(set.Listen(*std::move(listening), transport, port).ok());
  FileDescriptor client = *transport.Dial(address);
  for (const size_t size : {size_t{1}, size_t{100'000}, size_t{3'000'000}}) {
    const std::string value(size, 'v');
    const std::string request = Ping(value);
    std::string reply;
    size_t sent = 0;
    for (int i = 0; i < 10'000 && reply.size() < Bulk(value).size(); ++i) {
      if (sent < request.size()) {
        const ssize_t result = ::send(client.get(), request.data() + sent, request.size() - sent,
                                      MSG_NOSIGNAL | MSG_DONTWAIT);
        if (result > 0) sent += static_cast<size_t>(result);
      }
      Tick();
      reply += ReadSome(client.get());
    }
    EXPECT_EQ(reply, Bulk(value));
  }
  EXPECT_EQ(set.size(), 1u);
  client = FileDescriptor();
  for (int i = 0; i < 100 && set.size() > 0; ++i) Tick();
  EXPECT_EQ(set.size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Addresses, LinuxClients,
                         ::testing::Values("127.0.0.1:0", "[::1]:0",
                                           Format("unix:/tmp/quorate-test-%d", ::getpid())));

}  // namespace
}  // namespace quorate::io
