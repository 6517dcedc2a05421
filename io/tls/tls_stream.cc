// SPDX-License-Identifier: Apache-2.0
#include "io/tls/tls_stream.h"

#include <openssl/err.h>

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "io/net/limits.h"
#include "io/tls/limits.h"
#include "io/tls/tls_context.h"

namespace quorate::io {

// OpenSSL's way to the stream below.
struct TlsBio {
  static TlsStream& StreamOf(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int Read(BIO* bio, char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    TlsStream& stream = StreamOf(bio);
    if (stream.below_closed_) return 0;
    if (!stream.drained_) {
      const StreamResult result = stream.below_->Read({bytes, static_cast<size_t>(size)});
      stream.drained_ = result.state == StreamState::kBlocked;
      stream.below_closed_ = result.state == StreamState::kClosed;
      if (result.bytes > 0) {
        stream.took_ = true;
        return static_cast<int>(result.bytes);
      }
      if (result.state == StreamState::kClosed) return 0;
      if (result.state == StreamState::kFailed) return -1;
    }
    BIO_set_retry_read(bio);
    return -1;
  }

  static int Write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    StreamOf(bio).pending_.append(bytes, static_cast<size_t>(size));
    return size;
  }

  static long Control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return StreamOf(bio).below_closed_ ? 1 : 0;
    return 0;
  }

  static const BIO_METHOD* Method() {
    static const BioMethodHandle method = [] {
      BioMethodHandle made(
          BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "quorate stream"));
      QUORATE_CHECK(made != nullptr);
      BIO_meth_set_read(made.get(), Read);
      BIO_meth_set_write(made.get(), Write);
      BIO_meth_set_ctrl(made.get(), Control);
      return made;
    }();
    return method.get();
  }
};

absl::StatusOr<std::unique_ptr<ByteStream>> TlsStream::Create(SSL_CTX* context, Role role,
                                                              std::unique_ptr<ByteStream> below,
                                                              TlsExpectation expectation) {
  ERR_clear_error();
  SslHandle ssl(SSL_new(context));
  if (ssl == nullptr) return Internal("TLS: " + TakeOpensslError());
  if (role == Role::kServer) {
    SSL_set_accept_state(ssl.get());
  } else {
    SSL_set_connect_state(ssl.get());
    if (!expectation.host.empty()) {
      SSL_set1_host(ssl.get(), expectation.host.c_str());
      // What the macro SSL_set_tlsext_host_name does, without its C cast.
      SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               expectation.host.data());
    }
  }
  return std::unique_ptr<ByteStream>(
      new TlsStream(std::move(ssl), std::move(below), std::move(expectation)));
}

TlsStream::TlsStream(SslHandle ssl, std::unique_ptr<ByteStream> below, TlsExpectation expectation)
    : ssl_(std::move(ssl)), below_(std::move(below)), expectation_(std::move(expectation)) {
  BIO* const bio = BIO_new(TlsBio::Method());
  QUORATE_CHECK(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);  // takes the one reference for both directions
}

StreamState TlsStream::Fail(absl::Status status) {
  if (status_.ok()) status_ = std::move(status);
  // An alert may wait, which tells the other end why.
  if (pending_written_ < pending_.size()) {
    static_cast<void>(below_->Write(std::string_view(pending_).substr(pending_written_)));
    pending_.clear();
    pending_written_ = 0;
  }
  return StreamState::kFailed;
}

// What a call of OpenSSL that did not succeed means.
StreamState TlsStream::StateOf(int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return StreamState::kBlocked;
  if (error == SSL_ERROR_ZERO_RETURN) {
    return established_ ? StreamState::kClosed
                        : Fail(Unavailable("TLS: the connection ended within the handshake"));
  }
  if (!below_->error().ok()) return Fail(below_->error());
  if (error == SSL_ERROR_SYSCALL && ERR_peek_error() == 0) {
    return Fail(Unavailable("TLS: the connection ended"));
  }
  const long verdict = SSL_get_verify_result(ssl_.get());
  if (!established_ && verdict != X509_V_OK) {
    ERR_clear_error();
    return Fail(FailedPrecondition(Format("TLS: the certificate of the other end is refused: %s",
                                          X509_verify_cert_error_string(verdict))));
  }
  return Fail(FailedPrecondition("TLS: " + TakeOpensslError()));
}

StreamState TlsStream::Handshake() {
  if (!status_.ok()) return StreamState::kFailed;
  if (established_) return StreamState::kMore;
  // A connection that is not made yet refuses reads in its own way; a write of nothing asks first.
  if (!below_->established()) {
    const StreamResult connected = below_->Write({});
    if (connected.state == StreamState::kFailed) return Fail(below_->error());
    if (connected.state == StreamState::kBlocked) return StreamState::kBlocked;
  }
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) {
    const StreamState state = StateOf(result);
    if (state == StreamState::kFailed) return state;
    const StreamState flushed = Flush();
    return flushed == StreamState::kMore ? state : flushed;
  }
  if (absl::Status status = CheckPeer(); !status.ok()) return Fail(std::move(status));
  established_ = true;
  const StreamState flushed = Flush();
  return flushed == StreamState::kFailed ? flushed : StreamState::kMore;
}

absl::Status TlsStream::CheckPeer() {
  if (!expectation_.node) return absl::OkStatus();
  X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr) return FailedPrecondition("TLS: the other end shows no certificate");
  const auto identity = IdentityOf(certificate);
  if (!identity.ok()) {
    return FailedPrecondition("TLS: the certificate of the other end " +
                              MessageOf(identity.status()));
  }
  if (identity->cluster != expectation_.cluster) {
    return FailedPrecondition(Format("TLS: the certificate is for cluster '%s', this is '%s'",
                                     identity->cluster, expectation_.cluster));
  }
  if (expectation_.exactly && *expectation_.exactly != identity->node) {
    return FailedPrecondition(Format("TLS: the certificate names node %s, expected was %s",
                                     NodeHex(identity->node), NodeHex(*expectation_.exactly)));
  }
  peer_node_ = identity->node;
  return absl::OkStatus();
}

StreamState TlsStream::Flush() {
  while (pending_written_ < pending_.size() || below_->pending_output()) {
    const StreamResult result = below_->Write(std::string_view(pending_).substr(pending_written_));
    pending_written_ += result.bytes;
    if (result.state == StreamState::kFailed) return Fail(below_->error());
    if (result.state != StreamState::kMore) return StreamState::kBlocked;
  }
  pending_.clear();
  pending_written_ = 0;
  if (pending_.capacity() > kBufferBytesKept) std::string().swap(pending_);
  // Not before the last record has left whole.
  if (std::exchange(end_due_, false)) below_->Shutdown();
  return StreamState::kMore;
}

// Part of a record came, and nothing to hand on. The end of the connection may already stand behind
// it, for which no further edge comes: only another read tells.
StreamState TlsStream::AskAgain(StreamState state) const {
  return state == StreamState::kBlocked && took_ ? StreamState::kMore : state;
}

StreamResult TlsStream::Read(std::span<char> space) {
  drained_ = took_ = false;
  if (const StreamState state = Handshake(); state != StreamState::kMore) {
    return {0, AskAgain(state)};
  }
  size_t total = 0;
  StreamState state = StreamState::kMore;
  while (total < space.size() && state == StreamState::kMore) {
    size_t bytes = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_.get(), space.data() + total, space.size() - total, &bytes);
    total += bytes;
    if (result != 1) state = StateOf(result);
  }
  // The handshake's last flight, or the answer to a key update.
  if (state != StreamState::kFailed && Flush() == StreamState::kFailed) {
    state = StreamState::kFailed;
  }
  return {total, total == 0 ? AskAgain(state) : state};
}

StreamResult TlsStream::Write(std::string_view bytes) {
  if (!established_) drained_ = false;
  if (const StreamState state = Handshake(); state != StreamState::kMore) return {0, state};
  size_t total = 0;
  while (true) {
    while (total < bytes.size() && pending_.size() - pending_written_ < kTlsPendingBytesMax) {
      size_t written = 0;
      ERR_clear_error();
      const int result =
          SSL_write_ex(ssl_.get(), bytes.data() + total, bytes.size() - total, &written);
      total += written;
      if (result != 1) {
        const StreamState state = StateOf(result);
        if (state == StreamState::kFailed) return {total, state};
        break;
      }
    }
    const StreamState flushed = Flush();
    if (flushed != StreamState::kMore) return {total, flushed};
    if (total == bytes.size()) return {total, StreamState::kMore};
  }
}

void TlsStream::Shutdown() {
  if (established()) {
    ERR_clear_error();
    static_cast<void>(SSL_shutdown(ssl_.get()));
    end_due_ = true;
    static_cast<void>(Flush());
    ERR_clear_error();
    return;
  }
  below_->Shutdown();
}

}  // namespace quorate::io
