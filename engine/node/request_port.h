// SPDX-License-Identifier: Apache-2.0
// What a client protocol needs of a shard. A session parses bytes into views and hands over one
// request after another; the views stay valid until the shard's EndTick returns. Requests are
// executed in the order in which they were handed over, in EndTick, so a pipeline of all
// connections is one batch.
#pragma once

#include <string_view>

#include "engine/commands/client.h"

namespace quorate::node {

// Sees every reply once it is whole, and when replies may leave, in the order in which that comes;
// for recordings.
class ReplyTap {
 public:
  virtual ~ReplyTap() = default;
  // `reply` as the protocol writes it, whether the client wants to hear it or not.
  virtual void Replied(ClientId client, commands::RequestSlot slot, std::string_view reply) = 0;
  // What the client is owed up to this barrier may leave.
  virtual void Released(ClientId client, uint64_t barrier) = 0;
};

class RequestPort {
 public:
  virtual ~RequestPort() = default;

  // Between Attach and Detach the client may hand over requests. After Detach the shard holds no
  // reference to it; replies still owed are dropped.
  virtual void Attach(commands::Client& client) = 0;
  virtual void Detach(commands::Client& client) = 0;

  // A request is its arguments, at least one, then EndRequest, which returns the slot of its reply.
  virtual void AddArgument(std::string_view argument) = 0;
  virtual commands::RequestSlot EndRequest(commands::Client& client) = 0;

  // What the pool allows: the longest bulk string (proto-max-bulk-len) in bytes.
  [[nodiscard]] virtual size_t bulk_bytes_max() const = 0;
  // True where the client must authenticate before anything else.
  [[nodiscard]] virtual bool RequiresAuth(const commands::Client& client) const = 0;
  // Where sessions show their replies; null: nowhere.
  [[nodiscard]] virtual ReplyTap* tap() { return nullptr; }
};

}  // namespace quorate::node
