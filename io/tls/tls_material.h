// SPDX-License-Identifier: Apache-2.0
// What TLS needs, as PEM text in memory: whoever brings other key storage than files fills this in.
#pragma once

#include <string>

#include "engine/base/status.h"

namespace quorate::io {

struct TlsMaterial {
  std::string certificate;  // the node's, followed by intermediate ones
  std::string key;          // its private key; never logged
  std::string authority;    // whom to trust; may hold several
};

struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string authority;
};

// Reads the files. Errors name the file, never its content.
absl::StatusOr<TlsMaterial> LoadTlsMaterial(const TlsFiles& files);

}  // namespace quorate::io
