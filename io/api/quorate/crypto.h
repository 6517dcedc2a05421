// SPDX-License-Identifier: Apache-2.0
// The fourth hook: where keys and certificates come from.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "quorate/result.h"

namespace quorate {

// PEM text. Never logged.
struct Credentials {
  std::string certificate;  // the node's, followed by intermediate ones
  std::string key;
  std::string authority;  // whom to trust; may hold several
};

class CryptoProvider {
 public:
  virtual ~CryptoProvider() = default;
  // Calls `done` once, in the call or later, on any thread: at the start, and for each reload.
  virtual void Load(std::function<void(Result<Credentials>)> done) = 0;
};

// The default: three PEM files, read anew each time.
[[nodiscard]] std::unique_ptr<CryptoProvider> MakeFileCrypto(std::string certificate_file,
                                                             std::string key_file,
                                                             std::string authority_file);

}  // namespace quorate
