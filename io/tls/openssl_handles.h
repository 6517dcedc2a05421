// SPDX-License-Identifier: Apache-2.0
// OpenSSL's objects with owners.
#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace quorate::io {

template <auto Free>
struct OpensslDelete {
  template <typename Object>
  void operator()(Object* object) const {
    Free(object);
  }
};
using SslContextHandle = std::unique_ptr<SSL_CTX, OpensslDelete<SSL_CTX_free>>;
using SslHandle = std::unique_ptr<SSL, OpensslDelete<SSL_free>>;
using BioHandle = std::unique_ptr<BIO, OpensslDelete<BIO_free>>;
using BioMethodHandle = std::unique_ptr<BIO_METHOD, OpensslDelete<BIO_meth_free>>;
using CertificateHandle = std::unique_ptr<X509, OpensslDelete<X509_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, OpensslDelete<EVP_PKEY_free>>;
using NamesHandle = std::unique_ptr<GENERAL_NAMES, OpensslDelete<GENERAL_NAMES_free>>;

// The last reason in this thread's queue of errors, which is emptied.
[[nodiscard]] std::string TakeOpensslError();

}  // namespace quorate::io
