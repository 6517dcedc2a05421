// SPDX-License-Identifier: Apache-2.0
// Strong types for everything that is a number but not a quantity.
#pragma once

#include <compare>
#include <cstdint>

#include "engine/base/time.h"

namespace quorate {

// Identifies one data directory, for ever: 64 random bits made with it. A wiped disk is a new node.
struct NodeId {
  uint64_t value = 0;
  friend auto operator<=>(const NodeId&, const NodeId&) = default;
};

// Counts the starts of a node; it rises durably before anything is stamped.
struct Incarnation {
  uint32_t value = 0;
  friend auto operator<=>(const Incarnation&, const Incarnation&) = default;
};

// The index of a single-threaded shard in its node. Peers never interpret it.
struct ShardIndex {
  uint16_t value = 0;
  friend auto operator<=>(const ShardIndex&, const ShardIndex&) = default;
};

// Who stamps versions and owns counter slots: one shard of one start of one node.
struct WriterId {
  NodeId node;
  Incarnation incarnation;
  ShardIndex shard;
  friend auto operator<=>(const WriterId&, const WriterId&) = default;
};

// The version of a cell. No version is ever issued twice: the writer never stamps the same time
// again.
struct Version {
  HybridTime time;
  WriterId writer;
  friend auto operator<=>(const Version&, const Version&) = default;
  [[nodiscard]] bool empty() const { return time == HybridTime(); }
};

// A position on the ring, as wide as the pool's key hash, scaled to the top of 64 bits.
struct Token {
  uint64_t value = 0;
  friend auto operator<=>(const Token&, const Token&) = default;
};

// Where a key lives: the token in the upper bits, filled below by a 64-bit hash of the key. Keys
// are ordered by (place, key).
struct Place {
  uint64_t value = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct PoolId {
  uint16_t value = 0;
  friend auto operator<=>(const PoolId&, const PoolId&) = default;
};

// An equal slice of a pool's places; the unit that shards own and messages address.
struct PartitionId {
  uint16_t value = 0;
  friend auto operator<=>(const PartitionId&, const PartitionId&) = default;
};

// A topology's number in its sequence.
struct Epoch {
  uint64_t value = 0;
  friend auto operator<=>(const Epoch&, const Epoch&) = default;
};

// A client connection, unique in its shard for the shard's life.
struct ClientId {
  uint64_t value = 0;
  friend auto operator<=>(const ClientId&, const ClientId&) = default;
};

}  // namespace quorate
