// SPDX-License-Identifier: Apache-2.0
#include "quorate/crypto.h"

#include "io/api/status_bridge.h"
#include "io/tls/tls_material.h"

namespace quorate {
namespace {

class FileCrypto final : public CryptoProvider {
 public:
  explicit FileCrypto(io::TlsFiles files) : files_(std::move(files)) {}

  void Load(std::function<void(Result<Credentials>)> done) override {
    auto material = io::LoadTlsMaterial(files_);
    if (!material.ok()) {
      done(api::ToPublic(material.status()));
      return;
    }
    done(Credentials{std::move(material->certificate), std::move(material->key),
                     std::move(material->authority)});
  }

 private:
  const io::TlsFiles files_;
};

}  // namespace

std::unique_ptr<CryptoProvider> MakeFileCrypto(std::string certificate_file, std::string key_file,
                                               std::string authority_file) {
  return std::make_unique<FileCrypto>(
      io::TlsFiles{std::move(certificate_file), std::move(key_file), std::move(authority_file)});
}

}  // namespace quorate
