// SPDX-License-Identifier: Apache-2.0
// Everything that goes into a recorded shard, and all that comes out of it, as it is told to those
// who watch while the shard is executed again. Watching changes nothing.
//
// In the order in which it happens. What comes between two ticks (clients that come, go and ask)
// belongs to the tick that ends next. References are valid during the call only.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/commands/client.h"
#include "engine/env/network.h"
#include "engine/env/observer.h"
#include "engine/env/storage.h"
#include "engine/wire/message.h"

namespace quorate::sim {

class ReplayObserver {
 public:
  virtual ~ReplayObserver() = default;

  // `tick` counts from the start of the shard's life.
  virtual void TickBegan(uint64_t /*tick*/, const Clocks& /*clocks*/) {}
  virtual void TickEnded(uint64_t /*tick*/, uint32_t /*rung*/, uint32_t /*recorded*/) {}

  // What goes in.
  virtual void Started() {}
  virtual void Stopped() {}
  virtual void Came(const wire::Message& /*message*/) {}
  virtual void Committed(env::CommitToken /*token*/, absl::StatusCode /*code*/) {}
  virtual void Scanned(const env::ScanDone& /*scan*/) {}
  virtual void Attached(PoolId /*pool*/, ClientId /*client*/) {}
  virtual void Detached(PoolId /*pool*/, ClientId /*client*/) {}
  virtual void Asked(PoolId /*pool*/, ClientId /*client*/, commands::RequestSlot /*slot*/,
                     const std::vector<std::string_view>& /*args*/) {}

  // What comes out.
  virtual void Sent(const env::Target& /*target*/, const wire::Message& /*message*/) {}
  virtual void CommitBegan(const env::WriteBatch& /*batch*/, env::CommitToken /*token*/) {}
  virtual void ScanBegan(env::ReadToken /*token*/) {}
  virtual void Replied(PoolId /*pool*/, ClientId /*client*/, commands::RequestSlot /*slot*/,
                       std::string_view /*reply*/) {}
  virtual void Logged(env::LogLevel /*level*/, std::string_view /*text*/) {}
};

}  // namespace quorate::sim
