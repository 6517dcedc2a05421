// SPDX-License-Identifier: Apache-2.0
// Where the engine says what happens to it. Nothing it does depends on what an observer returns.
#pragma once

#include <cstdint>
#include <string_view>

namespace quorate::env {

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };

class Observer {
 public:
  virtual ~Observer() = default;
  // `text` holds no secrets and no client data.
  virtual void Log(LogLevel level, std::string_view text) = 0;
};

}  // namespace quorate::env
