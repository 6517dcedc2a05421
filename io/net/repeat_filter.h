// SPDX-License-Identifier: Apache-2.0
// Lets a log line pass once in a while: what a stranger can cause at will must not fill a disk.
#pragma once

#include <map>
#include <string>

#include "engine/base/time.h"

namespace quorate::io {

class RepeatFilter {
 public:
  // True where `text` did not pass within the last minute. Above kTextsMax different texts in a
  // minute nothing new passes.
  bool Passes(const std::string& text, Instant now) {
    std::erase_if(passed_, [&](const auto& entry) { return now - entry.second > kSilence; });
    if (passed_.size() >= kTextsMax) return false;
    return passed_.emplace(text, now).second;
  }

 private:
  static constexpr Duration kSilence = 60s;
  static constexpr size_t kTextsMax = 64;
  std::map<std::string, Instant> passed_;
};

}  // namespace quorate::io
