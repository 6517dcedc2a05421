// SPDX-License-Identifier: Apache-2.0
// What waits for a shard's next tick, in the order in which it came.
#pragma once

#include <cstdint>
#include <variant>

#include "engine/base/codec.h"
#include "engine/env/storage.h"

namespace quorate::sim {

struct MessageInput {
  uint32_t slot = 0;
};
enum class ClientInputKind : uint8_t { kOpen, kBytes, kClose };
struct ClientInput {
  uint64_t connection = 0;
  ClientInputKind kind = ClientInputKind::kOpen;
  Bytes bytes;
};
using TickInput = std::variant<MessageInput, env::StorageEvent, ClientInput>;

}  // namespace quorate::sim
