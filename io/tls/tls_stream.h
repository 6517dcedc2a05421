// SPDX-License-Identifier: Apache-2.0
// TLS over another stream. Whatever the caller does first drives the handshake; no byte of the
// conversation passes before the other end is verified. What one Write produces leaves with one
// write below, however many records it is.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "io/net/byte_stream.h"
#include "io/tls/identity.h"
#include "io/tls/openssl_handles.h"

namespace quorate::io {

// Who must be at the other end.
struct TlsExpectation {
  bool node = false;  // a node of `cluster` (mutual TLS between nodes)
  std::string cluster;
  std::optional<NodeId> exactly;  // this node
  std::string host;  // or a server with this name; empty: any that the authority vouches for
};

class TlsStream final : public ByteStream {
 public:
  enum class Role : uint8_t { kClient, kServer };

  static absl::StatusOr<std::unique_ptr<ByteStream>> Create(SSL_CTX* context, Role role,
                                                            std::unique_ptr<ByteStream> below,
                                                            TlsExpectation expectation);

  StreamResult Read(std::span<char> space) override;
  StreamResult Write(std::string_view bytes) override;
  [[nodiscard]] bool pending_output() const override {
    return pending_written_ < pending_.size() || below_->pending_output();
  }
  void Shutdown() override;
  [[nodiscard]] int fd() const override { return below_->fd(); }
  [[nodiscard]] absl::Status error() const override { return status_; }
  [[nodiscard]] bool established() const override { return established_ && status_.ok(); }
  [[nodiscard]] std::optional<NodeId> peer_node() const override { return peer_node_; }

 private:
  friend struct TlsBio;
  TlsStream(SslHandle ssl, std::unique_ptr<ByteStream> below, TlsExpectation expectation);

  StreamState Handshake();
  absl::Status CheckPeer();
  StreamState Flush();
  [[nodiscard]] StreamState AskAgain(StreamState state) const;
  StreamState StateOf(int result);
  StreamState Fail(absl::Status status);

  SslHandle ssl_;
  std::unique_ptr<ByteStream> below_;
  const TlsExpectation expectation_;
  absl::Status status_;
  bool established_ = false;
  bool drained_ = false;  // the last read below took all there was
  bool took_ = false;     // this call read something below
  bool end_due_ = false;  // Shutdown waits for the output to leave
  bool below_closed_ = false;
  std::optional<NodeId> peer_node_;
  std::string pending_;  // encrypted, to be written below
  size_t pending_written_ = 0;
};

}  // namespace quorate::io
