// SPDX-License-Identifier: Apache-2.0
#include "io/tls/tls_stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>

#include "io/net/plain_stream.h"
#include "io/tls/tls_context.h"
#include "io/tls/tls_transport.h"
#include "tests/io/net/link_pair.h"
#include "tests/io/reactor/fake_kernel.h"
#include "tests/io/tls/test_authority.h"

namespace quorate::io {
namespace {

const NodeIdentity kA{"test", kNodeA};
const NodeIdentity kB{"test", kNodeB};

// Both ends of one connection over a socket pair.
struct Ends {
  Ends(SSL_CTX* client_context, SSL_CTX* server_context, TlsExpectation of_client,
       TlsExpectation of_server) {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    client = *TlsStream::Create(
        client_context, TlsStream::Role::kClient,
        std::make_unique<PlainStream>(kernel, FileDescriptor(pair[0]), true), of_client);
    server = *TlsStream::Create(
        server_context, TlsStream::Role::kServer,
        std::make_unique<PlainStream>(kernel, FileDescriptor(pair[1]), false), of_server);
  }
  // Lets both ends talk until nothing changes.
  void Settle() {
    char space[64];
    for (int i = 0; i < 20; ++i) {
      client_state = client->Write({}).state;
      server_state = server->Read(space).state;
      if (client->established()) client_state = client->Read(space).state;
    }
  }

  LinuxKernel kernel;
  std::unique_ptr<ByteStream> client;
  std::unique_ptr<ByteStream> server;
  StreamState client_state = StreamState::kMore;
  StreamState server_state = StreamState::kMore;
};

TlsExpectation Node(std::optional<NodeId> exactly = std::nullopt) {
  return {.node = true, .cluster = "test", .exactly = exactly, .host = {}};
}

struct TlsStreams : ::testing::Test {
  TestAuthority authority;
  SslContextHandle a = *MakePeerContext(authority.Issue(kA), kA);
  SslContextHandle b = *MakePeerContext(authority.Issue(kB), kB);

  // What B says when A shows `material`.
  std::string RefusalOf(const TlsMaterial& material) {
    SslContextHandle context(SSL_CTX_new(TLS_method()));
    const BioHandle certificate(BIO_new_mem_buf(material.certificate.data(),
                                                static_cast<int>(material.certificate.size())));
    const BioHandle key(
        BIO_new_mem_buf(material.key.data(), static_cast<int>(material.key.size())));
    const CertificateHandle x509(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
    const KeyHandle pkey(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
    SSL_CTX_use_certificate(context.get(), x509.get());
    SSL_CTX_use_PrivateKey(context.get(), pkey.get());
    return RefusalOf(context.get());
  }
  std::string RefusalOf(SSL_CTX* context) {
    Ends ends(context, b.get(), {}, Node());
    ends.Settle();
    EXPECT_FALSE(ends.server->established());
    EXPECT_EQ(ends.server_state, StreamState::kFailed);
    return MessageOf(ends.server->error());
  }
};

TEST_F(TlsStreams, ProveBothEndsToEachOther) {
  Ends ends(a.get(), b.get(), Node(kNodeB), Node());
  EXPECT_FALSE(ends.client->established());
  ends.Settle();
  EXPECT_TRUE(ends.client->established()) << ends.client->error();
  EXPECT_TRUE(ends.server->established()) << ends.server->error();
  EXPECT_EQ(ends.client->peer_node(), kNodeB);
  EXPECT_EQ(ends.server->peer_node(), kNodeA);
}

TEST_F(TlsStreams, CarryManyBytesThroughAFullSocket) {
  Ends ends(a.get(), b.get(), Node(kNodeB), Node());
  ends.Settle();
  std::string sent(5'000'000, '\0');
  for (size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * 31 >> 3);
  std::string received;
  size_t written = 0;
  bool was_blocked = false;
  std::array<char, 20'000> space;
  for (int i = 0; i < 100'000 && received.size() < sent.size(); ++i) {
    const StreamResult result = ends.client->Write(std::string_view(sent).substr(written));
    written += result.bytes;
    was_blocked = was_blocked || result.state == StreamState::kBlocked;
    const StreamResult read = ends.server->Read(space);
    ASSERT_NE(read.state, StreamState::kFailed) << ends.server->error();
    received.append(space.data(), read.bytes);
  }
  EXPECT_TRUE(was_blocked);
  EXPECT_TRUE(received == sent);
  EXPECT_FALSE(ends.client->pending_output());
}

TEST_F(TlsStreams, EndOrderly) {
  Ends ends(a.get(), b.get(), Node(kNodeB), Node());
  ends.Settle();
  ASSERT_EQ(ends.client->Write("last").bytes, 4u);
  ends.client->Shutdown();
  std::array<char, 100> space;
  const StreamResult read = ends.server->Read(space);
  EXPECT_EQ(std::string_view(space.data(), read.bytes), "last");
  EXPECT_EQ(read.state, StreamState::kClosed);
}

TEST_F(TlsStreams, RefuseAPeerWithoutCertificate) {
  const SslContextHandle none(SSL_CTX_new(TLS_method()));
  EXPECT_NE(RefusalOf(none.get()).find("did not return a certificate"), std::string::npos);
}

TEST_F(TlsStreams, RefuseAnExpiredCertificate) {
  TestAuthority::Request request{"test", "a", "URI:" + IdentityUri(kA), -7200, -3600};
  EXPECT_NE(RefusalOf(authority.Issue(request)).find("expired"), std::string::npos);
}

TEST_F(TlsStreams, RefuseACertificateOfTheFuture) {
  TestAuthority::Request request{"test", "a", "URI:" + IdentityUri(kA), 3600, 7200};
  EXPECT_NE(RefusalOf(authority.Issue(request)).find("not yet valid"), std::string::npos);
}

TEST_F(TlsStreams, RefuseACertificateOfAForeignAuthority) {
  const TestAuthority foreign;
  const std::string refusal = RefusalOf(foreign.Issue(kA));
  EXPECT_NE(refusal.find("certificate of the other end is refused"), std::string::npos) << refusal;
}

TEST_F(TlsStreams, RefuseAnotherClustersCertificate) {
  const std::string refusal = RefusalOf(authority.Issue(NodeIdentity{"other", kNodeA}));
  EXPECT_NE(refusal.find("for cluster 'other'"), std::string::npos) << refusal;
}

TEST_F(TlsStreams, RefuseACertificateThatNamesNoNode) {
  const std::string refusal = RefusalOf(authority.Issue({"test", "a", "DNS:example.org"}));
  EXPECT_NE(refusal.find("names no node"), std::string::npos) << refusal;
  const std::string several = "URI:" + IdentityUri(kA) + ",URI:" + IdentityUri(kB);
  EXPECT_NE(RefusalOf(authority.Issue({"test", "a", several})).find("several"), std::string::npos);
}

TEST_F(TlsStreams, RefuseToSpeakToTheWrongNode) {
  Ends ends(a.get(), b.get(), Node(NodeId{0xc}), Node());
  ends.Settle();
  EXPECT_EQ(ends.client_state, StreamState::kFailed);
  EXPECT_NE(MessageOf(ends.client->error()).find("names node 000000000000000b"), std::string::npos);
}

TEST_F(TlsStreams, RefuseOlderProtocols) {
  const SslContextHandle old(SSL_CTX_new(TLS_method()));
  SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
  EXPECT_NE(RefusalOf(old.get()).find("TLS"), std::string::npos);
}

TEST_F(TlsStreams, FailOnBytesThatAreNoTls) {
  FakeKernel kernel;
  const int fd = FakeKernel::kFirstSocket;
  kernel.socket(fd).input = "*1\r\n$4\r\nPING\r\n";
  const auto server =
      *TlsStream::Create(b.get(), TlsStream::Role::kServer,
                         std::make_unique<PlainStream>(kernel, FileDescriptor(fd), false), Node());
  std::array<char, 100> space;
  EXPECT_EQ(server->Read(space).state, StreamState::kFailed);
  EXPECT_FALSE(server->error().ok());
}

TEST_F(TlsStreams, WriteOnceForManyRecords) {
  Ends ends(a.get(), b.get(), Node(kNodeB), Node());
  ends.Settle();
  // The same, counted: 60 KB are four records and one write.
  struct CountingKernel final : LinuxKernel {
    ptrdiff_t Send(int fd, const char* bytes, size_t size) override {
      ++sends;
      return LinuxKernel::Send(fd, bytes, size);
    }
    int sends = 0;
  } kernel;
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
  ends.client = *TlsStream::Create(
      a.get(), TlsStream::Role::kClient,
      std::make_unique<PlainStream>(kernel, FileDescriptor(pair[0]), false), Node(kNodeB));
  ends.server = *TlsStream::Create(
      b.get(), TlsStream::Role::kServer,
      std::make_unique<PlainStream>(kernel, FileDescriptor(pair[1]), false), Node());
  ends.Settle();
  kernel.sends = 0;
  EXPECT_EQ(ends.client->Write(std::string(60'000, 'x')).bytes, 60'000u);
  EXPECT_EQ(kernel.sends, 1);
}

TEST_F(TlsStreams, RefuseUnusableMaterialWithAReason) {
  const auto reason = [&](const TlsMaterial& material) {
    return MessageOf(MakePeerContext(material, kA).status());
  };
  TlsMaterial good = authority.Issue(kA);
  TlsMaterial wrong = good;
  wrong.key = authority.Issue(kA).key;
  EXPECT_NE(reason(wrong).find("does not belong"), std::string::npos);
  wrong = good;
  wrong.certificate = "no pem";
  EXPECT_NE(reason(wrong).find("certificate cannot be read"), std::string::npos);
  wrong = good;
  wrong.authority.clear();
  EXPECT_NE(reason(wrong).find("authority"), std::string::npos);
  EXPECT_NE(reason(authority.Issue(kB)).find("this node is"), std::string::npos);
  EXPECT_NE(reason(authority.Issue({"test", "a", "URI:" + IdentityUri(kA), -100, -50}))
                .find("has expired"),
            std::string::npos);
}

TEST(TlsLinks, CarryFramesBetweenNodesThatKnowEachOther) {
  LinuxKernel kernel;
  const TestAuthority authority;
  TcpTransport tcp(kernel, {});
  const auto a = *TlsTransport::ForPeers(tcp, authority.Issue(kA), kA);
  const auto b = *TlsTransport::ForPeers(tcp, authority.Issue(kB), kB);
  LinkPair pair(*a, *b);
  pair.Send(100);
  ASSERT_TRUE(pair.TickUntil([&] { return pair.messages() == 1; })) << pair.log.text();
  for (int i = 0; i < 5; ++i) pair.Send(100'000);
  ASSERT_TRUE(pair.TickUntil([&] { return pair.messages() == 6; })) << pair.log.text();
}

TEST(TlsLinks, RefuseASenderThatClaimsAnotherName) {
  LinuxKernel kernel;
  const TestAuthority authority;
  TcpTransport tcp(kernel, {});
  const NodeIdentity c{"test", NodeId{0xc}};
  const auto from = *TlsTransport::ForPeers(tcp, authority.Issue(c), c);
  const auto to = *TlsTransport::ForPeers(tcp, authority.Issue(kB), kB);
  LinkPair pair(*from, *to);  // its frames say that they come from A
  pair.Send();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.receiver.refused > 0; }));
  EXPECT_TRUE(pair.log.Has("its certificate names 000000000000000c")) << pair.log.text();
  EXPECT_EQ(pair.messages(), 0u);
}

TEST(TlsLinks, RefuseAPlainPeer) {
  LinuxKernel kernel;
  const TestAuthority authority;
  TcpTransport tcp(kernel, {});
  const auto b = *TlsTransport::ForPeers(tcp, authority.Issue(kB), kB);
  LinkPair pair(tcp, *b);
  pair.Send();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.receiver.refused > 0; }));
  EXPECT_EQ(pair.messages(), 0u);
}

TEST(TlsLinks, UseReloadedCertificatesForNewConnections) {
  LinuxKernel kernel;
  const TestAuthority old_authority;
  const TestAuthority new_authority;
  TcpTransport tcp(kernel, {});
  const auto a = *TlsTransport::ForPeers(tcp, new_authority.Issue(kA), kA);
  const auto b = *TlsTransport::ForPeers(tcp, old_authority.Issue(kB), kB);
  LinkPair pair(*a, *b);
  pair.Send();
  ASSERT_TRUE(pair.TickUntil([&] { return pair.sender.connect_failures > 0; }));
  EXPECT_FALSE(b->Reload(new_authority.Issue(kA)).ok()) << "a certificate of another node";
  ASSERT_TRUE(b->Reload(new_authority.Issue(kB)).ok());
  ASSERT_TRUE(pair.TickUntil([&] {
    pair.Send();
    return pair.messages() > 0;
  })) << pair.log.text();
}

}  // namespace
}  // namespace quorate::io
