// SPDX-License-Identifier: Apache-2.0
// What an operator allows clients; the defaults are Redis's where Redis has them.
#pragma once

#include <cstddef>

#include "engine/base/time.h"

namespace quorate::io {

struct ClientLimits {
  size_t clients_max = 10'000;                // of the node, all pools and shards together
  Duration idle_timeout{0};                   // 0: never
  Duration keep_alive = 300s;                 // TCP keep-alive; 0: none
  size_t output_bytes_max = size_t{1} << 30;  // a client that owes more is closed; 0: no limit
};

}  // namespace quorate::io
