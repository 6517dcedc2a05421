// SPDX-License-Identifier: Apache-2.0
#include "io/net/address.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <thread>

#include "io/net/peer_addresses.h"
#include "io/net/tcp_transport.h"

namespace quorate::io {
namespace {

TEST(Address, ReadsHostsAndPorts) {
  EXPECT_EQ(ParseHostPort("127.0.0.1:7379")->host, "127.0.0.1");
  EXPECT_EQ(ParseHostPort("[::1]:80")->host, "::1");
  EXPECT_EQ(ParseHostPort("[::1]:80")->port, 80);
  EXPECT_EQ(ParseHostPort("*:80")->host, "");
  EXPECT_EQ(ParseHostPort("name.example:0")->port, 0);
  for (const char* wrong :
       {"", "host", "host:", "host:x", "host:70000", "::1:80", "[::1:80", ":-1"}) {
    EXPECT_FALSE(ParseHostPort(wrong).ok()) << wrong;
  }
}

TEST(Address, ShowsWhatItRead) {
  EXPECT_EQ(AddressText(*ParseSocketAddress("127.0.0.1:7379")), "127.0.0.1:7379");
  EXPECT_EQ(AddressText(*ParseSocketAddress("[::1]:7379")), "[::1]:7379");
  EXPECT_EQ(AddressText(*ParseSocketAddress("unix:/tmp/x")), "/tmp/x:0");
  EXPECT_FALSE(ParseSocketAddress("unix:").ok());
  EXPECT_FALSE(ParseSocketAddress("unix:" + std::string(200, 'x')).ok());
}

TEST(Address, KnowsNamesFromNumbers) {
  EXPECT_TRUE(IsNumericAddress("127.0.0.1:1"));
  EXPECT_TRUE(IsNumericAddress("[::1]:1"));
  EXPECT_TRUE(IsNumericAddress("unix:/x"));
  EXPECT_FALSE(IsNumericAddress("localhost:1"));
}

TEST(PeerAddresses, ResolvesNamesAside) {
  PeerAddresses addresses;
  const NodeId peer{1};
  EXPECT_EQ(addresses.Find(peer), std::nullopt);
  addresses.Set(peer, "127.0.0.1:7000");
  EXPECT_EQ(addresses.Find(peer), "127.0.0.1:7000");
  addresses.Set(peer, "localhost:7001");
  std::optional<std::string> found;
  for (int i = 0; i < 500 && !found; ++i) {
    found = addresses.Find(peer);
    std::this_thread::sleep_for(10ms);
  }
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(IsNumericAddress(*found)) << *found;
  EXPECT_TRUE(found->ends_with(":7001")) << *found;
  addresses.Forget(peer);
  EXPECT_EQ(addresses.Find(peer), std::nullopt);
  EXPECT_EQ(addresses.TextOf(peer), "localhost:7001");
}

TEST(TcpTransport, SharesAPortBetweenShardsButNotWithStrangers) {
  LinuxKernel kernel;
  TcpTransport transport(kernel, {});
  auto first = transport.Listen("127.0.0.1:0", true, true);
  ASSERT_TRUE(first.ok()) << MessageOf(first.status());
  const auto second = transport.Listen(first->address, true, false);
  EXPECT_TRUE(second.ok()) << MessageOf(second.status());
  const auto stranger = transport.Listen(first->address, true, true);
  EXPECT_EQ(stranger.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(stranger.status()).find("in use"), std::string::npos);
}

TEST(TcpTransport, ReplacesASocketFileThatNobodyListensOn) {
  LinuxKernel kernel;
  TcpTransport transport(kernel, {});
  const std::string address = Format("unix:/tmp/quorate-stale-%d", ::getpid());
  auto first = transport.Listen(address, false, true);
  ASSERT_TRUE(first.ok());
  EXPECT_FALSE(transport.Listen(address, false, true).ok());
  first->socket = FileDescriptor();
  EXPECT_TRUE(transport.Listen(address, false, true).ok());
  ::unlink(address.substr(5).c_str());
}

}  // namespace
}  // namespace quorate::io
