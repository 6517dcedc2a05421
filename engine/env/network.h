// SPDX-License-Identifier: Apache-2.0
// The door to peers and to sibling shards. What is sent to peers may be lost, repeated, reordered
// or late; what is sent to a sibling, of the same life of the node, is not repeated.
#pragma once

#include <cstdint>

#include "engine/base/ids.h"

namespace quorate::wire {
struct Message;
}

namespace quorate::env {

// Whom inside a node a message is for. The receiving world picks the shard; peers never see shards.
enum class TargetKind : uint8_t {
  kNode,       // the node itself: shard 0
  kPartition,  // the shard that owns the partition `value` of pool `pool`
  kGroup,      // a raft group
  kRequester,  // the shard that made the request id `value`: its index is in the top 16 bits
};

struct Target {
  NodeId node;
  TargetKind kind = TargetKind::kNode;
  PoolId pool;
  uint64_t value = 0;
  friend bool operator==(const Target&, const Target&) = default;
};

class Network {
 public:
  virtual ~Network() = default;
  // Never blocks and never fails visibly. A message to a shard of the same node arrives in a later
  // tick, through the same door.
  virtual void Send(const Target& target, wire::Message message) = 0;
};

}  // namespace quorate::env
