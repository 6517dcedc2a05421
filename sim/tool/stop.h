// SPDX-License-Identifier: Apache-2.0
// Where something that is debugged is to be stopped. Some places are of worlds alone.
#pragma once

#include <cstdint>
#include <string>

namespace quorate::sim {

struct Stop {
  enum class At : uint8_t { kPosition, kTime, kNodeDown, kNodeUp, kKey, kOperation, kClient, kEnd };
  At at = At::kEnd;
  uint64_t number = 0;  // of the position, the node, the operation or the client; microseconds
  std::string key;
};

}  // namespace quorate::sim
