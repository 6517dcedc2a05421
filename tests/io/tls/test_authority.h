// SPDX-License-Identifier: Apache-2.0
// Certificates for tests, made in memory: an authority, and whatever it is asked to sign, right or
// wrong.
#pragma once

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string>
#include <utility>

#include "io/tls/identity.h"
#include "io/tls/openssl_handles.h"
#include "io/tls/tls_material.h"

namespace quorate::io {

class TestAuthority {
 public:
  explicit TestAuthority(std::string kind = "EC") : kind_(std::move(kind)), key_(MakeKey()) {
    certificate_ = Make("Test authority", "test", key_.get(), {}, 0, 3600, nullptr);
  }

  struct Request {
    std::string organisation = "test";
    std::string name = "node";
    std::string uri;    // subjectAltName
    long begins = -60;  // seconds from now
    long ends = 3600;
  };

  [[nodiscard]] TlsMaterial Issue(const Request& request) const {
    const KeyHandle key = MakeKey();
    const CertificateHandle certificate = Make(request.name, request.organisation, key.get(),
                                               request.uri, request.begins, request.ends, this);
    return {Pem(certificate.get()), Pem(key.get()), Pem(certificate_.get())};
  }
  [[nodiscard]] TlsMaterial Issue(const NodeIdentity& identity) const {
    return Issue({identity.cluster, NodeHex(identity.node), "URI:" + IdentityUri(identity)});
  }
  [[nodiscard]] std::string pem() const { return Pem(certificate_.get()); }

 private:
  [[nodiscard]] KeyHandle MakeKey() const {
    if (kind_ != "EC") return KeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, kind_.c_str()));
    const char* const curve = "P-256";
    return KeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
  }
  static std::string Drain(BIO* bio) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio, &bytes);
    return {bytes, static_cast<size_t>(size)};
  }
  static std::string Pem(X509* certificate) {
    const BioHandle bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate);
    return Drain(bio.get());
  }
  static std::string Pem(EVP_PKEY* key) {
    const BioHandle bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return Drain(bio.get());
  }
  static void AddName(X509_NAME* name, const char* field, const std::string& value) {
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1, 0);
  }
  static void AddExtension(X509* certificate, int nid, const std::string& value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }
  // Signed by `issuer`; by itself where that is null.
  static CertificateHandle Make(const std::string& name, const std::string& organisation,
                                EVP_PKEY* key, const std::string& alternative, long begins,
                                long ends, const TestAuthority* issuer) {
    CertificateHandle certificate(X509_new());
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), issuer == nullptr ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), begins);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), ends);
    X509_set_pubkey(certificate.get(), key);
    X509_NAME* const subject = X509_get_subject_name(certificate.get());
    AddName(subject, "O", organisation);
    AddName(subject, "CN", name);
    X509_set_issuer_name(
        certificate.get(),
        issuer == nullptr ? subject : X509_get_subject_name(issuer->certificate_.get()));
    AddExtension(certificate.get(), NID_basic_constraints,
                 issuer == nullptr ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!alternative.empty()) {
      AddExtension(certificate.get(), NID_subject_alt_name, alternative);
    }
    X509_sign(certificate.get(), issuer == nullptr ? key : issuer->key_.get(),
              EVP_PKEY_is_a(key, "EC") == 1 ? EVP_sha256() : nullptr);
    return certificate;
  }

  const std::string kind_;
  KeyHandle key_;
  CertificateHandle certificate_;
};

}  // namespace quorate::io
