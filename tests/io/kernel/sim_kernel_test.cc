// SPDX-License-Identifier: Apache-2.0
// The simulated kernel behaves as Linux does where the network layer counts on it, and single
// defects that the property found, each in a few lines.
#include "tests/io/kernel/sim_kernel.h"

#include <gtest/gtest.h>

#include <array>

#include "io/net/plain_stream.h"
#include "io/net/tcp_transport.h"
#include "io/tls/tls_stream.h"
#include "tests/io/kernel/tls_ground.h"

namespace quorate::io {
namespace {

constexpr std::string_view kAddress = "127.0.0.1:700";

struct KernelPair : ::testing::Test {
  SimNetwork network{1};
  SimKernel server{network, 1, 100};
  SimKernel client{network, 2, 100};
  TcpTransport to_server{client, {}};
  TcpTransport of_server{server, {}};
  FileDescriptor listener;
  FileDescriptor dialled;
  FileDescriptor accepted;

  KernelPair() { network.faults().Stop(); }
  void Meet() {
    listener = std::move(of_server.Listen(std::string(kAddress), false, true)->socket);
    dialled = *to_server.Dial(std::string(kAddress));
    Settle();
    sockaddr_storage address;
    socklen_t size = 0;
    accepted = FileDescriptor(server.Accept(listener.get(), address, size), &server);
    ASSERT_TRUE(accepted.valid());
  }
  void Settle() { network.AdvanceTo(network.now() + 1s); }
  ptrdiff_t Read(int fd, size_t most = 100) {
    std::array<char, 100> space;
    return server.Receive(fd, {space.data(), most});
  }
  uint32_t Wait(int epoll) {
    std::array<epoll_event, 4> events;
    const int count = server.EpollWait(epoll, events, Duration(0));
    return count == 0 ? 0 : events[0].events;
  }
};

TEST_F(KernelPair, ReportsAnEdgeOnceAndAskedAgain) {
  Meet();
  const FileDescriptor epoll(server.EpollCreate(), &server);
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {}};
  server.EpollControl(epoll.get(), EPOLL_CTL_ADD, accepted.get(), &event);
  EXPECT_EQ(Wait(epoll.get()), 0u);
  client.Send(dialled.get(), "abcd", 4);
  Settle();
  EXPECT_EQ(Wait(epoll.get()), uint32_t{EPOLLIN});
  EXPECT_EQ(Wait(epoll.get()), 0u);  // though bytes are left
  client.Send(dialled.get(), "e", 1);
  Settle();
  EXPECT_EQ(Read(accepted.get()), 5);
  EXPECT_EQ(Wait(epoll.get()), 0u);  // an edge came, and nothing is left of it
  server.EpollControl(epoll.get(), EPOLL_CTL_DEL, accepted.get(), nullptr);
}

TEST_F(KernelPair, TellsTheEndAfterTheBytes) {
  Meet();
  client.Send(dialled.get(), "abc", 3);
  client.ShutdownWrite(dialled.get());
  Settle();
  EXPECT_EQ(Read(accepted.get(), 2), 2);
  EXPECT_EQ(Read(accepted.get()), 1);
  EXPECT_EQ(Read(accepted.get()), 0);
  EXPECT_EQ(server.Send(accepted.get(), "x", 1), 1);  // half-closed only
}

TEST_F(KernelPair, ResetsWhoWritesToAClosedEnd) {
  Meet();
  dialled = FileDescriptor();
  Settle();
  EXPECT_EQ(server.Send(accepted.get(), "x", 1), 1);
  Settle();
  EXPECT_EQ(server.Send(accepted.get(), "x", 1), -EPIPE);
  EXPECT_EQ(server.Send(accepted.get(), "x", 1), -EPIPE);
}

TEST_F(KernelPair, NoticesAMisusedDescriptor) {
  Meet();
  const int fd = accepted.get();
  accepted = FileDescriptor();
  EXPECT_TRUE(server.violations().empty());
  Read(fd);
  server.Close(fd);
  EXPECT_EQ(server.violations().size(), 2u);
  EXPECT_EQ(server.open(), 1u);  // the listener
}

// A mend: a second connect hears EALREADY, and the attempt was given up.
TEST_F(KernelPair, ConnectThatASignalInterruptsGoesOn) {
  listener = std::move(of_server.Listen(std::string(kAddress), false, true)->socket);
  SimNetwork signals(2);
  signals.faults().SetRate(Fault::kInterrupted, 10'000);
  SimKernel kernel(signals, 1, 100);
  TcpTransport transport(kernel, {});
  EXPECT_TRUE(transport.Dial(std::string(kAddress)).ok());
}

// A mend: the end stood behind part of a record; no further edge tells of it, so it was never seen.
TEST_F(KernelPair, TlsSeesTheEndBehindPartOfARecord) {
  Meet();
  client.Send(dialled.get(), "\x16\x03\x01\x02\x00", 5);
  client.ShutdownWrite(dialled.get());
  Settle();
  const auto transport =
      *TlsTransport::ForClients(of_server, TlsGround::Of().b, /*verify_clients=*/false);
  const auto stream = *transport->Accept(std::move(accepted));
  std::array<char, 100> space;
  StreamResult result = stream->Read(space);
  EXPECT_EQ(result.state, StreamState::kMore);
  result = stream->Read(space);
  EXPECT_EQ(result.state, StreamState::kFailed);
}

}  // namespace
}  // namespace quorate::io
