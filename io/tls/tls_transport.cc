// SPDX-License-Identifier: Apache-2.0
#include "io/tls/tls_transport.h"

#include "io/tls/tls_context.h"
#include "io/tls/tls_stream.h"

namespace quorate::io {

absl::StatusOr<std::unique_ptr<TlsTransport>> TlsTransport::ForPeers(Transport& below,
                                                                     const TlsMaterial& material,
                                                                     const NodeIdentity& self) {
  std::unique_ptr<TlsTransport> transport(
      new TlsTransport(below, /*peers=*/true, /*verify_clients=*/true, self));
  QUORATE_RETURN_IF_ERROR(transport->Reload(material));
  return transport;
}

absl::StatusOr<std::unique_ptr<TlsTransport>> TlsTransport::ForClients(Transport& below,
                                                                       const TlsMaterial& material,
                                                                       bool verify_clients) {
  std::unique_ptr<TlsTransport> transport(
      new TlsTransport(below, /*peers=*/false, verify_clients, {}));
  QUORATE_RETURN_IF_ERROR(transport->Reload(material));
  return transport;
}

absl::Status TlsTransport::Reload(const TlsMaterial& material) {
  QUORATE_ASSIGN_OR_RETURN(SslContextHandle context,
                           peers_ ? MakePeerContext(material, self_)
                                  : MakeClientListenerContext(material, verify_clients_));
  MutexLock lock(mutex_);
  context_.swap(context);
  return absl::OkStatus();
}

// OpenSSL counts references itself, so that the old one lives as long as its connections.
SslContextHandle TlsTransport::Context() const {
  MutexLock lock(mutex_);
  SSL_CTX_up_ref(context_.get());
  return SslContextHandle(context_.get());
}

absl::StatusOr<std::unique_ptr<ByteStream>> TlsTransport::Accept(FileDescriptor socket) {
  QUORATE_ASSIGN_OR_RETURN(auto below, below_.Accept(std::move(socket)));
  TlsExpectation expectation;
  expectation.node = peers_;
  expectation.cluster = self_.cluster;
  return TlsStream::Create(Context().get(), TlsStream::Role::kServer, std::move(below),
                           std::move(expectation));
}

absl::StatusOr<std::unique_ptr<ByteStream>> TlsTransport::Connect(FileDescriptor socket,
                                                                  NodeId expected) {
  if (!peers_) return FailedPrecondition("a transport for client listeners dials nobody");
  QUORATE_ASSIGN_OR_RETURN(auto below, below_.Connect(std::move(socket), expected));
  TlsExpectation expectation;
  expectation.node = true;
  expectation.cluster = self_.cluster;
  expectation.exactly = expected;
  return TlsStream::Create(Context().get(), TlsStream::Role::kClient, std::move(below),
                           std::move(expectation));
}

}  // namespace quorate::io
