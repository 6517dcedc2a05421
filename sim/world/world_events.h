// SPDX-License-Identifier: Apache-2.0
// Everything that happens in a world, as it is told to those who watch: the recorder of traces, the
// oracles, the tests. Watching changes nothing: no observer can reach into the world but through
// the read-only WorldView, and a run has the same events and the same hash whoever watches.
//
// Order of calls: RunBegan; then, in the order of event numbers, Happened for every event, and in
// the course of an event what else it brought about (operations, faults, phases); RunEnded.
// References are valid during the call only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "engine/base/codec.h"
#include "engine/base/ids.h"
#include "engine/env/observer.h"
#include "engine/env/storage.h"
#include "engine/node/shard.h"
#include "engine/topology/consistency.h"
#include "sim/core/sim_time.h"
#include "sim/fault/schedule.h"

namespace quorate::topology {
class Topology;
}
namespace quorate::wire {
struct Message;
}

namespace quorate::sim {

// The place of a node in its world, for the whole run; lives and data directories come and go.
struct NodeIndex {
  uint32_t value = 0;
  friend auto operator<=>(const NodeIndex&, const NodeIndex&) = default;
};
inline constexpr NodeIndex kNoNode{UINT32_MAX};

// The numbers are stored in traces.
enum class EventKind : uint8_t {
  kTick = 0,            // node/shard ran a tick
  kMessageArrived = 1,  // peer -> node/shard
  kMessageLost = 2,     // peer -> node: loss, a cut, or nobody there
  kCommitDone = 3,      // node/shard: a commit completed
  kScanDone = 4,        // node/shard
  kClientSends = 5,     // bytes of client `peer` reach node/shard
  kClientReceives = 6,  // bytes of node/shard reach client `peer`
  kClientWakes = 7,     // client `peer` thinks of its next request, times out or reconnects
  kConnectionOpened = 8,
  kConnectionClosed = 9,
  kNodeCrashed = 10,
  kNodeStarted = 11,
  kFaultBegan = 12,  // peer: index of the fault in the schedule
  kFaultEnded = 13,
  kPhaseBegan = 14,   // peer: the phase
  kNodeStopped = 15,  // after an orderly end
};
inline constexpr size_t kEventKinds = 16;
[[nodiscard]] std::string_view NameOf(EventKind kind);

struct WorldEvent {
  EventId id;
  EventId cause;  // the event in whose course this one was scheduled
  SimTime time;
  EventKind kind = EventKind::kTick;
  NodeIndex node = kNoNode;
  uint16_t shard = 0;
  uint32_t peer = kNoNode.value;  // a node or a client, as the kind says
  uint64_t argument = 0;          // a hash of what the event carries
};

// `kFaults`: the schedule is executed while clients work. `kHealed`: every
// fault has ended, everything was started again, clients finish what they began. `kSweep`: each key
// that was ever written is read at level ALL, once. `kRest`: what is under way comes to an end.
// `kPowerCut`, where it is asked for: all machines lose power at once, and start again. Where
// faults stay, all this is said of the core, the nodes that they have not got, the sweep reads at
// QUORUM, and the power stays.
enum class Phase : uint8_t { kFaults = 0, kHealed = 1, kSweep = 2, kRest = 3, kPowerCut = 4 };
[[nodiscard]] std::string_view NameOf(Phase phase);

// A pool of the world, as who judges it must know it.
struct PoolLook {
  PoolId id;  // its number among the pools
  std::string_view name;
  env::Durability durability = env::Durability::kAlways;
  bool evicts = false;            // one of one replica may then forget a key whenever it needs room
  Duration request_timeout = 2s;  // a node answers within it
};

// A client's request to its pool. The levels are those in force for it.
struct OperationInvoked {
  uint64_t operation = 0;  // from 1, in order of invocation
  uint32_t client = 0;
  NodeIndex node;
  SimTime time;
  EventId event;
  Phase phase = Phase::kFaults;
  const std::vector<Bytes>& command;
  topology::Consistency read = topology::Consistency::kLocalQuorum;
  topology::Consistency write = topology::Consistency::kLocalQuorum;
  PoolId pool{};
};

enum class OperationOutcome : uint8_t {
  kReply = 0,        // `reply` came; it may be an error
  kTimeout = 1,      // the client gave up: executed or not
  kDisconnected = 2  // the connection was lost first: executed or not
};
struct OperationCompleted {
  const OperationInvoked& invoked;
  SimTime time;
  EventId event;
  OperationOutcome outcome = OperationOutcome::kReply;
  const resp::Reply& reply;  // nil unless kReply
};
// For people: the reply, or why there is none.
[[nodiscard]] std::string AnswerOf(const OperationCompleted& operation);

struct FaultBegan {
  uint32_t index = 0;  // in the schedule
  const Fault& fault;
  uint32_t nodes = 0;  // of the world, for Words (sim/fault/words.h)
};
struct FaultEnded {
  uint32_t index = 0;
  const Fault& fault;
  uint64_t effects = 0;  // how often it changed something
};

// Of a node, once the world has healed: whether the core can still count on it.
enum class Absence : uint8_t {
  kNone,
  kDoubtful,  // a fault that stays has it, and lets through some of its answers
  kWhole,     // nothing that it is asked from now on will be answered
};

// What a look at a whole world gives.
class WorldView {
 public:
  virtual ~WorldView() = default;

  [[nodiscard]] virtual uint32_t nodes() const = 0;
  [[nodiscard]] virtual NodeId node_id(NodeIndex node) const = 0;
  // kNoNode where there is none.
  [[nodiscard]] virtual NodeIndex IndexOf(NodeId node) const = 0;
  [[nodiscard]] virtual uint16_t shards(NodeIndex node) const = 0;
  // Null while the node is down.
  [[nodiscard]] virtual const node::Shard* shard(NodeIndex node, uint16_t index) const = 0;
  // How often the node was started so far.
  [[nodiscard]] virtual uint32_t lives(NodeIndex node) const = 0;
  [[nodiscard]] virtual const topology::Topology& topology() const = 0;
  // By number; at least one. A key of one has nothing to do with a key of another of the same name.
  [[nodiscard]] virtual std::span<const PoolLook> pools() const = 0;
  [[nodiscard]] virtual uint64_t seed() const = 0;
  [[nodiscard]] virtual SimTime now() const = 0;
  [[nodiscard]] virtual Phase phase() const = 0;
  [[nodiscard]] virtual const FaultEffects& effects() const = 0;
  // The engine works with its own limits, and none of its fault points fires.
  [[nodiscard]] virtual bool as_in_production() const { return false; }
  // A fault keeps it from the core that is healed.
  [[nodiscard]] virtual bool frozen(NodeIndex /*node*/) const { return false; }
  // No fault keeps any node from the core.
  [[nodiscard]] bool IsWhole() const {
    for (uint32_t node = 0; node < nodes(); ++node) {
      if (frozen(NodeIndex{node})) return false;
    }
    return true;
  }
  [[nodiscard]] virtual Absence absence(NodeIndex /*node*/) const { return Absence::kNone; }
  // What is still under way: of the network, of the storages, of the clients.
  [[nodiscard]] virtual uint64_t messages_in_flight() const = 0;
  [[nodiscard]] virtual uint64_t commits_in_flight() const = 0;
  [[nodiscard]] virtual uint64_t operations_in_flight() const = 0;
};

// For people: where there are several pools what is said of one begins with its name. `world` may
// be null.
[[nodiscard]] std::string InPool(const WorldView* world, PoolId pool, std::string text);

class WorldObserver {
 public:
  virtual ~WorldObserver() = default;

  virtual void RunBegan(const WorldView& /*world*/) {}
  virtual void Happened(const WorldEvent& /*event*/) {}
  // What the event that just happened carried, of a message that arrived or was lost.
  virtual void Carried(EventId /*event*/, const wire::Message& /*message*/) {}
  virtual void Invoked(const OperationInvoked& /*operation*/) {}
  virtual void Completed(const OperationCompleted& /*operation*/) {}
  // The run is about to end before the client was told anything: executed or not.
  virtual void LeftOpen(const OperationInvoked& /*operation*/) {}
  virtual void Began(const FaultBegan& /*fault*/) {}
  virtual void Ended(const FaultEnded& /*fault*/) {}
  virtual void Crashed(NodeIndex /*node*/, SimTime /*time*/) {}
  // Nothing more is stored in this life, and what was not synced is lost.
  virtual void StorageFailed(NodeIndex /*node*/, SimTime /*time*/) {}
  // It will start with what was stored at `since`, and nothing of what came later.
  virtual void Forgot(NodeIndex /*node*/, SimTime /*since*/, SimTime /*time*/) {}
  // It ended orderly: all it held is stored.
  virtual void Stopped(NodeIndex /*node*/, SimTime /*time*/) {}
  virtual void Started(NodeIndex /*node*/, SimTime /*time*/) {}
  virtual void PhaseBegan(Phase /*phase*/, SimTime /*time*/) {}
  // A line of a node's log.
  virtual void Logged(NodeIndex /*node*/, SimTime /*time*/, env::LogLevel /*level*/,
                      std::string_view /*text*/) {}
  // The world is at rest: nothing is under way but what never ends. `hash` is the run's.
  virtual void RunEnded(const WorldView& /*world*/, uint64_t /*hash*/) {}
  // False once there is nothing more to learn: a failure was found, or a limit was reached. The run
  // then ends at once.
  [[nodiscard]] virtual bool wants_more() const { return true; }
};

}  // namespace quorate::sim
