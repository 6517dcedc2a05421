// SPDX-License-Identifier: Apache-2.0
#include "io/tls/tls_material.h"

#include <fstream>
#include <iterator>

#include "io/tls/limits.h"

namespace quorate::io {
namespace {

absl::StatusOr<std::string> ReadPem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return InvalidArgument(Format("%s: cannot be read", path));
  std::string text(kPemBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kPemBytesMax) return InvalidArgument(Format("%s: too long for PEM", path));
  if (text.find("-----BEGIN ") == std::string::npos) {
    return InvalidArgument(Format("%s: not a PEM file", path));
  }
  return text;
}

}  // namespace

absl::StatusOr<TlsMaterial> LoadTlsMaterial(const TlsFiles& files) {
  TlsMaterial material;
  QUORATE_ASSIGN_OR_RETURN(material.certificate, ReadPem(files.certificate));
  QUORATE_ASSIGN_OR_RETURN(material.key, ReadPem(files.key));
  if (!files.authority.empty()) {
    QUORATE_ASSIGN_OR_RETURN(material.authority, ReadPem(files.authority));
  }
  return material;
}

}  // namespace quorate::io
