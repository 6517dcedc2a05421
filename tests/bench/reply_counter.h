// SPDX-License-Identifier: Apache-2.0
// Counts the replies in a stream of RESP bytes: one-line replies, bulk strings and nulls, which is
// all that the requests of this load have. The body of a bulk string is skipped, not read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace quorate::bench {

class ReplyCounter {
 public:
  // How many replies end within `bytes`. Error replies are added to `errors`; the text of the first
  // one is kept.
  uint64_t Take(std::string_view bytes, uint64_t& errors, std::string& first_error) {
    uint64_t replies = 0;
    while (!bytes.empty()) {
      if (skip_ > 0) {
        const size_t n = std::min(skip_, bytes.size());
        bytes.remove_prefix(n);
        skip_ -= n;
        if (skip_ == 0) ++replies;
        continue;
      }
      const void* end = std::memchr(bytes.data(), '\n', bytes.size());
      if (end == nullptr) {
        line_ += bytes;
        break;
      }
      const auto length = static_cast<size_t>(static_cast<const char*>(end) - bytes.data()) + 1;
      std::string_view line = bytes.substr(0, length);
      if (!line_.empty()) line = line_ += line;
      if (!StartsBody(line)) ++replies;
      if (line.front() == '-' && ++errors == 1) first_error = line.substr(0, line.size() - 2);
      line_.clear();
      bytes.remove_prefix(length);
    }
    return replies;
  }

 private:
  // True where a bulk string follows the line.
  bool StartsBody(std::string_view line) {
    if (line.front() != '$' || line[1] == '-') return false;
    size_t length = 0;
    for (size_t i = 1; i < line.size() && line[i] >= '0' && line[i] <= '9'; ++i) {
      length = length * 10 + static_cast<size_t>(line[i] - '0');
    }
    skip_ = length + 2;
    return true;
  }

  std::string line_;  // the beginning of a line whose end has not come
  size_t skip_ = 0;   // bytes of a bulk string and its line end still to come
};

}  // namespace quorate::bench
