// SPDX-License-Identifier: Apache-2.0
#include "io/net/peer_link.h"

#include <gtest/gtest.h>

#include "io/net/limits.h"
#include "tests/engine/wire/raw_frame.h"
#include "tests/io/net/link_pair.h"

namespace quorate::io {
namespace {

struct PeerLinks : ::testing::Test {
  LinuxKernel kernel;
  TcpTransport transport{kernel, {}};
};

TEST_F(PeerLinks, CarryTheMessagesOfATickInOneFrame) {
  LinkPair pair(transport, transport);
  for (int i = 0; i < 5; ++i) pair.Send(100);
  ASSERT_TRUE(pair.TickUntil([&] { return pair.messages() == 5; }));
  ASSERT_EQ(pair.frames.size(), 1u);
  EXPECT_EQ(pair.frames[0].header.sender.node, kNodeA);
  for (uint64_t i = 0; i < 5; ++i) {
    const auto& body = std::get<wire::Mutate>(pair.frames[0].envelopes[i].message.body);
    EXPECT_EQ(body.id.value, i + 1);
    EXPECT_EQ(pair.frames[0].envelopes[i].message.sender.node, kNodeA);
  }
  EXPECT_EQ(pair.sender.frames_out, 1u);
  EXPECT_EQ(pair.receiver.messages_in, 5u);
}

TEST_F(PeerLinks, CutLargeTicksIntoFramesAndKeepTheOrder) {
  LinkPair pair(transport, transport);
  pair.Send(kFrameBytesAim * 2);  // alone it may exceed the limit of the queue
  ASSERT_TRUE(pair.TickUntil([&] { return pair.messages() == 1; }));
  for (int i = 0; i < 9; ++i) pair.Send(100'000);
  ASSERT_TRUE(pair.TickUntil([&] { return pair.messages() == 10; }));
  uint64_t expected = 0;
  for (const wire::Frame& frame : pair.frames) {
    for (const wire::Envelope& envelope : frame.envelopes) {
      EXPECT_EQ(std::get<wire::Mutate>(envelope.message.body).id.value, ++expected);
    }
  }
}

TEST_F(PeerLinks, DropAndCountWhatTheQueueCannotHold) {
  LinkPair pair(transport, transport);
  for (int i = 0; i < 20; ++i) pair.Send(100'000);
  EXPECT_GE(pair.sender.dropped, 9u);
  const size_t kept = 20 - pair.sender.dropped;
  ASSERT_TRUE(pair.TickUntil([&] { return pair.messages() == kept; }));
}

TEST_F(PeerLinks, DropWhileThePeerIsAwayAndConnectAgainLater) {
  LinkPair pair(transport, transport);
  const std::string address = pair.address;
  // A port where nobody listens.
  const auto closed = transport.Listen("127.0.0.1:0", false, true)->address;
  pair.addresses.Set(kNodeB, closed);
  pair.Send();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.sender.connect_failures > 0; }));
  EXPECT_EQ(pair.sender.dropped, 1u);
  pair.Send();
  EXPECT_EQ(pair.sender.dropped, 2u);
  EXPECT_TRUE(pair.log.Has("link to node")) << pair.log.text();
  pair.addresses.Set(kNodeB, address);
  ASSERT_TRUE(pair.TickUntil([&] {
    pair.Send();
    return pair.messages() > 0;
  }));
  EXPECT_FALSE(pair.log.Has("is up")) << pair.log.text();
  pair.now += kBackoffMax;
  pair.Send();
  pair.Tick();
  EXPECT_TRUE(pair.log.Has("is up")) << pair.log.text();
  // And the next end is told again.
  const std::string told = pair.log.text();
  pair.server.CloseAll();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.sender.disconnects == 1; }));
  EXPECT_NE(pair.log.text(), told);
}

TEST_F(PeerLinks, NoticeThatThePeerClosed) {
  LinkPair pair(transport, transport);
  pair.Send();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.messages() == 1; }));
  EXPECT_EQ(pair.sender.connected, 1u);
  pair.server.CloseAll();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.sender.disconnects == 1; }));
  EXPECT_EQ(pair.sender.connected, 0u);
}

TEST_F(PeerLinks, RefuseAForeignCluster) {
  LinkPair pair(transport, transport);
  pair.header.cluster = wire::ClusterTag("other");
  pair.Send();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.receiver.refused == 1; }));
  EXPECT_TRUE(pair.log.Has("another cluster")) << pair.log.text();
  EXPECT_EQ(pair.messages(), 0u);
  EXPECT_EQ(pair.server.size(), 0u);
}

TEST_F(PeerLinks, RefuseANodeThatIsNoMember) {
  LinkPair pair(transport, transport);
  pair.header.sender.node = NodeId{0xc};
  pair.Send();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.receiver.refused == 1; }));
  EXPECT_TRUE(pair.log.Has("is not in the topology")) << pair.log.text();
}

TEST_F(PeerLinks, RefuseACopyOfOneself) {
  LinkPair pair(transport, transport);
  pair.header.sender.node = kNodeB;
  pair.Send();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.receiver.refused == 1; }));
  EXPECT_TRUE(pair.log.Has("very node")) << pair.log.text();
}

TEST_F(PeerLinks, RefuseASenderThatChangesItsName) {
  LinkPair pair(transport, transport);
  pair.Send();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.messages() == 1; }));
  pair.header.sender.node = NodeId{0xc};
  pair.Send();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.receiver.refused == 1; }));
  EXPECT_EQ(pair.messages(), 1u);
}

TEST_F(PeerLinks, RefuseBytesThatAreNoFrame) {
  LinkPair pair(transport, transport);
  const FileDescriptor stranger = *transport.Dial(pair.address);
  ASSERT_GT(::send(stranger.get(), "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL), 0);
  ASSERT_TRUE(pair.TickUntil([&] { return pair.receiver.refused == 1; }));
  EXPECT_TRUE(pair.log.Has("wrong magic")) << pair.log.text();
}

TEST_F(PeerLinks, LeaveOutWhatALaterReleaseSaysAndGoOn) {
  LinkPair pair(transport, transport);
  const FileDescriptor later = *transport.Dial(pair.address);
  const Bytes frame = wire::FrameOf(pair.header, {{}, {.type = wire::kLater}, {}});
  for (uint64_t sent = 1; sent <= 2; ++sent) {
    ASSERT_GT(::send(later.get(), frame.data(), frame.size(), MSG_NOSIGNAL), 0);
    ASSERT_TRUE(pair.TickUntil([&] { return pair.receiver.messages_unknown == sent; }));
    EXPECT_EQ(pair.messages(), 2 * sent);
  }
  EXPECT_EQ(pair.receiver.refused, 0u);
  EXPECT_EQ(pair.log.text(),
            "node 000000000000000a is of a later release: what this one does not know is left "
            "out\n");
}

// TCP, on which the frames of node A are of the next schema version.
class NewerTransport final : public Transport {
 public:
  explicit NewerTransport(Transport& tcp) : tcp_(tcp) {}
  absl::StatusOr<Listening> Listen(const std::string& address, bool share, bool first) override {
    return tcp_.Listen(address, share, first);
  }
  absl::StatusOr<FileDescriptor> Dial(const std::string& address) override {
    return tcp_.Dial(address);
  }
  absl::StatusOr<std::unique_ptr<ByteStream>> Accept(FileDescriptor socket) override {
    return tcp_.Accept(std::move(socket));
  }
  absl::StatusOr<std::unique_ptr<ByteStream>> Connect(FileDescriptor socket,
                                                      NodeId expected) override {
    return std::make_unique<Stream>(*tcp_.Connect(std::move(socket), expected));
  }

 private:
  class Stream final : public ByteStream {
   public:
    explicit Stream(std::unique_ptr<ByteStream> plain) : plain_(std::move(plain)) {}
    StreamResult Read(std::span<char> space) override { return plain_->Read(space); }
    // Requires: one frame, which the kernel takes whole.
    StreamResult Write(std::string_view bytes) override {
      Bytes newer(bytes);
      if (!newer.empty()) newer[12] = static_cast<char>(wire::kSchemaVersion + 1);
      return plain_->Write(newer);
    }
    void Shutdown() override { plain_->Shutdown(); }
    [[nodiscard]] int fd() const override { return plain_->fd(); }
    [[nodiscard]] absl::Status error() const override { return plain_->error(); }
    [[nodiscard]] bool established() const override { return plain_->established(); }

   private:
    const std::unique_ptr<ByteStream> plain_;
  };
  Transport& tcp_;
};

TEST_F(PeerLinks, RefuseAReleaseThatCannotBeReadAndAreNotStormedByIt) {
  NewerTransport newer(transport);
  LinkPair pair(newer, transport);
  while (pair.now < Instant(100s + 55s)) {  // less than a minute of silence
    pair.Send();
    pair.Tick();
    pair.now += 48ms;
  }
  EXPECT_GT(pair.receiver.refused, 1u);
  EXPECT_LE(pair.sender.connects, 12 + 55s / (kBackoffMax / 2));
  EXPECT_EQ(pair.messages(), 0u);
  EXPECT_EQ(pair.log.text(),
            "link from 127.0.0.1 refused: peer frame: schema version 2, this release reads up to "
            "1\nlink to node 000000000000000b at " +
                pair.address + ": closed by the peer\n");
}

TEST_F(PeerLinks, SendAwayWhoSaysNothing) {
  LinkPair pair(transport, transport);
  const FileDescriptor stranger = *transport.Dial(pair.address);
  ASSERT_TRUE(pair.TickUntil([&] { return pair.server.size() == 1; }));
  pair.now += kFirstFrameTimeout + 1s;
  pair.server.Sweep();
  pair.Tick();
  EXPECT_EQ(pair.server.size(), 0u);
}

}  // namespace
}  // namespace quorate::io
