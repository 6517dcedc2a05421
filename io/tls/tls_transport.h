// SPDX-License-Identifier: Apache-2.0
// The transport that protects: TLS 1.3 over another transport. Reload swaps keys and trust for the
// connections that are made afterwards.
#pragma once

#include <memory>
#include <string>

#include "io/net/transport.h"
#include "io/reactor/mutex.h"
#include "io/tls/identity.h"
#include "io/tls/openssl_handles.h"
#include "io/tls/tls_material.h"

namespace quorate::io {

class TlsTransport final : public Transport {
 public:
  // Mutual TLS between the nodes of a cluster. `below` is lent.
  static absl::StatusOr<std::unique_ptr<TlsTransport>> ForPeers(Transport& below,
                                                                const TlsMaterial& material,
                                                                const NodeIdentity& self);
  // For client listeners; it dials nobody.
  static absl::StatusOr<std::unique_ptr<TlsTransport>> ForClients(Transport& below,
                                                                  const TlsMaterial& material,
                                                                  bool verify_clients);

  // An error changes nothing.
  absl::Status Reload(const TlsMaterial& material);

  absl::StatusOr<Listening> Listen(const std::string& address, bool share_port,
                                   bool first) override {
    return below_.Listen(address, share_port, first);
  }
  absl::StatusOr<FileDescriptor> Dial(const std::string& address) override {
    return below_.Dial(address);
  }
  absl::StatusOr<std::unique_ptr<ByteStream>> Accept(FileDescriptor socket) override;
  absl::StatusOr<std::unique_ptr<ByteStream>> Connect(FileDescriptor socket,
                                                      NodeId expected) override;

 private:
  TlsTransport(Transport& below, bool peers, bool verify_clients, NodeIdentity self)
      : below_(below), peers_(peers), verify_clients_(verify_clients), self_(std::move(self)) {}
  [[nodiscard]] SslContextHandle Context() const;

  Transport& below_;
  const bool peers_;
  const bool verify_clients_;
  const NodeIdentity self_;
  mutable Mutex mutex_;
  SslContextHandle context_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorate::io
