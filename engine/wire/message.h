// SPDX-License-Identifier: Apache-2.0
// Everything that crosses a link between nodes, or between the shards of one, as values that own
// their bytes. Anything here may arrive late, twice, out of order or never; the receiver trusts no
// field.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/ids.h"
#include "engine/topology/consistency.h"

namespace quorate::wire {

// Chosen by the requester and given back in the reply. The top 16 bits are the requesting shard;
// nobody but its own node looks into it.
struct RequestId {
  uint64_t value = 0;
  friend auto operator<=>(const RequestId&, const RequestId&) = default;
};

// What became of a request at the node that received it.
enum class Outcome : uint8_t {
  kDone = 0,
  kWrongEpoch,     // the receiver serves other epochs; the reply names its own
  kNotOwner,       // the receiver holds no replica of the key
  kNotExecuted,    // provably not executed: loading, stopping, overloaded, expired on arrival
  kFailed,         // executed or not, the level was not reached; the tape says so to the client
  kStorageFailed,  // the receiver's disk refused
  kOtherLife,      // the receiver has restarted since: an earlier life may have executed it
};

// Asks a replica to execute a client's command on one key and to answer once its level is reached.
struct Execute {
  RequestId id;
  PoolId pool;
  Epoch epoch;
  Place place;
  HybridTime expires;  // executed after this it is refused: nobody waits any more
  topology::Consistency read = topology::Consistency::kLocalQuorum;
  topology::Consistency write = topology::Consistency::kLocalQuorum;
  std::vector<Bytes> args;
  // The life of the receiver that is asked: a later one does not know whether it has been executed,
  // unless it was issued since. 0: the sender knows of none, and nobody executes it.
  Incarnation executor;
  HybridTime issued;
  friend bool operator==(const Execute&, const Execute&) = default;
};
struct ExecuteReply {
  RequestId id;
  Outcome outcome = Outcome::kDone;
  Epoch epoch;  // the receiver's current one
  Bytes tape;   // commands::ReplyTape
  friend bool operator==(const ExecuteReply&, const ExecuteReply&) = default;
};

// Asks for a replica's state of a key.
struct Read {
  RequestId id;
  PoolId pool;
  Epoch epoch;
  Place place;
  Bytes key;
  bool want_state = false;  // else the digest alone
  friend bool operator==(const Read&, const Read&) = default;
};
struct ReadReply {
  RequestId id;
  Outcome outcome = Outcome::kDone;
  Epoch epoch;
  uint64_t digest = 0;  // 0: nothing is known of the key
  bool has_state = false;
  Bytes state;            // packed cells
  bool doubtful = false;  // the replica may have lost what it had acknowledged
  friend bool operator==(const ReadReply&, const ReadReply&) = default;
};

// Gives a replica cells to merge.
struct Mutate {
  RequestId id;
  PoolId pool;
  Epoch epoch;
  Place place;
  Bytes key;
  Bytes cells;
  friend bool operator==(const Mutate&, const Mutate&) = default;
};
struct MutateReply {
  RequestId id;
  Outcome outcome = Outcome::kDone;
  Epoch epoch;
  Version highest;  // what the replica now holds where the cells were written
  friend bool operator==(const MutateReply&, const MutateReply&) = default;
};

// A command about all keys (SCAN, DBSIZE, KEYS, FLUSHALL, RANDOMKEY), for the partitions of one
// shard.
struct Keyspace {
  RequestId id;
  PoolId pool;
  Epoch epoch;
  Place from;
  std::vector<Bytes> args;
  friend bool operator==(const Keyspace&, const Keyspace&) = default;
};
struct KeyspaceReply {
  RequestId id;
  Outcome outcome = Outcome::kDone;
  Epoch epoch;
  bool more = false;  // `next` continues
  Place next;
  uint64_t count = 0;  // keys met
  Bytes tape;          // the keys that were asked for, as bulks
  friend bool operator==(const KeyspaceReply&, const KeyspaceReply&) = default;
};

// Is anybody there? Sent to a peer that was not heard from, before it is asked for anything.
struct Ping {
  RequestId id;
  friend bool operator==(const Ping&, const Ping&) = default;
};
struct Pong {
  RequestId id;
  friend bool operator==(const Pong&, const Pong&) = default;
};

// A step of the topology's sequence: prepare, switch, done.
struct EpochNotice {
  Epoch number;
  uint64_t digest = 0;
  uint64_t parent_digest = 0;
  uint8_t state = 0;
  Bytes topology;  // canonical bytes; empty where only the number is announced
  friend bool operator==(const EpochNotice&, const EpochNotice&) = default;
};

// From shard to sibling shards of one node: settings that a client changed.
struct Settings {
  std::vector<std::pair<Bytes, Bytes>> values;
  friend bool operator==(const Settings&, const Settings&) = default;
};

using Body = std::variant<Execute, ExecuteReply, Read, ReadReply, Mutate, MutateReply, Keyspace,
                          KeyspaceReply, Ping, Pong, EpochNotice, Settings>;

// What the sender says of itself, once per frame on a link.
struct Sender {
  NodeId node;
  Incarnation incarnation;
  WallTime wall;
  friend bool operator==(const Sender&, const Sender&) = default;
};

struct Message {
  Sender sender;
  // The incarnation of the requester that a reply answers, or that a request comes from: a reply to
  // an earlier life is dropped.
  Incarnation requester;
  uint64_t trace = 0;  // names the client request that caused this; 0: none
  Body body;
  friend bool operator==(const Message&, const Message&) = default;
};

inline constexpr size_t kBodies = std::variant_size_v<Body>;

// Of the alternative of Body. Requires: index < kBodies.
[[nodiscard]] std::string_view NameOfBody(size_t index);
[[nodiscard]] inline std::string_view NameOf(const Body& body) { return NameOfBody(body.index()); }

}  // namespace quorate::wire
