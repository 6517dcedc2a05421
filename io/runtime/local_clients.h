// SPDX-License-Identifier: Apache-2.0
// Clients without a socket: commands that the process itself gives to a shard. Per pool they share
// one session of the very protocol that connections use, so they are ordered, gated and answered
// alike.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "adapters/resp/session.h"
#include "engine/base/ids.h"
#include "engine/node/request_port.h"

namespace quorate::io {

class LocalClients {
 public:
  using CallResult = absl::StatusOr<resp::Reply>;
  using Callback = std::function<void(CallResult)>;
  using FindPort = std::function<node::RequestPort&(PoolId)>;

  // Ids are first_id, first_id + id_step, ...
  LocalClients(FindPort find_port, uint64_t first_id, uint64_t id_step);
  // Whoever still waits is told that the outcome is unknown.
  ~LocalClients();
  LocalClients(const LocalClients&) = delete;
  LocalClients& operator=(const LocalClients&) = delete;

  // Within the tick. `now` is of the tick.
  void Call(PoolId pool, const std::vector<std::string>& arguments, Callback done, Instant now);
  // After the shard's EndTick. Callbacks are called from here.
  void AfterTick();
  [[nodiscard]] bool busy() const;

 private:
  class Local;
  FindPort find_port_;
  uint64_t next_id_;
  const uint64_t id_step_;
  std::map<PoolId, std::unique_ptr<Local>> locals_;
};

}  // namespace quorate::io
