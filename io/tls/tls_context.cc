// SPDX-License-Identifier: Apache-2.0
#include "io/tls/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>

#include "engine/base/check.h"
#include "io/tls/limits.h"

namespace quorate::io {
namespace {

BioHandle ReaderOf(const std::string& pem) {
  BioHandle bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  QUORATE_CHECK(bio != nullptr);
  return bio;
}

// Without it OpenSSL would ask for a passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) { return 0; }

absl::Status UseCertificate(SSL_CTX* context, const std::string& pem) {
  const BioHandle bio = ReaderOf(pem);
  const CertificateHandle certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
  if (certificate == nullptr) {
    return InvalidArgument("the certificate cannot be read: " + TakeOpensslError());
  }
  if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
    return InvalidArgument("the certificate has expired");
  }
  if (X509_cmp_current_time(X509_get0_notBefore(certificate.get())) > 0) {
    return InvalidArgument("the certificate is not valid yet");
  }
  if (SSL_CTX_use_certificate(context, certificate.get()) != 1) {
    return InvalidArgument("the certificate is unusable: " + TakeOpensslError());
  }
  while (true) {
    CertificateHandle next(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
    if (next == nullptr) break;
    if (SSL_CTX_add0_chain_cert(context, next.get()) != 1) {
      return InvalidArgument("the certificate chain is unusable: " + TakeOpensslError());
    }
    static_cast<void>(next.release());  // the context owns it now
  }
  ERR_clear_error();  // the end of the file counts as one
  return absl::OkStatus();
}

absl::Status UseKey(SSL_CTX* context, const std::string& pem) {
  const BioHandle bio = ReaderOf(pem);
  const KeyHandle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr)
    return InvalidArgument("the private key cannot be read: " + TakeOpensslError());
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return InvalidArgument("the private key does not belong to the certificate: " +
                           TakeOpensslError());
  }
  return absl::OkStatus();
}

absl::Status TrustAuthority(SSL_CTX* context, const std::string& pem) {
  const BioHandle bio = ReaderOf(pem);
  X509_STORE* const store = SSL_CTX_get_cert_store(context);
  int count = 0;
  while (true) {
    const CertificateHandle authority(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
    if (authority == nullptr) break;
    if (X509_STORE_add_cert(store, authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context, authority.get()) != 1) {
      return InvalidArgument("the authority's certificate is unusable: " + TakeOpensslError());
    }
    ++count;
  }
  ERR_clear_error();
  if (count == 0) return InvalidArgument("the authority's certificate cannot be read");
  return absl::OkStatus();
}

SslContextHandle NewContext() {
  SslContextHandle context(SSL_CTX_new(TLS_method()));
  QUORATE_CHECK(context != nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  // What travels here delimits itself, so an end without close_notify cuts off nothing that counts.
  SSL_CTX_set_options(context.get(), SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_read_ahead(context.get(), 1);  // header and body of a record with one read
  SSL_CTX_set_verify_depth(context.get(), kChainDepthMax);
  return context;
}

absl::StatusOr<SslContextHandle> ContextWithKeys(const TlsMaterial& material) {
  ERR_clear_error();
  SslContextHandle context = NewContext();
  QUORATE_RETURN_IF_ERROR(UseCertificate(context.get(), material.certificate));
  QUORATE_RETURN_IF_ERROR(UseKey(context.get(), material.key));
  return context;
}

}  // namespace

std::string TakeOpensslError() {
  const unsigned long error = ERR_peek_last_error();
  const char* const reason = ERR_reason_error_string(error);
  std::string text = reason != nullptr ? reason : "unknown error";
  ERR_clear_error();
  return text;
}

absl::StatusOr<SslContextHandle> MakePeerContext(const TlsMaterial& material,
                                                 const NodeIdentity& self) {
  QUORATE_ASSIGN_OR_RETURN(SslContextHandle context, ContextWithKeys(material));
  QUORATE_RETURN_IF_ERROR(TrustAuthority(context.get(), material.authority));
  const auto identity = IdentityOf(SSL_CTX_get0_certificate(context.get()));
  if (!identity.ok()) return InvalidArgument("the certificate " + MessageOf(identity.status()));
  if (*identity != self) {
    return InvalidArgument(Format("the certificate is that of %s, this node is %s",
                                  IdentityUri(*identity), IdentityUri(self)));
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

absl::StatusOr<SslContextHandle> MakeClientListenerContext(const TlsMaterial& material,
                                                           bool verify_clients) {
  QUORATE_ASSIGN_OR_RETURN(SslContextHandle context, ContextWithKeys(material));
  if (verify_clients) {
    QUORATE_RETURN_IF_ERROR(TrustAuthority(context.get(), material.authority));
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

absl::StatusOr<SslContextHandle> MakeClientContext(const TlsMaterial& material) {
  ERR_clear_error();
  SslContextHandle context = NewContext();
  if (!material.certificate.empty()) {
    QUORATE_ASSIGN_OR_RETURN(context, ContextWithKeys(material));
  }
  QUORATE_RETURN_IF_ERROR(TrustAuthority(context.get(), material.authority));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

absl::StatusOr<NodeIdentity> IdentityOf(X509* certificate) {
  const NamesHandle names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::optional<NodeIdentity> found;
  const int count = names == nullptr ? 0 : sk_GENERAL_NAME_num(names.get());
  for (int i = 0; i < std::min(count, kCertificateNamesMax); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_URI) continue;
    const ASN1_IA5STRING* const uri = name->d.uniformResourceIdentifier;
    const std::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                                static_cast<size_t>(ASN1_STRING_length(uri)));
    if (!text.starts_with(kIdentityScheme)) continue;
    auto identity = ParseIdentityUri(text);
    if (!identity.ok())
      return FailedPrecondition("names a malformed " + std::string(kIdentityScheme));
    if (found) return FailedPrecondition("names several nodes");
    found = *std::move(identity);
  }
  if (!found) {
    return FailedPrecondition(Format("names no node (%scluster/node is missing)", kIdentityScheme));
  }
  return *std::move(found);
}

}  // namespace quorate::io
