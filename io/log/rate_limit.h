// SPDX-License-Identifier: Apache-2.0
// Keeps one kind of message from drowning the others and filling the disk. The kind of a message is
// its source and its text with all digits taken out, cut short, so that "node 12 is down" and "node
// 34 is down" count together.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace quorate::io {

class RateLimit {
 public:
  struct Verdict {
    bool write = true;
    uint64_t dropped = 0;  // of this kind in the period that ended: worth a line of its own
  };
  // Counts one message of the kind at `now`.
  Verdict Count(std::string_view source, std::string_view text, Instant now);

  // Kinds that were dropped in periods that ended by `now` and have not been reported, as one sum;
  // they are forgotten.
  uint64_t TakeStale(Instant now);

 private:
  struct Kind {
    Instant period_began{};
    uint64_t written = 0;
    uint64_t dropped = 0;
  };
  std::map<std::string, Kind, std::less<>> kinds_;
};

}  // namespace quorate::io
