// SPDX-License-Identifier: Apache-2.0
#include "io/cert/x509.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace quorate::io {
namespace {

constexpr int kSerialBits = 127;  // positive in 16 bytes

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
};

absl::Status Failed(std::string_view what) {
  // OpenSSL's own reasons are for developers of OpenSSL; they must not pile up for the next caller.
  ERR_clear_error();
  return Internal("OpenSSL could not " + std::string(what));
}

bool SetSerial(X509* certificate) {
  const std::unique_ptr<BIGNUM, Free> number(BN_new());
  return number != nullptr &&
         BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool AddName(X509* certificate, const char* field, const std::string& text) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  return X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), field, MBSTRING_UTF8, bytes,
                                    static_cast<int>(text.size()), -1, 0) == 1;
}

bool AddExtension(X509* certificate, X509V3_CTX* context, int nid, const std::string& value) {
  const std::unique_ptr<X509_EXTENSION, Free> extension(
      X509V3_EXT_conf_nid(nullptr, context, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool AddExtensions(X509* certificate, const X509* issuer, const CertificateFields& fields) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  // The context is only read, but its interface is not const.
  X509V3_set_ctx(&context, const_cast<X509*>(issuer), certificate, nullptr, nullptr, 0);
  const auto add = [&](int nid, const std::string& value) {
    return AddExtension(certificate, &context, nid, value);
  };
  if (!add(NID_subject_key_identifier, "hash")) return false;
  if (fields.authority) {
    return add(NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           add(NID_key_usage, "critical,keyCertSign,cRLSign");
  }
  return add(NID_authority_key_identifier, "keyid:always") &&
         add(NID_basic_constraints, "critical,CA:FALSE") &&
         add(NID_key_usage, "critical,digitalSignature") &&
         add(NID_ext_key_usage, "serverAuth,clientAuth") &&
         add(NID_subject_alt_name, fields.alternative_names);
}

absl::StatusOr<std::string> Drain(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  if (size <= 0) return Failed("write PEM");
  return std::string(data, static_cast<size_t>(size));
}

// Without a terminal: a pass phrase is never asked for.
int NoPassPhrase(char*, int, int, void*) { return -1; }

}  // namespace

absl::StatusOr<PrivateKey> MakeKey() {
  PrivateKey key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (key == nullptr) return Failed("make a key");
  return key;
}

absl::StatusOr<Certificate> MakeCertificate(const CertificateFields& fields, EVP_PKEY* key,
                                            const X509* issuer, EVP_PKEY* issuer_key) {
  Certificate made(X509_new());
  X509* certificate = made.get();
  if (certificate == nullptr || X509_set_version(certificate, X509_VERSION_3) != 1 ||
      !SetSerial(certificate) || !AddName(certificate, "O", fields.organization) ||
      !AddName(certificate, "CN", fields.common_name)) {
    return Failed("begin a certificate");
  }
  const X509* signer = issuer == nullptr ? certificate : issuer;
  if (X509_set_issuer_name(certificate, X509_get_subject_name(signer)) != 1 ||
      X509_gmtime_adj(X509_getm_notBefore(certificate), fields.not_before_seconds) == nullptr ||
      X509_gmtime_adj(X509_getm_notAfter(certificate), fields.not_after_seconds) == nullptr ||
      X509_set_pubkey(certificate, key) != 1 || !AddExtensions(certificate, signer, fields)) {
    return Failed("fill in a certificate");
  }
  if (X509_sign(certificate, issuer_key, EVP_sha256()) == 0) return Failed("sign a certificate");
  return made;
}

absl::StatusOr<std::string> ToPem(EVP_PKEY* key) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Failed("write a key");
  }
  return Drain(bio.get());
}

absl::StatusOr<std::string> ToPem(const X509* certificate) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return Failed("write a certificate");
  }
  return Drain(bio.get());
}

absl::StatusOr<PrivateKey> KeyFromPem(std::string_view pem) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassPhrase, nullptr));
  ERR_clear_error();
  if (key == nullptr) return DataLoss("no private key in PEM, without a pass phrase");
  return key;
}

absl::StatusOr<Certificate> CertificateFromPem(std::string_view pem) {
  const std::unique_ptr<BIO, Free> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  Certificate certificate(PEM_read_bio_X509(bio.get(), nullptr, NoPassPhrase, nullptr));
  ERR_clear_error();
  if (certificate == nullptr) return DataLoss("no certificate in PEM");
  return certificate;
}

std::string CommonNameOf(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return "";
  const ASN1_STRING* text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index));
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

}  // namespace quorate::io
