// SPDX-License-Identifier: Apache-2.0
// What one tick of a shard brings about, collected by the machines and carried out at its end: one
// atomic batch of rows, messages that may leave at once, and everything that must wait until what
// it tells of is durable.
#pragma once

#include <utility>
#include <vector>

#include "engine/base/time.h"
#include "engine/commands/client.h"
#include "engine/dynamo/coordinator.h"
#include "engine/env/network.h"
#include "engine/env/storage.h"
#include "engine/wire/message.h"

namespace quorate::node {

struct Outgoing {
  env::Target target;
  wire::Message message;
};

// What follows a commit.
struct AfterCommit {
  std::vector<Outgoing> messages;
  std::vector<std::pair<PoolId, dynamo::LocallyDurable>> durable;
  std::vector<ClientId> clients;  // may be released
  [[nodiscard]] bool empty() const {
    return messages.empty() && durable.empty() && clients.empty();
  }
};

class Tick {
 public:
  Clocks clocks;
  env::WriteBatch batch;
  env::Durability durability = env::Durability::kNone;  // the strongest that the batch needs
  std::vector<Outgoing> messages;                       // leave at the end of the tick
  AfterCommit after;

  // The batch for rows of a pool; null where the pool stores none.
  env::WriteBatch* BatchFor(env::Durability pool) {
    if (pool == env::Durability::kNone) return nullptr;
    if (pool < durability) durability = pool;
    return &batch;
  }
};

}  // namespace quorate::node
