// SPDX-License-Identifier: Apache-2.0
// One client connection as the engine sees it: what it said about itself, and where its replies go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/ids.h"
#include "engine/base/time.h"
#include "engine/commands/reply.h"
#include "engine/topology/consistency.h"

namespace quorate::commands {

struct Command;

// What the connection's own commands set (HELLO, AUTH, CLIENT, CONSISTENCY). RESET restores the
// default.
struct ClientState {
  uint8_t protocol = 2;  // RESP version of replies
  bool authenticated = false;
  bool close_after_reply = false;
  bool reply_off = false;   // CLIENT REPLY OFF
  bool reply_skip = false;  // CLIENT REPLY SKIP: the next reply is dropped
  std::string user = "default";
  std::string name;
  std::string library_name;
  std::string library_version;
  topology::ConsistencyOverride consistency;  // empty: the pool's levels
};

// Numbers the requests of one connection, from 0; replies leave in this order.
struct RequestSlot {
  uint64_t value = 0;
  friend auto operator<=>(const RequestSlot&, const RequestSlot&) = default;
};

// Bytes that are held for a connection.
struct ClientBuffers {
  size_t input = 0;  // received and not executed yet, with what executes now
  size_t input_free = 0;
  size_t output = 0;  // not sent yet
};

// Implemented by the session of a client protocol, which lives as long as the shard knows the
// client.
class Client {
 public:
  virtual ~Client() = default;

  // The sink for the reply to request `slot`. The whole reply is written before the next call of
  // any method here; then Complete(slot) follows. Slots may complete in any order; the session puts
  // the replies in request order.
  virtual ReplySink& Reply(RequestSlot slot) = 0;
  virtual void Complete(RequestSlot slot) = 0;

  // Replies wait for the durability of what they saw. At the end of each tick in which the client
  // completed a slot the shard calls Gate(barrier): the replies completed so far may leave once
  // Release was called with that barrier or a higher one. Barriers rise.
  virtual void Gate(uint64_t barrier) = 0;
  virtual void Release(uint64_t barrier) = 0;

  // The connection ends now; replies still owed are dropped.
  virtual void Close() = 0;

  [[nodiscard]] virtual ClientBuffers buffers() const = 0;

  ClientState state;
  ClientId id;
  std::string address;  // "host:port" of the peer, for CLIENT LIST
  std::string local_address;
  Instant connected_at{};
  // Kept by the shard, so that a request needs no look-up of its client.
  uint64_t requests = 0;       // handed over so far
  Bytes reply_error;           // the first word of an error in the reply being written, by the sink
  bool has_completed = false;  // a slot in this tick
  Instant active_at{};
  const Command* last_command = nullptr;
};

}  // namespace quorate::commands
