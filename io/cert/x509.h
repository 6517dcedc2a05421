// SPDX-License-Identifier: Apache-2.0
// Keys and certificates as values, over OpenSSL 3.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/status.h"

namespace quorate::io {

struct OpenSslFree {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using PrivateKey = std::unique_ptr<EVP_PKEY, OpenSslFree>;
using Certificate = std::unique_ptr<X509, OpenSslFree>;

struct CertificateFields {
  std::string common_name;
  std::string organization;
  std::string alternative_names;  // in OpenSSL's form: "URI:...,DNS:..."; empty for an authority
  long not_before_seconds = 0;    // from now
  long not_after_seconds = 0;
  bool authority = false;
};

// Internal where OpenSSL fails.
[[nodiscard]] absl::StatusOr<PrivateKey> MakeKey();
// A certificate for `key`, signed with `issuer_key`; `issuer` is null for one that signs itself.
[[nodiscard]] absl::StatusOr<Certificate> MakeCertificate(const CertificateFields& fields,
                                                          EVP_PKEY* key, const X509* issuer,
                                                          EVP_PKEY* issuer_key);

[[nodiscard]] absl::StatusOr<std::string> ToPem(EVP_PKEY* key);
[[nodiscard]] absl::StatusOr<std::string> ToPem(const X509* certificate);
// DataLoss for bytes that are not the PEM of one. A key with a pass phrase is not read.
[[nodiscard]] absl::StatusOr<PrivateKey> KeyFromPem(std::string_view pem);
[[nodiscard]] absl::StatusOr<Certificate> CertificateFromPem(std::string_view pem);

[[nodiscard]] std::string CommonNameOf(const X509* certificate);

}  // namespace quorate::io
